// How the next word of an answer is chosen, for those who look under Advanced: a style, and numbers that go before it.
#pragma once

#include <QAbstractListModel>
#include <QJsonObject>
#include <QtQml/qqmlregistration.h>

namespace nibble::gui {

/// Roles: name, help, value (what the user wrote; empty: as the style and the model have it), usual (that, in a field's
/// shadow), problem. The numbers are `sampling` of protocol.h.
class SamplingSettings : public QAbstractListModel {
    Q_OBJECT
    QML_ANONYMOUS
    Q_PROPERTY(bool changed READ isChanged NOTIFY valuesChanged)

public:
    enum Role { NameRole = Qt::UserRole + 1, HelpRole, ValueRole, UsualRole, ProblemRole };

    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    int style() const { return m_style; }
    void setStyle(int style);
    /// `suggestedSampling` of the loaded model.
    void setSuggested(const QJsonObject& suggested);
    /// As a person writes a number; what is none, or out of range, stays there with its problem and is not used.
    Q_INVOKABLE void set(int row, const QString& text);
    Q_INVOKABLE void clear();
    bool isChanged() const { return !m_values.isEmpty(); }
    /// For the engine: the style, with the user's numbers in front of it.
    QJsonObject sampling() const;

    /// Of a chat, for its store, and back; nothing kept is the first style and no numbers.
    QString toText() const;
    void fromText(const QString& text);

signals:
    void valuesChanged(); // the style or a number

private:
    void rowsChanged() { emit dataChanged(index(0), index(rowCount() - 1)); }

    int m_style = 0;
    QJsonObject m_suggested, m_values;
    QHash<int, QString> m_refused; // by row: what was written, and is no number for it
};

} // namespace nibble::gui

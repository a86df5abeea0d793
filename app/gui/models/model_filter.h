#pragma once

#include "model_list.h"
#include <QSortFilterProxyModel>

namespace nibble::gui {

/// The rows of a ModelList that have all words of `text` in their name, technical name, kind, licence or path.
class ModelFilter : public QSortFilterProxyModel {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QString text READ text WRITE setText NOTIFY textChanged)
    Q_PROPERTY(int count READ rows NOTIFY countChanged)

public:
    explicit ModelFilter(QObject* parent = nullptr);

    const QString& text() const { return m_text; }
    void setText(const QString& text);
    int rows() const { return rowCount(); }
    Q_INVOKABLE int indexOf(const QString& path) const; // -1: not there
    Q_INVOKABLE QString pathAt(int row) const;          // empty: no such row

signals:
    void textChanged();
    void countChanged();

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    QString m_text;
    QStringList m_words;
};

} // namespace nibble::gui

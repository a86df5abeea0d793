// A line icon of resources/icons in any colour, sharp at every scale.
#pragma once

#include <QColor>
#include <QQuickPaintedItem>

namespace nibble::gui {

class Icon : public QQuickPaintedItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QString name READ name WRITE setName NOTIFY changed)
    Q_PROPERTY(QColor color READ color WRITE setColor NOTIFY changed)

public:
    explicit Icon(QQuickItem* parent = nullptr);

    QString name() const { return m_name; }
    void setName(const QString& name);
    QColor color() const { return m_color; }
    void setColor(const QColor& color);
    void paint(QPainter* painter) override;

signals:
    void changed();

private:
    QString m_name;
    QColor m_color = Qt::black;
};

} // namespace nibble::gui

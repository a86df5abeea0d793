#include "icon.h"

#include <QFile>
#include <QPainter>
#include <QSvgRenderer>

namespace nibble::gui {

Icon::Icon(QQuickItem* parent) : QQuickPaintedItem(parent) {
    setImplicitSize(20, 20);
    setAntialiasing(true);
}

void Icon::setName(const QString& name) {
    if (name == m_name) return;
    m_name = name;
    emit changed();
    update();
}

void Icon::setColor(const QColor& color) {
    if (color == m_color) return;
    m_color = color;
    emit changed();
    update();
}

void Icon::paint(QPainter* painter) {
    if (m_name.isEmpty()) return;
    QFile file(QStringLiteral(":/icons/%1.svg").arg(m_name));
    if (!file.open(QIODevice::ReadOnly)) {
        qWarning("No icon %s", qUtf8Printable(m_name));
        return;
    }
    QByteArray svg = file.readAll();
    svg.replace("currentColor", m_color.name().toUtf8());
    QSvgRenderer(svg).render(painter, boundingRect());
}

} // namespace nibble::gui

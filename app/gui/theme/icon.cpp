#include "icon.h"

#include <QFile>
#include <QGuiApplication>
#include <QPainter>
#include <QSvgRenderer>

namespace nibble::gui {

Icon::Icon(QQuickItem* parent) : QQuickPaintedItem(parent) {
    setImplicitSize(20, 20);
    setAntialiasing(true);
    connect(qGuiApp, &QGuiApplication::layoutDirectionChanged, this, [this] { update(); });
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
    // "Back" and "go on" point the other way where people read from right to left.
    const bool mirrored = QGuiApplication::isRightToLeft();
    const QString shown = !mirrored ? m_name : m_name == "left" ? "right" : m_name == "right" ? "left" : m_name;
    QFile file(QStringLiteral(":/icons/%1.svg").arg(shown));
    if (!file.open(QIODevice::ReadOnly)) {
        qWarning("No icon %s", qUtf8Printable(m_name));
        return;
    }
    QByteArray svg = file.readAll();
    svg.replace("currentColor", m_color.name().toUtf8());
    QSvgRenderer(svg).render(painter, boundingRect());
}

} // namespace nibble::gui

#include "announcer.h"

#include <QAccessible>

namespace nibble::gui {

void Announcer::say(const QString& text) {
    m_text = text;
    emit textChanged();
#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
    QAccessibleAnnouncementEvent event(this, text);
#else
    // A notification that appears is read: before Qt 6.8 there is no other way that reaches AT-SPI.
    QAccessibleEvent event(this, QAccessible::ObjectShow);
#endif
    QAccessible::updateAccessibility(&event);
    emit said();
}

} // namespace nibble::gui

// Tells users of a screen reader what happens elsewhere than where their focus is.
#pragma once

#include <QQuickItem>

namespace nibble::gui {

/// An item without a look; QML gives it the role of a notification and `text` as its name.
class Announcer : public QQuickItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QString text READ text NOTIFY textChanged)

public:
    using QQuickItem::QQuickItem;

    /// What was said last.
    const QString& text() const { return m_text; }
    /// One event for each call; what is still being read is not interrupted.
    Q_INVOKABLE void say(const QString& text);

signals:
    void textChanged();
    void said(); // once for each call

private:
    QString m_text;
};

} // namespace nibble::gui

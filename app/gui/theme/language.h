// The language of the window: the system's, or one that the user chose. It can be changed while the window is open.
#pragma once

#include <QLocale>
#include <QObject>
#include <QStringList>
#include <QTranslator>
#include <QtQml/qqmlregistration.h>

namespace nibble::gui {

/// Remembered in QSettings. Numbers follow the language.
class Language : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_SINGLETON
    Q_PROPERTY(int choice READ choice WRITE choose NOTIFY changed)
    Q_PROPERTY(bool rightToLeft READ rightToLeft NOTIFY directionChanged)
    Q_PROPERTY(QStringList choices READ choices CONSTANT)

public:
    explicit Language(QObject* parent = nullptr);
    ~Language() override;

    /// Row of `choices`: as the system, English, German; each in its own language.
    int choice() const { return m_choice; }
    void choose(int row);
    static QStringList choices();
    /// Of the program: pages are laid out so.
    static bool rightToLeft();

signals:
    void directionChanged();
    /// Texts of QML have followed; what C++ has put into words has to be made again.
    void changed();

private:
    void apply();

    int m_choice = 0;
    QTranslator m_translator;
    Qt::LayoutDirection m_direction = Qt::LeftToRight;
};

} // namespace nibble::gui

// What the user chose about looks, and what the system says: dark or light, and how large the text is.
#pragma once

#include <QObject>
#include <QtQml/qqmlregistration.h>

namespace nibble::gui {

/// Remembered in QSettings, except where the command line overrides it for one run.
class Appearance : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_SINGLETON
    Q_PROPERTY(Mode mode READ mode WRITE setMode NOTIFY changed)
    Q_PROPERTY(bool dark READ dark NOTIFY changed)
    Q_PROPERTY(qreal textScale READ textScale WRITE setTextScale NOTIFY changed)
    /// A Motion; and whether nothing may move that does not have to.
    Q_PROPERTY(int motion READ motion WRITE setMotion NOTIFY changed)
    Q_PROPERTY(bool calm READ calm NOTIFY changed)
    Q_PROPERTY(qreal basePointSize READ basePointSize CONSTANT)
    Q_PROPERTY(QString family READ family CONSTANT)
    Q_PROPERTY(QString codeFamily READ codeFamily CONSTANT)

public:
    enum class Mode { System, Light, Dark };
    Q_ENUM(Mode)
    enum class Motion { System, Full, Reduced };

    explicit Appearance(QObject* parent = nullptr);

    Mode mode() const { return m_mode; }
    void setMode(Mode mode);
    bool dark() const;
    qreal textScale() const { return m_textScale; }
    void setTextScale(qreal scale);
    /// "dark", "light" or "" and a scale or 0, for this run only.
    void overrideForThisRun(const QString& theme, qreal textScale);

    int motion() const { return m_motion; }
    void setMotion(int motion);
    bool calm() const {
        return m_motion == int(Motion::Reduced) || (m_motion == int(Motion::System) && m_systemIsCalm);
    }

    qreal basePointSize() const;
    QString family() const;
    QString codeFamily() const;

    Q_INVOKABLE void zoom(int steps) { setTextScale(steps == 0 ? 1.0 : m_textScale + steps * 0.1); }

signals:
    void changed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    Mode m_mode = Mode::System;
    qreal m_textScale = 1.0;
    int m_motion = 0;
    bool m_systemIsCalm = false;
};

} // namespace nibble::gui

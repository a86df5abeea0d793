// What this computer has, and how fast a model would write on it: the first screen of the welcome.
#pragma once

#include "components/page_controller.h"
#include <QVariantList>

namespace nibble::gui {

class ThisComputer : public nibble::gui::PageController { // in full, for qmllint
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(nibble::gui::EngineInterface* engine READ engine WRITE setEngine)
    Q_PROPERTY(QString folder READ folder WRITE setFolder)
    Q_PROPERTY(QVariantList facts READ facts NOTIFY factsChanged)
    Q_PROPERTY(double progress READ progress NOTIFY progressChanged)
    Q_PROPERTY(QString speed READ speed NOTIFY stateChanged)
    Q_PROPERTY(QString speedNote READ speedNote NOTIFY stateChanged)
    Q_PROPERTY(QString cardNote READ cardNote NOTIFY stateChanged)

public:
    /// State: Busy while it tests, Ready with `speed`, Failed with the error.
    using PageController::PageController;

    EngineInterface* engine() const { return m_engine; }
    void setEngine(EngineInterface* engine) { m_engine = engine; }
    /// Where models are kept: its disk is looked at.
    const QString& folder() const { return m_folder; }
    void setFolder(const QString& folder);
    /// {icon, label, value, note} of processor, memory, disk and graphics cards.
    QVariantList facts() const;
    double progress() const { return m_progress; } // below 0: not known
    /// "About 12 words a second", and what it was worked out from.
    const QString& speed() const { return m_speed; }
    const QString& speedNote() const { return m_speedNote; }
    /// Why no graphics card is used; empty where one is.
    const QString& cardNote() const { return m_cardNote; }

    /// Asks the engine what there is, and lets it compute for two seconds.
    Q_INVOKABLE void test();

signals:
    void factsChanged();
    void progressChanged();
    /// A test has ended: estimates know the speed now.
    void tested();

private:
    void showDevices(const QJsonObject& result);
    void showSpeed(const QJsonObject& result);

    EngineInterface* m_engine = nullptr;
    QString m_folder;
    QVariantList m_processor, m_cards;
    QString m_speed, m_speedNote, m_cardNote;
    double m_progress = -1;
};

} // namespace nibble::gui

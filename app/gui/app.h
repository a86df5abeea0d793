// What the pages share: the engine, the library of models, where the user is, and what the engine runs on.
#pragma once

#include "download/downloads.h"
#include "engine/engine_interface.h"
#include "engine/network_use.h"
#include "models/library.h"
#include "smaller/unfinished_jobs.h"
#include <QQmlApplicationEngine>
#include <QVariantMap>
#include <memory>

namespace nibble::gui {

class App : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by main()")
    Q_PROPERTY(nibble::gui::EngineInterface* engine READ engine CONSTANT)
    Q_PROPERTY(nibble::gui::Library* library READ library CONSTANT)
    Q_PROPERTY(nibble::gui::UnfinishedJobs* unfinished READ unfinished CONSTANT)
    Q_PROPERTY(nibble::gui::NetworkUse* network READ network CONSTANT)
    Q_PROPERTY(nibble::gui::Downloads* downloads READ downloads CONSTANT)
    Q_PROPERTY(QString page READ page NOTIFY pageChanged)
    Q_PROPERTY(QStringList pages MEMBER m_pages)
    Q_PROPERTY(QString device READ device NOTIFY deviceChanged)
    Q_PROPERTY(QString deviceDetail READ deviceDetail NOTIFY deviceChanged)
    Q_PROPERTY(QStringList devices MEMBER m_deviceNames NOTIFY deviceChanged)
    Q_PROPERTY(int chosenDevice READ chosenDevice WRITE chooseDevice NOTIFY deviceChanged)
    Q_PROPERTY(bool cardChosen READ cardChosen NOTIFY deviceChanged)
    Q_PROPERTY(QString unusableDevices MEMBER m_unusableDevices NOTIFY deviceChanged)
    Q_PROPERTY(QString notice READ notice NOTIFY noticeChanged)
    Q_PROPERTY(QString noticeTone READ noticeTone NOTIFY noticeChanged)
    Q_PROPERTY(QString version READ version CONSTANT)

public:
    explicit App(std::unique_ptr<EngineInterface> engine, QObject* parent = nullptr);

    EngineInterface* engine() { return m_engine.get(); }
    Library* library() { return &m_library; }
    UnfinishedJobs* unfinished() { return &m_unfinished; }
    NetworkUse* network() { return &m_network; }
    Downloads* downloads() { return &m_downloads; }
    QString page() const { return m_page; }
    /// "Running on processor (AVX2)", and in more words for its tip.
    QString device() const { return m_device; }
    QString deviceDetail() const { return m_deviceDetail; }
    /// The row of `devices` ("Automatic", the processor, usable cards) that models shall run on from their next
    /// loading.
    int chosenDevice() const;
    void chooseDevice(int row);
    /// Whether models may run on a graphics card: there is one, and not the processor is chosen.
    bool cardChosen() const;
    /// A message above all pages, empty where there is none.
    QString notice() const { return m_notice; }
    QString noticeTone() const { return m_noticeTone; }
    QString version() const;

    /// Shows a page of the page table; its open(request) is called where the request is not empty, for example {model:
    /// path}.
    Q_INVOKABLE void go(const QString& page, const QVariantMap& request = {});
    /// Puts into words again what this and the library have said.
    void retranslate();
    Q_INVOKABLE void closeNotice() { setNotice({}, {}); }

signals:
    void pageChanged();
    void opened(const QString& page, const QVariantMap& request);
    void deviceChanged();
    void noticeChanged();

private:
    void askForDevice();
    void listDevices(const QJsonArray& devices);
    void setNotice(const QString& text, const QString& tone);

    std::unique_ptr<EngineInterface> m_engine;
    Library m_library;
    UnfinishedJobs m_unfinished;
    NetworkUse m_network;
    Downloads m_downloads;
    QString m_page = QStringLiteral("models");
    QStringList m_pages;                    // the names in Main.qml's page table
    QStringList m_deviceNames, m_deviceIds; // row by row
    QString m_unusableDevices;              // with their reasons
    QString m_device, m_deviceDetail, m_notice, m_noticeTone;
};

/// Loads Main.qml into `engine` for this app. False, with warnings logged, where that fails.
bool showWindow(QQmlApplicationEngine& engine, App& app, const QString& theme = {}, double textScale = 0);

} // namespace nibble::gui

#include "app.h"

#include "components/wording.h"
#include "engine/device_choice.h"
#include "engine/no_network.h"
#include "theme/appearance.h"
#include "theme/language.h"
#include <QCoreApplication>
#include <QJsonArray>
#include <nibble/protocol.h>

extern void qml_register_types_Nibble(); // in the library's generated code; the linker would drop it

namespace nibble::gui {

App::App(std::unique_ptr<EngineInterface> engine, QObject* parent)
    : QObject(parent), m_engine(std::move(engine)), m_library(m_engine.get()), m_unfinished(*m_engine, m_library),
      m_downloads(*m_engine, m_library, m_network) {
    connect(m_engine.get(), &EngineInterface::engineStopped, this, [this](Lane, const EngineError& error) {
        if (error.kind == QLatin1String("engine-stopped")) {
            setNotice(
                tr("The engine stopped unexpectedly. A new one is being started; your chats and models are safe."),
                "warn");
        } else if (!error.isCanceled()) {
            setNotice(error.message + ' ' + error.whatToDo, "bad");
        }
    });
    connect(m_engine.get(), &EngineInterface::engineRestarted, this, [this] {
        setNotice(tr("The engine had stopped and was started again. You can go on. Making a model smaller continues "
                     "where it was; other jobs have to be repeated."),
                  "accent");
        askForDevice();
    });
    connect(&m_library, &Library::packFound, this, [this](const QString& folder) {
        go(QStringLiteral("pack"), {{"folder", QUrl::fromLocalFile(folder)}});
    });
    askForDevice();
}

QString App::version() const { return QCoreApplication::applicationVersion(); }

void App::go(const QString& page, const QVariantMap& request) {
    if (!m_pages.contains(page)) {
        qWarning("There is no page \"%s\"; there are: %s", qUtf8Printable(page), qUtf8Printable(m_pages.join(", ")));
        return;
    }
    m_page = page;
    emit pageChanged();
    if (!request.isEmpty()) emit opened(page, request);
}

void App::askForDevice() {
    Reply* reply = m_engine->request(protocol::kDevices, {}, Lane::Work);
    connect(reply, &Reply::finished, this, [this](const QJsonObject& result) {
        const QJsonObject device = result["devices"].toArray().first().toObject();
        QString driver = device["driver"].toString();
        if (device["id"].toString() == QLatin1String("cpu")) driver = driver.toUpper(); // an instruction set: "AVX2"
        m_device = tr("Running on %1").arg(device["kind"].toString(tr("processor")));
        if (!driver.isEmpty()) m_device += " (" + driver + ')';
        m_deviceDetail = tr("%1, %2 cores used, %3 of %4 memory free")
                             .arg(device["name"].toString())
                             .arg(device["threads"].toInt())
                             .arg(wording::bytes(device["availableBytes"].toDouble()),
                                  wording::bytes(device["memoryBytes"].toDouble()));
        listDevices(result["devices"].toArray());
        if (m_deviceNames.size() > 2) // which one it is, the chat says
            m_device = tr("Can run on: %1").arg(m_deviceNames.mid(1).join(", "));
        emit deviceChanged();
    });
    connect(reply, &Reply::failed, this, [this](const EngineError& error) {
        m_device = tr("Engine not running");
        m_deviceDetail = error.message;
        emit deviceChanged();
    });
}

void App::listDevices(const QJsonArray& devices) {
    m_deviceIds = {QString()};
    m_deviceNames = {tr("Automatic")};
    QStringList unusable;
    for (const QJsonValue& value : devices) {
        const QJsonObject device = value.toObject();
        const QString name = device["name"].toString();
        if (!device["usable"].toBool(true)) {
            unusable << tr("%1: %2").arg(name, device["whyNot"].toString());
            continue;
        }
        const bool cpu = device["id"].toString() == QLatin1String("cpu");
        m_deviceIds << device["id"].toString();
        m_deviceNames << (cpu ? tr("Processor") : name);
    }
    m_unusableDevices = unusable.join('\n');
}

int App::chosenDevice() const { return std::max(0, int(m_deviceIds.indexOf(gui::chosenDevice()))); }

void App::chooseDevice(int row) {
    if (row < 0 || row >= m_deviceIds.size() || row == chosenDevice()) return;
    gui::chooseDevice(m_deviceIds[row]);
    emit deviceChanged();
    m_library.estimateAll();
}

bool App::cardChosen() const {
    const bool isThere = m_deviceIds.size() > 2; // beside "Automatic" and the processor
    return isThere && m_deviceIds[chosenDevice()] != QLatin1String("cpu");
}

void App::setNotice(const QString& text, const QString& tone) {
    if (text == m_notice) return;
    m_notice = text;
    m_noticeTone = tone;
    emit noticeChanged();
}

void App::retranslate() {
    closeNotice();
    askForDevice();
    m_library.refresh();
    m_unfinished.look();
    m_network.retranslate();
    m_downloads.look();
}

bool showWindow(QQmlApplicationEngine& engine, App& app, const QString& theme, double textScale) {
    qml_register_types_Nibble();
    static NoNetworkForQml noNetwork;
    engine.setNetworkAccessManagerFactory(&noNetwork);
    engine.addImportPath(QStringLiteral("qrc:/qt/qml"));
    const int appearance = qmlTypeId("Nibble", 1, 0, "Appearance");
    engine.singletonInstance<Appearance*>(appearance)->overrideForThisRun(theme, textScale);
    auto* language = engine.singletonInstance<Language*>(qmlTypeId("Nibble", 1, 0, "Language"));
    QObject::connect(language, &Language::changed, &app, &App::retranslate);
    engine.setInitialProperties({{"app", QVariant::fromValue(&app)}});
    engine.load(QUrl(QStringLiteral("qrc:/qt/qml/Nibble/Main.qml")));
    return !engine.rootObjects().isEmpty();
}

} // namespace nibble::gui

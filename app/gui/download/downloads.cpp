#include "downloads.h"

#include "components/wording.h"
#include "engine/hub_token.h"
#include <QJsonArray>
#include <QLocale>
#include <nibble/protocol.h>

namespace nibble::gui {

namespace {

template<class T>
QVariantList listOf(const QList<T>& items) {
    QVariantList list;
    for (const T& item : items) list += QVariant::fromValue(item);
    return list;
}

} // namespace

Downloads::Downloads(EngineInterface& engine, Library& library, NetworkUse& network)
    : m_engine(engine), m_library(library), m_network(network) {
    setState(State::Ready);
    connect(&library, &Library::folderChanged, this, &Downloads::look);
    connect(&network, &NetworkUse::changed, this, [this] {
        if (m_network.allowed()) return;
        stopAsking();
        pause();
    });
}

QVariantList Downloads::choices() const { return listOf(m_choices); }
QVariantList Downloads::paused() const { return listOf(m_paused); }

/// Every request that leaves this computer goes through here.
Reply* Downloads::ask(const QString& verb, QJsonObject params, const QString& purpose) {
    if (!params.contains("hub")) params["hub"] = m_network.hub();
    params["proxy"] = m_network.proxy();
    params["token"] = hubToken(params["hub"].toString());
    Reply* reply = m_engine.request(verb, params, Lane::Network);
    connect(reply, &Reply::event, this, [this, purpose](const QString& name, const QJsonObject& data) {
        if (name == QLatin1String("connection")) m_network.note(data["host"].toString(), purpose);
    });
    return reply;
}

void Downloads::find(const QString& text) {
    const QString words = text.trimmed();
    if (words.isEmpty() || !m_network.allowed()) return;
    if (words.contains('/') && !words.contains(' ')) return lookUp(words);
    stopAsking();
    setState(State::Loading);
    m_asking = ask(protocol::kSearchHub, {{"words", words}}, tr("searching for \"%1\"").arg(words));
    connect(m_asking, &Reply::failed, this, &Downloads::setFailed);
    connect(m_asking, &Reply::finished, this, [this](const QJsonObject& result) {
        m_hits.clear();
        for (const QJsonValue& hit : result["hits"].toArray()) {
            const bool gated = hit["gated"].toBool(), gguf = hit["hasGguf"].toBool();
            const QString kind = gated  ? tr("only for those who agreed to its terms")
                                 : gguf ? tr("ready to use")
                                        : tr("an original, to be made smaller");
            const QString downloads = tr("%1 downloads").arg(QLocale().toString(hit["downloads"].toDouble(), 'f', 0));
            m_hits += QVariant::fromValue(HubHit{hit["name"].toString(), wording::joined({kind, downloads})});
        }
        m_searched = true;
        m_model.clear();
        settle();
    });
}

void Downloads::lookUp(const QString& name) {
    if (!m_network.allowed()) return;
    stopAsking();
    setState(State::Loading);
    m_asking = ask(protocol::kLookUp, {{"name", name}}, tr("looking up %1").arg(name));
    connect(m_asking, &Reply::failed, this, &Downloads::setFailed);
    connect(m_asking, &Reply::finished, this, &Downloads::showModel);
}

void Downloads::showModel(const QJsonObject& model) {
    m_model = model["name"].toString();
    const QString license = model["license"].toString(), chosen = model["chosen"].toString();
    m_modelDetail = wording::joined(
        {license.isEmpty() ? tr("The licence is not stated") : tr("Licence: %1").arg(license),
         model["gated"].toBool()
             ? tr("The hub gives it only to people who have agreed to its terms: see Settings, Internet")
             : QString()});
    m_choices.clear();
    for (const QJsonValue& value : model["choices"].toArray()) {
        const QString format = value["formatName"].toString();
        HubChoice choice{.name = value["name"].toString()};
        choice.bytes = value["bytes"].toDouble();
        const bool original = value["isFolder"].toBool() && format.isEmpty();
        const QString bits = original ? tr("The original, a folder")
                                      : wording::bits(format, 16, format.startsWith('Q') || format.startsWith('I'));
        choice.title = wording::joined({bits, wording::bytes(choice.bytes)});
        choice.detail = choice.name;
        choice.fitText = value["verdict"]["sentence"].toString();
        std::tie(choice.fitShort, choice.fitTone) = fitWords(value["verdict"].toObject());
        choice.suggested = choice.name == chosen || (chosen.isEmpty() && format == QLatin1String("Q4_K_M"));
        m_choices += choice;
    }
    settle();
}

void Downloads::closeModel() {
    stopAsking();
    m_model.clear();
    m_choices.clear();
    settle();
}

void Downloads::get(const QString& choice) {
    if (m_model.isEmpty()) return;
    run({.name = m_model, .choice = choice, .hub = m_network.hub()});
}

void Downloads::goOn(const QString& id) {
    for (const PausedDownload& download : std::as_const(m_paused)) {
        if (download.id != id) continue;
        run(PausedDownload(download));
        return;
    }
}

void Downloads::run(const PausedDownload& what) {
    if (running() || !m_network.allowed()) return;
    m_arrived.clear();
    m_choice = what.choice;
    m_progress = -1;
    m_progressText = tr("Connecting…");
    m_job = ask(protocol::kDownload,
                {{"name", what.name}, {"choice", what.choice}, {"hub", what.hub}, {"folder", m_library.folder()}},
                tr("downloading %1 of %2").arg(what.choice, what.name));
    m_paused.removeIf([this](const PausedDownload& each) { return each.choice == m_choice; });
    settle();
    emit progressChanged();
    emit pausedChanged();
    double total = 0;
    for (const HubChoice& choice : std::as_const(m_choices))
        if (choice.name == what.choice) total = choice.bytes;
    connect(m_job, &Reply::event, this, [this, total](const QString& name, const QJsonObject& data) {
        if (name != QLatin1String("progress")) return;
        m_progress = data["fraction"].toDouble();
        const QString percent = tr("%1 %").arg(int(100 * m_progress));
        const QString bytes =
            total > 0 ? tr("%1 of %2").arg(wording::bytes(total * m_progress), wording::bytes(total)) : QString();
        m_progressText = wording::joined({percent, bytes, wording::timeLeft(data["secondsLeft"].toDouble())});
        emit progressChanged();
    });
    connect(m_job, &Reply::finished, this, [this](const QJsonObject& result) {
        m_job.clear();
        m_arrived = result["path"].toString();
        m_library.refresh();
        m_library.select(m_arrived);
        settle();
        emit progressChanged();
        look();
    });
    connect(m_job, &Reply::failed, this, [this](const EngineError& error) {
        m_job.clear();
        error.isCanceled() ? settle() : setFailed(error);
        emit progressChanged();
        look();
    });
}

void Downloads::pause() {
    if (m_job) m_job->cancel();
}

void Downloads::discard(const QString& id) {
    Reply* reply =
        m_engine.request(protocol::kDiscardDownload, {{"folder", m_library.folder()}, {"id", id}}, Lane::Work);
    connect(reply, &Reply::finished, this, &Downloads::look);
    connect(reply, &Reply::failed, this, &Downloads::look);
}

void Downloads::stopAsking() {
    if (!m_asking) return;
    m_asking->disconnect(this);
    m_asking->cancel();
    m_asking.clear();
    settle();
}

bool Downloads::goBack() {
    if (state() == State::Loading)
        stopAsking();
    else if (!m_model.isEmpty())
        closeModel();
    else
        return false;
    return true;
}

void Downloads::closeError() { settle(); }

void Downloads::closeArrived() {
    m_arrived.clear();
    emit progressChanged();
}

void Downloads::look() {
    Reply* reply = m_engine.request(protocol::kDownloads, {{"folder", m_library.folder()}}, Lane::Work);
    connect(reply, &Reply::finished, this, [this](const QJsonObject& result) {
        m_paused.clear();
        for (const QJsonValue& value : result["downloads"].toArray()) {
            const double bytes = value["bytes"].toDouble(), done = value["doneBytes"].toDouble();
            PausedDownload download{.id = value["id"].toString(),
                                    .name = value["name"].toString(),
                                    .choice = value["choice"].toString(),
                                    .hub = value["hub"].toString()};
            if (running() && download.choice == m_choice) continue;
            download.title = tr("%1 is not complete").arg(download.choice);
            download.progress = bytes > 0 ? done / bytes : 0;
            download.detail = tr("%1 of %2 are here; it goes on where it was. From %3.")
                                  .arg(wording::bytes(done), wording::bytes(bytes), download.name);
            m_paused += download;
        }
        emit pausedChanged();
    });
}

void Downloads::settle() {
    setState(running() ? State::Busy : State::Ready);
    emit foundChanged();
}

} // namespace nibble::gui

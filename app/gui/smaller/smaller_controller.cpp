#include "smaller_controller.h"

#include "components/text_file.h"
#include "components/wording.h"
#include "engine/device_choice.h"
#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QRegularExpression>
#include <QStorageInfo>
#include <algorithm>
#include <nibble/protocol.h>
#include <utility>

namespace nibble::gui {

namespace {

constexpr int kSuggestedBits = 4; // where nothing is known of a model
/// Up to this size a preview does a constant amount of work (core/quantize/preview.cpp), seconds on an office computer.
constexpr double kQuickPreview = 1.1e9;
constexpr int kCheckChunks = 4; // 4 x 512 tokens: seconds for a small model, and still a range of a few percent

/// STEM.gguf, or STEM-2.gguf where that is there.
QString freeName(const QString& stem) {
    QString name = stem + ".gguf";
    for (int n = 2; QFileInfo::exists(name); ++n) name = QStringLiteral("%1-%2.gguf").arg(stem).arg(n);
    return name;
}

/// The disk that a file will lie on: that of the first folder above it that exists. Invalid for an empty path.
QStorageInfo diskOf(const QString& path) {
    if (path.isEmpty()) return {};
    QDir folder = QFileInfo(path).absoluteDir();
    while (!folder.exists() && !folder.isRoot()) folder = QFileInfo(folder.path()).absoluteDir();
    return QStorageInfo(folder);
}

} // namespace

SmallerController::SmallerController(QObject* parent) : PageController(parent) {
    connect(&m_preview, &StopPreview::known, this, &SmallerController::suggestStop);
    connect(&m_layers, &LayerCosts::ended, this, [this] {
        setState(State::Ready);
        setStep(Step::Done);
    });
    for (auto signal : {&SmallerController::stopChanged, &SmallerController::consentChanged}) {
        connect(this, signal, this, &SmallerController::canStartChanged);
    }
    connect(this, &PageController::stateChanged, this, &SmallerController::canStartChanged);
    for (auto signal : {&SmallerController::stopChanged, &SmallerController::careChanged}) {
        connect(this, signal, this, &SmallerController::askForMemory);
    }
}

void SmallerController::setLibrary(Library* library) {
    m_library = library;
    connect(library, &Library::entryChanged, this, [this](const QString& path) {
        // Its estimate may arrive later; only the first sight of the model matters here.
        if (path == m_source.path && m_source.size.isEmpty() && state() != State::Busy) adopt(m_library->entry(path));
    });
}

void SmallerController::choose(const QString& path) {
    m_toGoOn = {};
    take(path);
}

void SmallerController::take(const QString& path) {
    if (path.isEmpty() || state() == State::Busy || (path == m_source.path && m_step == Step::Choose)) return;
    ModelEntry entry = m_library->entry(path);
    if (entry.path.isEmpty()) {
        entry.path = path;
        entry.name = QFileInfo(path).fileName();
        m_library->select(path); // adds it, and entryChanged tells when it is known
    }
    adopt(entry);
}

void SmallerController::adopt(const ModelEntry& source) {
    if (m_estimate) m_estimate->disconnect(this);
    m_source = source;
    m_refused = m_consent = m_overwrite = m_stopChosen = false;
    m_currentStop = -1;
    setStep(Step::Choose);
    m_stops.clearFigures();
    m_preview.setModel(*m_engine, {}, {});
    emit sourceChanged();
    emit consentChanged();
    emit stopChanged();
    setState(State::Loading);
    if (m_source.size.isEmpty() && m_source.problem.isEmpty()) return; // waits for the library
    if (!m_source.runnable) {
        setFailed({"unsupported", tr("This model cannot be made smaller yet."), {}, m_source.problem});
    } else if (m_stops.rowCount() == 0) {
        askForRecipes();
    } else {
        estimate(0);
    }
}

void SmallerController::askForRecipes() {
    m_estimate = m_engine->request(protocol::kRecipes, {});
    connect(m_estimate, &Reply::finished, this, [this](const QJsonObject& result) {
        m_stops.setRecipes(result["recipes"].toArray());
        estimate(0);
    });
    connect(m_estimate, &Reply::failed, this, &SmallerController::setFailed);
}

void SmallerController::estimate(int row) {
    if (row >= m_stops.rowCount()) {
        estimated();
        return;
    }
    m_estimate = m_engine->request(protocol::kEstimate,
                                   withDevice({{"model", m_source.path}, {"recipe", m_stops.stops()[row].recipe}}));
    connect(m_estimate, &Reply::finished, this, [this, row](const QJsonObject& result) {
        m_stops.setEstimate(row, result, m_source.bytes);
        suggestStop();
        estimate(row + 1);
    });
    connect(m_estimate, &Reply::failed, this, [this, row](const EngineError& error) {
        if (error.kind == QLatin1String("engine-stopped")) {
            setFailed(error);
            return;
        }
        m_stops.setProblem(row, error.message);
        suggestStop();
        estimate(row + 1);
    });
}

void SmallerController::estimated() {
    setState(State::Ready);
    m_preview.setModel(*m_engine, m_source.path, m_source.path + '\n' + QString::number(m_source.bytes, 'f', 0));
    if (m_toGoOn.output.isEmpty())
        predictIfQuick();
    else
        goOnNow();
}

/// The engine's plan says it, the same that the command line shows before it starts.
void SmallerController::askForMemory() {
    const bool known = m_currentStop >= 0 && stop().usable && stop().bytes > 0;
    const QStringList of = known ? QStringList{m_source.path, stop().recipe, kCares[m_care]} : QStringList();
    if (of == m_makingMemoryOf) return;
    m_makingMemoryOf = of;
    m_makingMemory.clear();
    emit makingMemoryChanged();
    if (!known) return;
    Reply* reply = m_engine->request(
        protocol::kPlan,
        {{"source", of[0]}, {"recipe", of[1]}, {"care", of[2]}, {"allowRequantize", m_source.quantized}});
    connect(reply, &Reply::finished, this, [this, of](const QJsonObject& plan) {
        if (of != m_makingMemoryOf) return; // of a choice before
        m_makingMemory = wording::bytes(plan["peakMemoryBytes"].toDouble());
        emit makingMemoryChanged();
    });
}

void SmallerController::predict() {
    if (settled() && m_step == Step::Choose) m_preview.start(*m_engine, m_consent);
}

void SmallerController::predictIfQuick() {
    if (m_shown && m_source.bytes <= kQuickPreview && (!needsConsent() || m_consent)) predict();
}

void SmallerController::setShown(bool shown) {
    m_shown = shown;
    emit shownChanged();
    if (shown) {
        lookForUnfinished();
        predictIfQuick();
    } else if (m_source.bytes <= kQuickPreview) {
        m_preview.cancel();
    }
}

void SmallerController::suggestStop() {
    if (m_stopChosen || state() == State::Busy) {
        emit stopChanged();
        return;
    }
    // The recommended stop, or the nearest smaller one where that is no gain.
    const QList<Stop>& stops = m_stops.stops();
    const auto best = std::find_if(stops.begin(), stops.end(), [](const Stop& one) { return one.recommended; });
    const int bits = best != stops.end() ? best->bits : kSuggestedBits;
    const auto first =
        std::find_if(stops.begin(), stops.end(), [bits](const Stop& one) { return one.usable && one.bits <= bits; });
    m_currentStop = first != stops.end() ? int(first - stops.begin()) : -1;
    suggestOutput();
}

void SmallerController::setCurrentStop(int row) {
    if (row == m_currentStop || row < 0 || row >= m_stops.rowCount() || state() == State::Busy) return;
    m_currentStop = row;
    m_stopChosen = true;
    suggestOutput();
}

void SmallerController::suggestOutput() {
    setWarning({});
    m_overwrite = false;
    m_output.clear();
    if (m_currentStop >= 0) {
        const QFileInfo source(m_source.path);
        QString base =
            source.fileName().endsWith(".gguf", Qt::CaseInsensitive) ? source.completeBaseName() : source.fileName();
        if (!m_source.formatName.isEmpty() && base.endsWith('-' + m_source.formatName, Qt::CaseInsensitive)) {
            base.chop(m_source.formatName.size() + 1);
        }
        m_output = freeName(m_library->folder() + '/' + base + '-' + stop().recipe);
    }
    emit stopChanged();
}

void SmallerController::saveTo(const QUrl& file) {
    m_output = localPath(file);
    if (!m_output.endsWith(".gguf", Qt::CaseInsensitive)) m_output += ".gguf";
    m_overwrite = m_output == localPath(file); // with our ending it is another file than the dialog asked about
    emit stopChanged();
}

QString SmallerController::freeDisk() const {
    const QStorageInfo disk = diskOf(m_output);
    return disk.isValid() ? wording::bytes(double(disk.bytesAvailable())) : QString();
}

bool SmallerController::diskTooSmall() const {
    const QStorageInfo disk = diskOf(m_output);
    return disk.isValid() && stop().bytes > double(disk.bytesAvailable());
}

void SmallerController::setConsent(bool consent) {
    m_consent = consent;
    emit consentChanged();
    predictIfQuick();
}

bool SmallerController::settled() const {
    return state() == State::Ready || (state() == State::Failed && m_source.runnable);
}

bool SmallerController::canStart() const {
    return settled() && m_currentStop >= 0 && stop().usable && stop().bytes > 0 && !diskTooSmall() &&
           (!needsConsent() || m_consent);
}

void SmallerController::start() {
    if (!canStart()) return;
    if (stop().lastResort && m_warning.isEmpty()) return setWarning(lastResortWords());
    setWarning({});
    run(chosen(), Step::Choose);
}

void SmallerController::setWarning(const QString& warning) {
    if (warning == m_warning) return;
    m_warning = warning;
    emit warningChanged();
}

QString SmallerController::lastResortWords() const {
    const Stop chosen = stop();
    const QString loss =
        chosen.words.isEmpty()
            ? tr("With %1 bits models make mistakes: wrong facts, odd sentences, lost instructions.").arg(chosen.bits)
            : tr("With %1 bits this model is expected to choose %2 as the original would. The others are where "
                 "mistakes "
                 "come from: wrong facts, odd sentences, lost instructions.")
                  .arg(chosen.bits)
                  .arg(chosen.words);
    const Stop* better = nullptr; // the smallest that is larger, and fits
    for (const Stop& each : m_stops.stops())
        if (each.bits > chosen.bits && each.usable && !each.lastResort && !each.fitTone.isEmpty() &&
            each.fitTone != QLatin1String("bad"))
            better = &each;
    const QString instead = better ? tr("%1 bits fit this computer, too (%2).").arg(better->bits).arg(better->size)
                                   : tr("Nothing finer fits this computer, so it may still be the best choice here.");
    return loss + ' ' + instead;
}

void SmallerController::goOn(const QString& output) {
    if (!m_unfinished || state() == State::Busy) return;
    m_toGoOn = m_unfinished->find(output);
    if (m_toGoOn.output.isEmpty() || !m_toGoOn.problem.isEmpty()) return;
    if (m_toGoOn.source == m_source.path && m_step == Step::Choose && settled())
        goOnNow();
    else
        take(m_toGoOn.source); // which comes back to it
}

void SmallerController::setCare(int care) {
    if (care == m_care || care < 0 || care >= int(std::size(kCares))) return;
    m_care = care;
    m_stops.setCare(care);
    emit careChanged();
    emit stopChanged();
}

void SmallerController::goOnNow() {
    const UnfinishedJob job = std::exchange(m_toGoOn, {});
    const QList<Stop>& stops = m_stops.stops();
    const auto stop =
        std::find_if(stops.begin(), stops.end(), [&job](const Stop& one) { return one.recipe == job.recipe; });
    const auto care = std::find(std::begin(kCares), std::end(kCares), job.care);
    const bool byFile = !job.formatsOf.isEmpty(); // which says what a stop would say
    if ((stop == stops.end() && !byFile) || care == std::end(kCares)) {
        setFailed({"unsupported", tr("This job was begun with nibble-cli, which can go on with it."), {}, {}});
        return;
    }
    if (!byFile) m_currentStop = int(stop - stops.begin());
    m_stopChosen = true;
    setCare(int(care - std::begin(kCares)));
    m_output = job.output;
    m_overwrite = false;
    m_consent = needsConsent(); // was given when it began
    emit consentChanged();
    emit stopChanged();
    QJsonObject params = chosen();
    params["sampleText"] = job.sampleText;
    params["formatsOf"] = job.formatsOf;
    params["finerLayers"] = job.finerLayers;
    run(params, Step::Choose);
}

void SmallerController::lookForUnfinished() {
    if (m_unfinished) m_unfinished->look();
}

/// The params of `quantize` in protocol.h.
QJsonObject SmallerController::chosen() const {
    return {{"source", m_source.path},      {"output", m_output},     {"recipe", stop().recipe},
            {"allowRequantize", m_consent}, {"care", kCares[m_care]}, {"sampleText", QString()},
            {"overwrite", m_overwrite}};
}

void SmallerController::run(const QJsonObject& params, Step back) {
    m_preview.cancel(); // the engine does one after the other
    m_asked = params;
    m_back = back;
    UnfinishedJobs::rememberFolder(params["output"].toString());
    setProgress(-1, tr("Starting…"), 0);
    setState(State::Busy);
    setStep(Step::Making);
    m_job = m_engine->request(protocol::kQuantize, params);
    connect(track(m_job), &Reply::finished, this, &SmallerController::made);
    connect(m_job, &Reply::failed, this, &SmallerController::makingFailed);
}

void SmallerController::made(const QJsonObject& result) {
    MadeModel made{.asked = m_asked,
                   .path = result["output"].toString(),
                   .bytes = result["plan"]["fileBytes"].toDouble(),
                   .in = wording::duration(result["seconds"].toDouble())};
    m_before = made.isFinerThan(m_made) ? std::optional(m_made) : std::nullopt;
    m_made = made;
    m_layers.clear();
    m_library->refresh();
    lookForUnfinished();
    startCheck();
}

void SmallerController::makingFailed(const EngineError& error) {
    lookForUnfinished();
    setStep(m_back);
    if (m_back == Step::Done) { // what was made before is still there
        setState(State::Ready);
        m_layers.fail(error.isCanceled() ? EngineError{} : error);
    } else if (error.isCanceled()) {
        setState(State::Ready);
    } else if (error.kind == QLatin1String("bad-request") && !m_consent && m_source.quantized) {
        m_refused = true; // the page asks for the explicit yes
        setState(State::Ready);
        emit consentChanged();
    } else {
        setFailed(error);
    }
}

void SmallerController::startCheck() {
    m_made.report = {};
    m_made.passportNote.clear();
    m_made.reportNote.clear();
    setProgress(-1, tr("Comparing with the original…"), 0);
    setState(State::Busy);
    setStep(Step::Checking);
    m_job = m_engine->request(
        protocol::kCompare,
        {{"original", m_source.path}, {"smaller", m_made.path}, {"chunks", kCheckChunks}, {"speed", true}});
    connect(track(m_job), &Reply::finished, this, &SmallerController::checkedAs);
    connect(m_job, &Reply::failed, this, [this](const EngineError& error) {
        m_made.checkError = error;
        if (error.isCanceled()) m_made.checkError.message = tr("The check was stopped. The smaller model is complete.");
        finishCheck();
    });
}

void SmallerController::checkedAs(const QJsonObject& report) {
    m_made.report = report;
    m_made.check = CheckResult::fromReport(report);
    writePassport();
}

/// The figures go into the file; without them it is as good, so a failure is only told.
void SmallerController::writePassport() {
    m_job = m_engine->request(protocol::kPassport,
                              {{"model", m_made.path}, {"original", m_source.path}, {"report", m_made.report}});
    connect(track(m_job), &Reply::finished, this, [this] {
        m_made.passportNote = tr("These figures are kept in the file, as its quality passport.");
        m_library->refresh(); // the model's details have them, too
        finishCheck();
    });
    connect(m_job, &Reply::failed, this, [this](const EngineError& error) {
        m_made.passportNote = tr("The figures were not written into the file. %1")
                                  .arg(error.isCanceled() ? QString() : error.message)
                                  .trimmed();
        finishCheck();
    });
}

void SmallerController::finishCheck() {
    setState(State::Ready);
    setStep(Step::Done);
    emit keptChanged();
}

void SmallerController::saveReport(const QUrl& file) {
    if (m_made.report.isEmpty()) return;
    QString path = localPath(file);
    const bool asked = path.endsWith(".html", Qt::CaseSensitive) || path.endsWith(".json", Qt::CaseSensitive);
    if (!asked) path += ".html"; // another file than the dialog asked about
    Reply* reply =
        m_engine->request(protocol::kReport, {{"report", m_made.report}, {"output", path}, {"overwrite", asked}});
    connect(reply, &Reply::finished, this, [this](const QJsonObject& result) {
        m_made.reportNote = tr("Report saved as %1").arg(result["output"].toString());
        emit keptChanged();
    });
    connect(reply, &Reply::failed, this, [this](const EngineError& error) {
        m_made.reportNote = tr("The report was not saved. %1").arg(error.message);
        emit keptChanged();
    });
}

void SmallerController::checkAgain() {
    if (m_step != Step::Done) return;
    m_made.checkError = {};
    startCheck();
}

void SmallerController::measureLayers() {
    if (m_step != Step::Done) return;
    setProgress(-1, tr("Starting…"), 0);
    setState(State::Busy);
    setStep(Step::Measuring);
    m_job = track(m_layers.measure(*m_engine, m_source.path, m_made.path));
}

void SmallerController::giveMore() {
    if (m_step != Step::Done || m_layers.worthMost().isEmpty()) return;
    static const QRegularExpression finerBefore(QStringLiteral("-finer(-\\d+)?$"));
    const QFileInfo made(m_made.path);
    QJsonObject params = m_made.asked;
    params["output"] = freeName(made.absolutePath() + '/' + made.completeBaseName().remove(finerBefore) + "-finer");
    params["overwrite"] = false;
    params["formatsOf"] = m_made.path;
    params["finerLayers"] = m_layers.worthMost();
    m_layers.fail({}); // forgets what failed before
    run(params, Step::Done);
}

void SmallerController::cancel() {
    if (m_job) m_job->cancel();
}

void SmallerController::again() {
    if (state() == State::Busy) return;
    setStep(Step::Choose);
    suggestOutput();
    predictIfQuick();
}

bool SmallerController::goBack() {
    if (state() == State::Busy)
        cancel();
    else if (m_step == Step::Done)
        again();
    else
        return false;
    return true;
}

void SmallerController::setStep(Step step) {
    m_step = step;
    emit stepChanged();
}

void SmallerController::setProgress(double fraction, const QString& text, double secondsLeft) {
    m_progress = fraction;
    const QString percent = fraction < 0 ? QString() : tr("%1 %").arg(int(fraction * 100));
    m_progressText = wording::joined({percent, text, wording::timeLeft(secondsLeft)});
    emit progressChanged();
}

Reply* SmallerController::track(Reply* reply) {
    connect(reply, &Reply::event, this, [this](const QString& name, const QJsonObject& data) {
        if (name != QLatin1String("progress")) return;
        setProgress(data["fraction"].toDouble(-1), data["stage"].toString(), data["secondsLeft"].toDouble());
    });
    return reply;
}

} // namespace nibble::gui

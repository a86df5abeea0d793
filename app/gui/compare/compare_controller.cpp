#include "compare_controller.h"

#include "components/wording.h"
#include <QFileInfo>
#include <QJsonArray>
#include <nibble/protocol.h>

namespace nibble::gui {

namespace {
constexpr int kAnswerTokens = 160;
constexpr int kChunks = 8; // 8 x 512 tokens: word agreement within about two percent
} // namespace

CompareController::CompareController(QObject* parent) : PageController(parent) {
    connect(this, &PageController::stateChanged, this, &CompareController::modelsChanged);
}

void CompareController::setLibrary(Library* library) {
    m_library = library;
    connect(library, &Library::entryChanged, this, [this](const QString& path) {
        for (ModelEntry* place : {&m_original, &m_smaller}) {
            if (place->path == path) *place = m_library->entry(path);
        }
        emit modelsChanged();
    });
}

bool CompareController::canStart() const {
    return state() != State::Busy && !m_original.path.isEmpty() && !m_smaller.path.isEmpty() &&
           m_original.path != m_smaller.path;
}

void CompareController::choose(ModelEntry& place, const QString& path) {
    if (path.isEmpty() || path == place.path || state() == State::Busy) return;
    place = m_library->entry(path);
    if (place.path.isEmpty()) {
        place.path = path;
        place.name = QFileInfo(path).fileName();
        m_library->select(path); // adds it; entryChanged tells when it is known
    }
    m_figures = {};
    m_rounds.clear();
    emit figuresChanged();
    emit roundsChanged();
    setState(m_original.path.isEmpty() || m_smaller.path.isEmpty() ? State::Empty : State::Ready);
}

void CompareController::chooseOriginal(const QString& path) { choose(m_original, path); }
void CompareController::chooseSmaller(const QString& path) { choose(m_smaller, path); }

void CompareController::ask(const QString& prompt) {
    if (!canStart() || prompt.trimmed().isEmpty()) return;
    m_prompt = prompt.trimmed();
    start(false);
}

void CompareController::measure() {
    if (canStart()) start(true);
}

void CompareController::start(bool measure) {
    m_measuring = measure;
    m_progress = -1;
    m_progressText.clear();
    emit progressChanged();
    setState(State::Busy);
    m_job = m_engine->request(protocol::kCompare, {{"original", m_original.path},
                                                   {"smaller", m_smaller.path},
                                                   {"measure", measure},
                                                   {"speed", measure},
                                                   {"chunks", kChunks},
                                                   {"prompts", measure ? QJsonArray() : QJsonArray{m_prompt}},
                                                   {"answerTokens", kAnswerTokens},
                                                   {"sampling", QJsonObject{{"temperature", 0.0}}}});
    connect(m_job, &Reply::event, this, [this](const QString&, const QJsonObject& data) {
        m_progress = data["fraction"].toDouble(-1);
        const QString left = wording::timeLeft(data["secondsLeft"].toDouble());
        m_progressText = data["stage"].toString();
        if (!left.isEmpty()) m_progressText += QStringLiteral("  ·  ") + left;
        emit progressChanged();
    });
    connect(m_job, &Reply::finished, this, &CompareController::finished);
    connect(m_job, &Reply::failed, this, [this](const EngineError& error) {
        if (error.isCanceled()) {
            setState(State::Ready);
        } else {
            setFailed(error);
        }
    });
}

void CompareController::finished(const QJsonObject& report) {
    m_oneAfterTheOther = report["oneAfterTheOther"].toBool();
    if (m_measuring) {
        m_figures = CheckResult::fromReport(report);
        setState(State::Ready);
    } else {
        const QJsonArray answers = report["answers"].toArray();
        for (const QJsonValue& answer : answers) m_rounds.prepend(AnswerPair::fromJson(answer.toObject()));
        setState(State::Ready);
        emit roundsChanged();
        if (m_figures.sentence.isEmpty()) start(true);
    }
    emit figuresChanged();
}

void CompareController::cancel() {
    if (m_job) m_job->cancel();
}

void CompareController::tryAgain() { start(m_measuring); }

} // namespace nibble::gui

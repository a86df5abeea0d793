#include "compare_controller.h"

#include "components/text_file.h"
#include "components/wording.h"
#include "engine/fake_engine.h"
#include "prompt_pack.h"
#include "round_export.h"
#include <QFileInfo>
#include <QJsonArray>
#include <QRandomGenerator>
#include <QSettings>
#include <QUrl>
#include <algorithm>
#include <nibble/protocol.h>

namespace nibble::gui {

namespace {

constexpr int kAnswerTokens = 160;
constexpr int kChunks = 8; // 8 x 512 tokens: word agreement within about two percent
constexpr int kWordMs = 40;
const QString kBlindKey = QStringLiteral("compare/blind");

QString titleOf(const ModelEntry& entry) { return wording::joined({entry.name, entry.formatName}); }

} // namespace

CompareController::CompareController(QObject* parent) : PageController(parent) {
    m_blind = QSettings().value(kBlindKey, true).toBool();
    m_pace.setInterval(kWordMs);
    connect(&m_pace, &QTimer::timeout, this, [this] {
        ++m_wordsShown;
        if (allShown()) m_pace.stop();
        emit paceChanged();
    });
    connect(this, &PageController::stateChanged, this, [this] {
        emit modelsChanged();
        settleRounds();
    });
}

void CompareController::setEngine(EngineInterface* engine) {
    m_engine = engine;
    const bool inMemory = qobject_cast<FakeEngine*>(engine);
    const QString path = qEnvironmentVariable(
        "NIBBLE_COMPARISONS", inMemory ? QString() : Database::inDataFolder(QStringLiteral("compare.sqlite")));
    m_store = std::make_unique<CompareStore>(path);
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

void CompareController::setBlind(bool blind) {
    if (blind == m_blind) return;
    m_blind = blind;
    QSettings().setValue(kBlindKey, blind);
    emit blindChanged();
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
    m_figuresProblem.clear();
    m_questions.clear();
    emit figuresChanged();
    m_rounds = m_store->rounds(m_original.path, m_smaller.path);
    setState(m_original.path.isEmpty() || m_smaller.path.isEmpty() ? State::Empty : State::Ready);
}

void CompareController::chooseOriginal(const QString& path) { choose(m_original, path); }
void CompareController::chooseSmaller(const QString& path) { choose(m_smaller, path); }

// --- Asking.

void CompareController::ask(const QString& question) { askAll({question.trimmed().left(kLongestQuestion)}); }

void CompareController::askOfficeTasks() { askAll(officeTasks()); }

void CompareController::askFile(const QUrl& file) {
    QString problem;
    const QStringList questions = questionsFromFile(localPath(file), problem);
    setNote(problem, QStringLiteral("warn"));
    if (problem.isEmpty()) askAll(questions);
}

void CompareController::askAll(const QStringList& questions) {
    if (!canStart() || questions.join(QString()).isEmpty()) return;
    m_questions = questions;
    m_batch = 0;
    start(false);
}

void CompareController::measure() {
    m_measuredUnasked = false;
    if (canStart()) start(true);
}

void CompareController::start(bool measure) {
    m_measuring = measure;
    m_progress = -1;
    m_progressText.clear();
    emit progressChanged();
    setState(State::Busy);
    m_job = m_engine->request(protocol::kCompare,
                              {{"original", m_original.path},
                               {"smaller", m_smaller.path},
                               {"measure", measure},
                               {"speed", measure},
                               {"chunks", kChunks},
                               {"prompts", measure ? QJsonArray() : QJsonArray::fromStringList(m_questions)},
                               {"answerTokens", kAnswerTokens},
                               {"sampling", QJsonObject{{"temperature", 0.0}}}});
    connect(m_job, &Reply::event, this, [this](const QString& name, const QJsonObject& data) {
        if (name == QLatin1String("answer")) return addRound(data);
        m_progress = data["fraction"].toDouble(-1);
        // The stage names a model, which would tell whose turn takes how long.
        m_progressText = wording::joined(
            {m_measuring ? data["stage"].toString() : QString(), wording::timeLeft(data["secondsLeft"].toDouble())});
        emit progressChanged();
    });
    connect(m_job, &Reply::finished, this, &CompareController::finished);
    connect(m_job, &Reply::failed, this, &CompareController::failed);
}

QString CompareController::asking() const {
    return state() == State::Busy && !m_measuring ? m_questions.value(0) : QString();
}

void CompareController::addRound(const QJsonObject& answer) {
    CompareRound round;
    round.pair = AnswerPair::fromJson(answer);
    round.batch = m_batch;
    round.originalName = titleOf(m_original);
    round.smallerName = titleOf(m_smaller);
    round.blind = m_blind;
    round.originalIsA = !m_blind || QRandomGenerator::global()->bounded(2) == 0;
    if (m_blind && round.pair.identical) round.vote = Vote::NoDifference; // there is nothing to judge
    m_store->add(m_original.path, m_smaller.path, round);
    m_batch = round.batch;
    m_questions.removeOne(round.pair.prompt);
    m_rounds.append(round);
    settleRounds();
    emit progressChanged();
}

void CompareController::failed(const EngineError& error) {
    const bool unasked = m_measuring && m_measuredUnasked;
    m_measuredUnasked = false;
    if (error.isCanceled() || (!m_measuring && m_questions.isEmpty())) { // stopped, or all answers had come
        m_questions.clear();
        setState(State::Ready);
    } else if (unasked && error.kind == QLatin1String("bad-request")) { // such as two different vocabularies
        m_figuresProblem = error.message;
        emit figuresChanged();
        setState(State::Ready);
    } else {
        setFailed(error);
    }
}

void CompareController::finished(const QJsonObject& report) {
    m_oneAfterTheOther = report["oneAfterTheOther"].toBool();
    if (m_measuring) {
        m_figures = CheckResult::fromReport(report);
        setState(State::Ready);
    } else {
        const QJsonArray answers = report["answers"].toArray();
        for (const QJsonValue& answer : answers) { // those that no event told
            if (m_questions.contains(answer["prompt"].toString())) addRound(answer.toObject());
        }
        m_questions.clear();
        setState(State::Ready);
        if (m_figures.sentence.isEmpty() && m_figuresProblem.isEmpty()) {
            m_measuredUnasked = true;
            start(true);
        }
    }
    emit figuresChanged();
}

void CompareController::cancel() {
    if (m_job) m_job->cancel();
}

void CompareController::tryAgain() {
    if (m_measuring || !m_questions.isEmpty()) start(m_measuring);
}

// --- Judging.

bool CompareController::isOpen(qint64 batch) const {
    if (state() == State::Busy && !m_measuring && batch == m_batch) return true;
    return std::any_of(m_rounds.begin(), m_rounds.end(), [batch](const CompareRound& round) {
        return round.batch == batch && round.blind && round.vote == Vote::None;
    });
}

void CompareController::settleRounds() {
    QList<CompareRound> told;
    VoteResult result;
    int judged = -1;
    for (int i = 0; i < int(m_rounds.size()); ++i) {
        const CompareRound& round = m_rounds[i];
        if (round.blind && round.vote == Vote::None && judged < 0) judged = i;
        if (round.blind && isOpen(round.batch)) continue;
        told.prepend(round);
        if (!round.blind) continue; // who knows which is which does not judge it fairly
        result.original += round.vote == Vote::Original;
        result.smaller += round.vote == Vote::Smaller;
        result.noDifference += round.vote == Vote::NoDifference;
        result.bothBad += round.vote == Vote::BothBad;
    }
    result.say(titleOf(m_original), titleOf(m_smaller));
    const auto same = [](const CompareRound& a, const CompareRound& b) { return a.id == b.id; };
    const QList<CompareRound>& before = m_shownRounds.list();
    if (!std::equal(told.begin(), told.end(), before.begin(), before.end(), same)) m_shownRounds.reset(told);
    m_result = result;
    const bool next = judged != m_judged;
    m_judged = judged;
    if (next) {
        m_wordsShown = 0;
        judged >= 0 ? m_pace.start() : m_pace.stop();
        emit paceChanged();
    }
    emit judgingChanged();
    emit roundsChanged();
}

QString CompareController::question() const { return judging() ? m_rounds[m_judged].pair.prompt : QString(); }

QString CompareController::standing() const {
    if (!judging()) return {};
    const qint64 batch = m_rounds[m_judged].batch;
    int number = 1, all = 0;
    for (int i = 0; i < int(m_rounds.size()); ++i) {
        if (m_rounds[i].batch != batch) continue;
        ++all;
        if (i < m_judged) ++number;
    }
    if (state() == State::Busy && !m_measuring && batch == m_batch) all += int(m_questions.size());
    return all > 1 ? tr("Question %1 of %2").arg(number).arg(all) : QString();
}

int CompareController::longest() const {
    if (!judging()) return 0;
    const AnswerPair& pair = m_rounds[m_judged].pair;
    return int(std::max(wordsOf(pair.said(true)).size(), wordsOf(pair.said(false)).size()));
}

bool CompareController::allShown() const { return m_wordsShown >= longest(); }

QString CompareController::shown(bool sideA) const {
    if (!judging()) return {};
    const CompareRound& round = m_rounds[m_judged];
    const QString text = round.pair.said(sideA == round.originalIsA);
    const QList<Span> words = wordsOf(text);
    if (m_wordsShown >= words.size()) return text;
    return m_wordsShown == 0 ? QString() : text.left(words[m_wordsShown - 1].start + words[m_wordsShown - 1].length);
}

QString CompareController::thoughts(bool sideA) const {
    return judging() ? m_rounds[m_judged].pair.thoughts(sideA == m_rounds[m_judged].originalIsA) : QString();
}

QString CompareController::markedToJudge(bool sideA, const QString& color) const {
    if (!judging()) return {};
    return m_rounds[m_judged].pair.marked(sideA == m_rounds[m_judged].originalIsA, color);
}

void CompareController::showAll() {
    m_wordsShown = longest();
    m_pace.stop();
    emit paceChanged();
}

void CompareController::vote(int choice) {
    if (!judging() || choice < A || choice > BothBad) return;
    if (!allShown()) return showAll(); // read first
    CompareRound& round = m_rounds[m_judged];
    round.vote = choice == NoDifference               ? Vote::NoDifference
                 : choice == BothBad                  ? Vote::BothBad
                 : (choice == A) == round.originalIsA ? Vote::Original
                                                      : Vote::Smaller;
    m_store->update(round);
    settleRounds();
}

void CompareController::reveal() {
    if (!judging()) return;
    const qint64 batch = m_rounds[m_judged].batch;
    for (CompareRound& round : m_rounds) {
        if (round.batch != batch || round.vote != Vote::None) continue;
        round.blind = false;
        m_store->update(round);
    }
    settleRounds();
}

void CompareController::forget() {
    m_store->clear(m_original.path, m_smaller.path);
    m_rounds.clear();
    settleRounds();
}

// --- Keeping it.

void CompareController::save(const QUrl& file) {
    const QString path = localPath(file);
    const QString problem = saveRounds(path, m_shownRounds.list(), m_result);
    if (problem.isEmpty()) {
        setNote(tr("Saved as %1.").arg(QFileInfo(path).fileName()), QStringLiteral("good"));
    } else {
        setNote(problem, QStringLiteral("bad"));
    }
}

void CompareController::setNote(const QString& note, const QString& tone) {
    m_note = note;
    m_noteTone = tone;
    emit noteChanged();
}

} // namespace nibble::gui

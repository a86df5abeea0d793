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
        for (ModelEntry& model : m_models) {
            if (model.path == path) model = m_library->entry(path);
        }
        emit modelsChanged();
    });
}

QStringList CompareController::paths() const {
    QStringList list;
    for (const ModelEntry& model : m_models) {
        if (!model.path.isEmpty()) list += model.path;
    }
    return list;
}

bool CompareController::sameTwice() const {
    QStringList list = paths();
    return list.removeDuplicates() > 0;
}

bool CompareController::canStart() const {
    return state() != State::Busy && !original().path.isEmpty() && !smaller().path.isEmpty() && !sameTwice();
}

void CompareController::setBlind(bool blind) {
    if (blind == m_blind) return;
    m_blind = blind;
    QSettings().setValue(kBlindKey, blind);
    emit blindChanged();
}

void CompareController::choose(int model, const QString& path) {
    ModelEntry& place = m_models[std::size_t(model)];
    if (path.isEmpty() || path == place.path || state() == State::Busy) return;
    place = m_library->entry(path);
    if (place.path.isEmpty()) {
        place.path = path;
        place.name = QFileInfo(path).fileName();
        m_library->select(path); // adds it; entryChanged tells when it is known
    }
    if (model == 0) m_figures.clear();
    readAgain();
}

void CompareController::readAgain() {
    m_questions.clear();
    m_oneAfterTheOther = false;
    emit figuresChanged();
    m_rounds = m_store->rounds(paths());
    setState(original().path.isEmpty() || smaller().path.isEmpty() ? State::Empty : State::Ready);
}

void CompareController::open(const QVariantMap& request) {
    const auto of = [&request](const char* field) { return request[QLatin1String(field)].toString(); };
    if (const QString path = of("original"); !path.isEmpty()) chooseOriginal(path);
    if (const QString path = of("smaller"); !path.isEmpty()) chooseSmaller(path);
    if (const QString path = of("third"); !path.isEmpty()) chooseThird(path);
    if (const QString text = of("ask"); !text.isEmpty()) ask(text);
}

void CompareController::chooseOriginal(const QString& path) { choose(0, path); }
void CompareController::chooseSmaller(const QString& path) { choose(1, path); }
void CompareController::chooseThird(const QString& path) {
    m_withThird = m_withThird || !path.isEmpty();
    choose(2, path);
}

void CompareController::addThird() {
    m_withThird = true;
    emit modelsChanged();
}

void CompareController::removeThird() {
    if (state() == State::Busy) return;
    m_withThird = false;
    m_models[2] = {};
    readAgain();
}

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
    m_measuring = false;
    start();
}

void CompareController::measure() {
    if (!canStart()) return;
    m_measuredUnasked = false;
    m_measuring = true;
    start();
}

void CompareController::start() {
    m_progress = -1;
    m_progressText.clear();
    emit progressChanged();
    setState(State::Busy);
    m_measuring ? startMeasuring() : startAsking();
}

void CompareController::startAsking() {
    m_job = m_engine->request(protocol::kAsk, {{"models", QJsonArray::fromStringList(paths())},
                                               {"prompts", QJsonArray::fromStringList(m_questions)},
                                               {"answerTokens", kAnswerTokens},
                                               {"sampling", QJsonObject{{"temperature", 0.0}}}});
    connect(m_job, &Reply::finished, this, &CompareController::answered);
    follow(m_job);
}

QStringList CompareController::toMeasure() const {
    QStringList list = paths().mid(1);
    list.removeIf([this](const QString& path) { return m_figures.value(path).isKnown(); });
    return list;
}

void CompareController::startMeasuring() {
    const QStringList left = toMeasure();
    if (left.isEmpty()) return setState(State::Ready);
    m_job = m_engine->request(protocol::kCompare,
                              {{"original", original().path}, {"smaller", left.first()}, {"chunks", kChunks}});
    connect(m_job, &Reply::finished, this, &CompareController::measuredPair);
    follow(m_job);
}

void CompareController::follow(Reply* job) {
    connect(job, &Reply::event, this, [this](const QString& name, const QJsonObject& data) {
        if (name == QLatin1String("answer")) return addRound(data);
        m_progress = data["fraction"].toDouble(-1);
        // The stage names a model, which would tell whose turn takes how long.
        m_progressText = wording::joined(
            {m_measuring ? data["stage"].toString() : QString(), wording::timeLeft(data["secondsLeft"].toDouble())});
        emit progressChanged();
    });
    connect(job, &Reply::failed, this, &CompareController::failed);
}

QString CompareController::asking() const {
    return state() == State::Busy && !m_measuring ? m_questions.value(0) : QString();
}

void CompareController::addRound(const QJsonObject& answer) {
    CompareRound round;
    const QJsonArray pairs = answer["pairs"].toArray(), bytes = answer["memoryBytes"].toArray();
    for (int other = 0; other < pairs.size(); ++other) {
        AnswerPair pair = AnswerPair::fromJson(pairs[other].toObject());
        pair.prompt = answer["prompt"].toString();
        pair.originalBytes = bytes.at(0).toDouble();
        pair.smallerBytes = bytes.at(other + 1).toDouble();
        round.pairs += pair;
    }
    round.batch = m_batch;
    for (const ModelEntry& model : m_models) {
        if (model.path.isEmpty()) continue;
        round.places += int(round.names.size());
        round.names += model.title();
    }
    if (!round.isWhole()) return; // not what was asked for
    round.blind = m_blind;
    if (m_blind) std::shuffle(round.places.begin(), round.places.end(), *QRandomGenerator::global());
    if (m_blind && round.identical()) round.vote = Vote::NoDifference; // there is nothing to judge
    m_store->add(paths(), round);
    m_batch = round.batch;
    m_questions.removeOne(round.prompt());
    m_rounds.append(round);
    settleRounds();
    emit progressChanged();
}

void CompareController::failed(const EngineError& error) {
    const bool unasked = m_measuring && m_measuredUnasked;
    if (error.isCanceled() || (!m_measuring && m_questions.isEmpty())) { // stopped, or all answers had come
        m_questions.clear();
        setState(State::Ready);
    } else if (unasked && error.kind == QLatin1String("bad-request")) { // such as two different vocabularies
        m_figures[toMeasure().first()].problem = error.message;
        emit figuresChanged();
        startMeasuring(); // the next, if any
    } else {
        setFailed(error);
    }
}

void CompareController::answered(const QJsonObject& report) {
    m_oneAfterTheOther = report["oneAfterTheOther"].toBool();
    QJsonArray bytes;
    for (const QJsonValue& model : report["models"].toArray()) bytes.append(model["memoryBytes"]);
    for (const QJsonValue& answer : report["answers"].toArray()) { // those that no event told
        QJsonObject round = answer.toObject();
        round["memoryBytes"] = bytes;
        if (m_questions.contains(round["prompt"].toString())) addRound(round);
    }
    m_questions.clear();
    setState(State::Ready);
    m_measuring = m_measuredUnasked = true;
    if (!measured()) start();
}

void CompareController::measuredPair(const QJsonObject& report) {
    const QString path = toMeasure().value(0);
    PairFigures& pair = m_figures[path];
    pair.figures = CheckResult::fromReport(report);
    pair.oneAfterTheOther = report["oneAfterTheOther"].toBool();
    if (!pair.isKnown()) pair.problem = tr("Nothing could be measured.");
    emit figuresChanged();
    startMeasuring();
}

QVariantList CompareController::figures() const {
    QVariantList list;
    for (const ModelEntry& model : m_models) {
        PairFigures pair = m_figures.value(model.path);
        if (&model == &m_models[0] || model.path.isEmpty() || !pair.isKnown()) continue;
        pair.other = model;
        list += QVariant::fromValue(pair);
    }
    return list;
}

void CompareController::cancel() {
    if (m_job) m_job->cancel();
}

void CompareController::tryAgain() {
    if (m_measuring || !m_questions.isEmpty()) start();
}

// --- Keeping it.

void CompareController::forget() {
    m_store->clear(paths());
    m_rounds.clear();
    settleRounds();
}

void CompareController::save(const QUrl& file) {
    const QString path = localPath(file);
    const QString problem = saveRounds(path, m_shownRounds.list(), m_results);
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

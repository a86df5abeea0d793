#include "chat_controller.h"

#include "chat_export.h"
#include "chat_words.h"
#include "components/text_file.h"
#include "engine/device_choice.h"
#include "engine/fake_engine.h"
#include "office_roles.h"
#include <QFileInfo>
#include <QJsonArray>
#include <QLocale>
#include <QSettings>
#include <nibble/protocol.h>

namespace nibble::gui {

namespace {

constexpr int kSaveEveryMs = 2000;                      // while an answer is written
constexpr int kDraftMs = 400;                           // after the last key
const QString kDraftKey = QStringLiteral("chat/draft"); // of the chat that has no question yet
constexpr auto kEngineStopped = "engine-stopped";

} // namespace

ChatController::ChatController(QObject* parent) : PageController(parent) {
    m_draftTimer.setSingleShot(true);
    m_draftTimer.setInterval(kDraftMs);
    connect(&m_sampling, &SamplingSettings::valuesChanged, this, &ChatController::saveSampling);
    connect(&m_draftTimer, &QTimer::timeout, this, &ChatController::writeDraft);
    connect(&m_projects, &ProjectList::changed, this, &ChatController::showProject);
    connect(&m_attachments, &AttachmentList::failed, this, &ChatController::addWarning);
    connect(&m_attachments, &AttachmentList::read, this, [this](const QString& note) {
        if (!note.isEmpty()) addWarning(note);
        if (loaded()) m_attachments.count(m_engine);
    });
}

ChatController::~ChatController() { writeDraft(); }

void ChatController::setEngine(EngineInterface* engine) {
    m_engine = engine;
    openStore(qobject_cast<FakeEngine*>(engine));
    connect(engine, &EngineInterface::engineStopped, this, [this](Lane lane) {
        if (lane != Lane::Chat) return;
        m_loadedPath.clear();
        emit modelChanged();
    });
}

void ChatController::setLibrary(Library* library) {
    m_library = library;
    connect(library, &Library::entryChanged, this, [this](const QString& path) {
        if (path != m_model.path) return;
        m_model = m_library->entry(path);
        emit modelChanged();
    });
}

void ChatController::openStore(bool inMemory) {
    m_store = std::make_unique<ChatStore>(
        qEnvironmentVariable("NIBBLE_CHATS", inMemory ? QString() : ChatStore::defaultPath()));
    openDraft(QSettings().value(kDraftKey).toString(), {});
    m_projects.setStore(m_store.get());
}

void ChatController::refreshList() {
    m_conversations.reset(m_store->conversations(m_search, m_projects.shown()));
    emit currentChanged();
}

void ChatController::showProject() {
    // A new chat is of the project that is shown; one whose project is gone, of none.
    m_project = m_current ? m_projects.idAt(place()) : std::max<qint64>(0, m_projects.shown());
    refreshList();
}

void ChatController::moveTo(int place) {
    m_project = m_projects.idAt(place);
    if (m_current) m_store->setProject(m_current, m_project);
    m_projects.refresh(); // the counts, and so the list
}

void ChatController::moveChat(qint64 id, int place) {
    if (id == m_current) return moveTo(place);
    m_store->setProject(id, m_projects.idAt(place));
    m_projects.refresh();
}

void ChatController::setSearch(const QString& search) {
    if (search == m_search) return;
    m_search = search;
    emit searchChanged();
    refreshList();
}

void ChatController::setContext(int used, int length) {
    m_contextUsed = used;
    m_contextLength = length;
    m_attachments.setRoom(length - used);
    emit contextChanged();
}

// --- The model.

void ChatController::choose(const QString& path) {
    if (path.isEmpty() || (path == m_model.path && (loaded() || m_loading))) return;
    if (m_answering) leaveChat();
    m_model = m_library->entry(path);
    if (m_model.path.isEmpty()) {
        m_model.path = path;
        m_model.name = QFileInfo(path).fileName();
        m_library->select(path); // adds it; entryChanged tells when it is known
    }
    m_plainTemplate = false;
    if (m_current) m_store->setModel(m_current, path);
    load();
}

void ChatController::load() {
    if (m_loading) m_loading->disconnect(this);
    m_loadProgress = -1;
    const QString path = m_model.path;
    emit modelChanged();
    setState(State::Loading);
    m_loading = m_engine->request(protocol::kLoad, withDevice({{"model", path}}), Lane::Chat);
    connect(m_loading, &Reply::event, this, [this](const QString&, const QJsonObject& data) {
        m_loadProgress = data["fraction"].toDouble(-1);
        emit loadProgressChanged();
    });
    connect(m_loading, &Reply::finished, this, [this, path](const QJsonObject& result) { loadedModel(path, result); });
    connect(m_loading, &Reply::failed, this, [this](const EngineError& error) {
        m_loading = nullptr;
        m_answerAfterLoad = false;
        setFailed(error);
    });
}

void ChatController::loadedModel(const QString& path, const QJsonObject& result) {
    m_loading = nullptr;
    m_loadedPath = path;
    m_hasTemplate = result["hasChatTemplate"].toBool();
    m_canSwitchThinking = result["canSwitchThinking"].toBool();
    m_sampling.setSuggested(result["suggestedSampling"].toObject());
    m_runsOn = whatItRunsOn(result);
    m_runsOnReason = result["deviceReason"].toString();
    emit modelChanged();
    setContext(0, result["contextLength"].toInt());
    m_attachments.forgetCounts(); // another model counts otherwise
    m_attachments.count(m_engine);
    setState(State::Ready);
    if (std::exchange(m_answerAfterLoad, false) && waitingForAnswer()) answer();
}

void ChatController::agreeToPlainTemplate() {
    m_plainTemplate = true;
    emit modelChanged();
    if (waitingForAnswer()) answer();
}

// --- What goes with a question.

QStringList ChatController::roles() {
    QStringList names;
    for (const OfficeRole& role : officeRoles()) names += role.name;
    return names;
}

int ChatController::role() const {
    const QList<OfficeRole> roles = officeRoles();
    for (int i = 0; i < int(roles.size()); ++i) {
        if (roles[i].instructions == m_instructions) return i;
    }
    return -1;
}

void ChatController::chooseRole(int role) {
    const QList<OfficeRole> roles = officeRoles();
    if (role >= 0 && role < roles.size()) setInstructions(roles[role].instructions);
}

void ChatController::setInstructions(const QString& instructions) {
    const QString clean = instructions.trimmed();
    if (clean == m_instructions) return;
    m_instructions = clean;
    if (m_current) {
        m_store->setInstructions(m_current, clean);
        if (Conversation* chat = m_conversations.find(m_current)) chat->instructions = clean;
    }
    emit instructionsChanged();
}

void ChatController::saveSampling() {
    const QString text = m_sampling.toText();
    Conversation* chat = m_current ? m_conversations.find(m_current) : nullptr;
    const bool kept = chat && chat->sampling == text; // as it was just opened
    if (m_current && !kept) m_store->setSampling(m_current, text);
    if (chat) chat->sampling = text;
    emit styleChanged();
}

void ChatController::saveDraft(const QString& text) {
    if (text == m_draft) return;
    m_draft = text;
    m_draftTimer.start();
}

void ChatController::writeDraft() {
    m_draftTimer.stop();
    if (!m_store) return;
    if (m_current) {
        m_store->setDraft(m_current, m_draft);
        if (Conversation* chat = m_conversations.find(m_current)) chat->draft = m_draft;
    } else {
        QSettings().setValue(kDraftKey, m_draft);
    }
}

void ChatController::openDraft(const QString& draft, const QString& instructions) {
    m_draft = draft;
    m_instructions = instructions;
    m_attachments.take();
    emit draftChanged();
    emit instructionsChanged();
}

void ChatController::attach(const QList<QUrl>& files) {
    setNote(m_attachments.add(files).join('\n'), QStringLiteral("warn"));
    if (loaded()) m_attachments.count(m_engine);
}

/// Beside those that are shown: several files may be read at a time.
void ChatController::addWarning(const QString& warning) {
    const bool others = m_noteTone == QLatin1String("warn") && !m_note.isEmpty();
    setNote(others ? m_note + '\n' + warning : warning, QStringLiteral("warn"));
}

// --- Keeping it elsewhere.

QString ChatController::title() const {
    const int row = m_conversations.indexOf(m_current);
    if (row >= 0) return m_conversations.list()[row].title;
    return m_messages.count() > 0 ? titleOf(m_messages.turn(0).content) : QString(); // a search hides it
}

QString ChatController::asText() const {
    return chatAsMarkdown({title(), m_model.name, m_instructions, m_messages.turns()});
}

void ChatController::saveAs(const QUrl& file) {
    const QString path = localPath(file);
    const QString problem = saveChat(path, {title(), m_model.name, m_instructions, m_messages.turns()});
    if (problem.isEmpty()) {
        setNote(tr("Saved as %1.").arg(QFileInfo(path).fileName()), QStringLiteral("good"));
    } else {
        setNote(problem, QStringLiteral("bad"));
    }
}

void ChatController::setNote(const QString& note, const QString& tone) {
    m_note = note;
    m_noteTone = tone;
    m_removed = 0;
    emit noteChanged();
}

// --- The chats.

void ChatController::leaveChat() {
    if (!m_answering) return;
    m_answering->disconnect(this);
    m_answering->cancel();
    m_answering = nullptr;
    endAnswer(tr("Stopped"));
    setState(State::Ready);
}

void ChatController::newChat() {
    leaveChat();
    writeDraft();
    m_current = 0;
    m_project = std::max<qint64>(0, m_projects.shown());
    openDraft(QSettings().value(kDraftKey).toString(), {});
    m_dropOldest = false;
    m_sampling.clear(); // the style stays
    m_messages.reset({});
    setContext(0, m_contextLength);
    if (state() == State::Failed) setState(loaded() ? State::Ready : State::Empty);
    emit currentChanged();
}

void ChatController::openChat(qint64 id) {
    if (id == m_current) return;
    const int row = m_conversations.indexOf(id);
    if (row < 0) return;
    const Conversation chat = m_conversations.list()[row];
    newChat();
    m_current = id;
    m_project = chat.project;
    m_messages.reset(m_store->turns(id));
    openDraft(chat.draft, chat.instructions);
    m_sampling.fromText(chat.sampling);
    emit currentChanged();
    const QString path = chat.model;
    if (QFileInfo::exists(path) || m_library->models()->indexOf(path) >= 0) choose(path);
}

void ChatController::removeChat(qint64 id) {
    const int row = m_conversations.indexOf(id);
    if (row < 0) return;
    const QString name = m_conversations.list()[row].title;
    if (id == m_current) newChat();
    if (m_projects.inTrash()) {
        m_store->erase(id);
        if (id == m_removed) closeNote(); // there is nothing to undo
    } else {
        m_store->remove(id);
        setNote(tr("\"%1\" is in the trash for %2 days.").arg(name).arg(ChatStore::kDaysInTrash),
                QStringLiteral("good"));
        m_removed = id;
        emit noteChanged();
    }
    m_projects.refresh();
}

void ChatController::undoRemove() {
    m_store->restore(std::exchange(m_removed, 0));
    closeNote();
    m_projects.refresh();
}

void ChatController::putBack() {
    m_store->restore(m_current);
    if (m_current == m_removed) closeNote();
    m_projects.refresh();
}

void ChatController::renameChat(qint64 id, const QString& title) {
    if (title.trimmed().isEmpty()) return;
    m_store->rename(id, titleOf(title));
    refreshList();
}

void ChatController::send(const QString& text) {
    if (text.trimmed().isEmpty() || state() == State::Busy || m_model.path.isEmpty() || m_attachments.reading()) return;
    ChatTurn turn;
    turn.content = text.trimmed();
    turn.files = m_attachments.take();
    turn.parent = lastTurn();
    m_draft.clear();
    writeDraft(); // of a new chat
    ask(turn);
}

void ChatController::ask(ChatTurn turn) {
    if (!m_current)
        m_current =
            m_store->create(titleOf(turn.content), m_model.path, m_instructions, m_sampling.toText(), m_project);
    turn.role = QStringLiteral("user");
    m_store->save(m_current, turn);
    m_messages.append(turn);
    m_projects.refresh(); // a chat more, perhaps
    answer();
}

bool ChatController::waitingForAnswer() const {
    return m_messages.count() > 0 && m_messages.turn(m_messages.count() - 1).role == QLatin1String("user");
}

void ChatController::answer() {
    if (!loaded()) {
        m_answerAfterLoad = true;
        if (!m_loading) load();
        return;
    }
    if (needsPlainTemplate()) return; // the page asks first
    QJsonArray messages;
    if (!m_instructions.isEmpty()) messages.append(QJsonObject{{"role", "system"}, {"content", m_instructions}});
    for (int row = 0; row < m_messages.count(); ++row) {
        messages.append(QJsonObject{{"role", m_messages.turn(row).role}, {"content", m_messages.turn(row).forModel()}});
    }
    ChatTurn turn;
    turn.role = QStringLiteral("assistant");
    turn.parent = lastTurn();
    m_store->save(m_current, turn);
    m_messages.append(turn);
    m_messages.setWriting(m_messages.count() - 1);
    m_sinceSave.start();
    m_sentences.restart();
    m_saidThinking = false;
    setState(State::Busy);
    QJsonObject params{{"messages", messages},
                       {"sampling", m_sampling.sampling()},
                       {"dropOldestTurns", m_dropOldest},
                       {"allowChatMl", m_plainTemplate}};
    if (m_canSwitchThinking) params["thinking"] = m_thinksFirst;
    m_answering = m_engine->request(protocol::kChat, params, Lane::Chat);
    connect(m_answering, &Reply::event, this, [this](const QString& name, const QJsonObject& data) {
        if (name != QLatin1String("text")) return;
        m_messages.addText(data["text"].toString());
        say(false);
        if (m_sinceSave.elapsed() < kSaveEveryMs) return;
        m_store->save(m_current, m_messages.turn(m_messages.count() - 1));
        m_sinceSave.restart();
    });
    connect(m_answering, &Reply::finished, this, &ChatController::answered);
    connect(m_answering, &Reply::failed, this, &ChatController::failedAnswer);
}

void ChatController::say(bool ended) {
    const AnswerParts parts = answerParts(m_messages.turn(m_messages.count() - 1).content);
    if (parts.thinking && !std::exchange(m_saidThinking, true)) emit said(tr("Thinking…"));
    const QStringList sentences = m_sentences.next(parts.answer, ended);
    for (const QString& sentence : sentences) emit said(sentence);
}

/// The last row is complete: with nothing in it, it goes; otherwise it is saved.
void ChatController::endAnswer(const QString& note) {
    const int row = m_messages.count() - 1;
    m_messages.setWriting(-1);
    ChatTurn& turn = m_messages.turn(row);
    if (turn.content.isEmpty()) {
        m_store->removeTurn(m_current, turn.id);
        m_messages.removeFrom(row);
    } else {
        turn.note = note;
        m_messages.touch(row);
        m_store->save(m_current, turn);
    }
    refreshList();
}

void ChatController::answered(const QJsonObject& result) {
    m_answering = nullptr;
    m_revived = false;
    const QString text = result["text"].toString();
    if (!text.isEmpty()) m_messages.turn(m_messages.count() - 1).content = text;
    say(true);
    setContext(result["contextUsed"].toInt(), result["contextLength"].toInt());
    endAnswer(noteOf(result));
    if (text.isEmpty()) m_messages.reset(m_store->turns(m_current)); // an older version, where there is one
    setState(State::Ready);
}

void ChatController::failedAnswer(const EngineError& error) {
    m_answering = nullptr;
    if (error.kind == QLatin1String(kEngineStopped) && !m_revived) {
        // Once, the question is put to a new engine by itself.
        m_messages.turn(m_messages.count() - 1).content.clear();
        endAnswer({});
        m_revived = m_answerAfterLoad = true;
        m_loadedPath.clear();
        setState(State::Loading);
        QTimer::singleShot(0, this, &ChatController::load);
        return;
    }
    m_revived = false;
    say(true);
    endAnswer(tr("Interrupted"));
    if (error.isCanceled()) {
        m_messages.reset(m_store->turns(m_current));
        setState(State::Ready);
    } else {
        setFailed(error);
    }
}

bool ChatController::stop() {
    const QPointer<Reply> reply = m_answering ? m_answering : m_loading;
    if (reply) reply->cancel();
    return state() == State::Busy || state() == State::Loading;
}

void ChatController::retry(int row) {
    if (state() == State::Busy || row <= 0 || row >= m_messages.count()) return;
    m_messages.removeFrom(row);
    answer();
}

void ChatController::showVersion(int row, int step) {
    if (state() == State::Busy || row < 0 || row >= m_messages.count()) return;
    m_store->showVersion(m_current, m_messages.turn(row).id, step);
    m_messages.reset(m_store->turns(m_current));
}

void ChatController::edit(int row, const QString& text) {
    if (state() == State::Busy || row < 0 || row >= m_messages.count() || text.trimmed().isEmpty()) return;
    ChatTurn turn;
    turn.content = text.trimmed();
    turn.files = m_messages.turn(row).files;
    turn.parent = m_messages.turn(row).parent;
    m_messages.removeFrom(row);
    ask(turn);
}

void ChatController::tryAgain() {
    if (waitingForAnswer()) {
        answer();
    } else if (!m_model.path.isEmpty()) {
        load();
    }
}

void ChatController::forgetOldest() {
    m_dropOldest = true;
    tryAgain();
}

} // namespace nibble::gui

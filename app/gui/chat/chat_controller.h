// The Chat page: one open chat, the model that answers, and the chats saved before.
#pragma once

#include "attachment_list.h"
#include "chat_store.h"
#include "chat_words.h"
#include "components/page_controller.h"
#include "conversation_list.h"
#include "message_list.h"
#include "models/library.h"
#include "project_list.h"
#include "sampling_settings.h"
#include "sentences.h"
#include <QElapsedTimer>
#include <QPointer>
#include <QTimer>
#include <QUrl>
#include <memory>

namespace nibble::gui {

class ChatController : public nibble::gui::PageController { // in full, for qmllint
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(nibble::gui::EngineInterface* engine READ engine WRITE setEngine)
    Q_PROPERTY(nibble::gui::Library* library READ library WRITE setLibrary)
    Q_PROPERTY(nibble::gui::ConversationList* conversations READ conversations CONSTANT)
    Q_PROPERTY(nibble::gui::MessageList* messages READ messages CONSTANT)
    Q_PROPERTY(nibble::gui::ProjectList* projects READ projects CONSTANT)
    /// Where the open chat is: a row of projects.places.
    Q_PROPERTY(int place READ place NOTIFY currentChanged)
    Q_PROPERTY(qint64 current READ current NOTIFY currentChanged)
    Q_PROPERTY(nibble::gui::ModelEntry model READ model NOTIFY modelChanged)
    Q_PROPERTY(bool loaded READ loaded NOTIFY modelChanged)
    Q_PROPERTY(double loadProgress READ loadProgress NOTIFY loadProgressChanged)
    Q_PROPERTY(bool needsPlainTemplate READ needsPlainTemplate NOTIFY modelChanged)
    /// The model can think before it answers, or not; whether it does.
    Q_PROPERTY(bool canSwitchThinking READ canSwitchThinking NOTIFY modelChanged)
    Q_PROPERTY(bool thinksFirst MEMBER m_thinksFirst NOTIFY styleChanged)
    Q_PROPERTY(int style READ style WRITE setStyle NOTIFY styleChanged)
    Q_PROPERTY(QStringList styles READ styles CONSTANT)
    Q_PROPERTY(nibble::gui::SamplingSettings* sampling READ sampling CONSTANT)
    Q_PROPERTY(double contextShare READ contextShare NOTIFY contextChanged)
    Q_PROPERTY(QString contextText READ contextText NOTIFY contextChanged)
    Q_PROPERTY(QString runsOn READ runsOnText NOTIFY modelChanged)
    Q_PROPERTY(QString runsOnReason MEMBER m_runsOnReason NOTIFY modelChanged)
    Q_PROPERTY(QString search READ search WRITE setSearch NOTIFY searchChanged)
    Q_PROPERTY(QString storeProblem READ storeProblem NOTIFY currentChanged)
    Q_PROPERTY(QString draft READ draft NOTIFY draftChanged)
    Q_PROPERTY(QString instructions READ instructions WRITE setInstructions NOTIFY instructionsChanged)
    Q_PROPERTY(QStringList roles READ roles CONSTANT)
    Q_PROPERTY(int role READ role NOTIFY instructionsChanged)
    Q_PROPERTY(nibble::gui::AttachmentList* attachments READ attachments CONSTANT)
    Q_PROPERTY(QString note MEMBER m_note NOTIFY noteChanged)
    Q_PROPERTY(QString noteTone MEMBER m_noteTone NOTIFY noteChanged)
    /// The note is about a chat that was deleted, and that can be undone.
    Q_PROPERTY(bool undoable READ undoable NOTIFY noteChanged)

public:
    /// Chats are kept in $NIBBLE_CHATS, or in ChatStore::defaultPath(); a demo engine's only in memory.
    explicit ChatController(QObject* parent = nullptr);
    ~ChatController() override;

    EngineInterface* engine() const { return m_engine; }
    void setEngine(EngineInterface* engine);
    Library* library() const { return m_library; }
    void setLibrary(Library* library);
    ConversationList* conversations() { return &m_conversations; }
    MessageList* messages() { return &m_messages; }
    ProjectList* projects() { return &m_projects; }
    int place() const { return m_projects.placeOf(m_project); }
    AttachmentList* attachments() { return &m_attachments; }
    qint64 current() const { return m_current; }
    const ModelEntry& model() const { return m_model; }
    bool loaded() const { return !m_model.path.isEmpty() && m_loadedPath == m_model.path; }
    double loadProgress() const { return m_loadProgress; }
    /// The model comes without a chat template, and the user has not agreed to a plain one.
    bool needsPlainTemplate() const { return loaded() && !m_hasTemplate && !m_plainTemplate; }
    bool canSwitchThinking() const { return loaded() && m_canSwitchThinking; }
    int style() const { return m_sampling.style(); }
    void setStyle(int style) { m_sampling.setStyle(style); }
    SamplingSettings* sampling() { return &m_sampling; }
    static QStringList styles() { return answerStyles(); }
    /// 0..1 of the model's context that the chat fills; -1: not known yet.
    double contextShare() const { return m_contextLength > 0 ? double(m_contextUsed) / m_contextLength : -1; }
    QString contextText() const { return contextInWords(m_contextUsed, m_contextLength); }
    /// What the loaded model runs on; empty where none is.
    QString runsOnText() const { return loaded() ? m_runsOn : QString(); }
    const QString& search() const { return m_search; }
    void setSearch(const QString& search);
    QString storeProblem() const { return m_store ? m_store->problem() : QString(); }

    bool undoable() const { return m_removed != 0; }
    /// What the user was writing when this chat was left. draftChanged: another chat is open.
    const QString& draft() const { return m_draft; }
    /// What the model is told before the conversation (its system prompt), for this chat.
    const QString& instructions() const { return m_instructions; }
    void setInstructions(const QString& instructions);
    /// Names of instructions for office tasks; the first: none. role(): which of them are set, -1: the user's own.
    static QStringList roles();
    int role() const;

    /// Loads the model that answers from now on.
    Q_INVOKABLE void choose(const QString& path);
    Q_INVOKABLE void newChat();
    Q_INVOKABLE void openChat(qint64 id);
    /// Into the trash; one that is there, for good.
    Q_INVOKABLE void removeChat(qint64 id);
    /// The chat that was deleted last is where it was before.
    Q_INVOKABLE void undoRemove();
    /// Takes the open chat out of the trash.
    Q_INVOKABLE void putBack();
    Q_INVOKABLE void renameChat(qint64 id, const QString& title);
    /// Puts the open chat into a project, or into none.
    Q_INVOKABLE void moveTo(int place);
    /// The same for any chat of the list.
    Q_INVOKABLE void moveChat(qint64 id, int place);
    Q_INVOKABLE void send(const QString& text);
    /// The answer, or the loading of the model; false: neither was under way.
    Q_INVOKABLE bool stop();
    /// Keeps what the user is writing; soon, it is on disk.
    Q_INVOKABLE void saveDraft(const QString& text);
    Q_INVOKABLE void chooseRole(int role);
    /// Files to send with the next question.
    Q_INVOKABLE void attach(const QList<QUrl>& files);
    /// Asks for the answer in this row again. The old one stays as a version, with all that followed it.
    Q_INVOKABLE void retry(int row);
    /// Shows the version of this row's turn that is `step` further on.
    Q_INVOKABLE void showVersion(int row, int step);
    /// The open chat as a Markdown text, and as a file: Markdown, JSON or PDF by its ending.
    Q_INVOKABLE QString asText() const;
    Q_INVOKABLE void saveAs(const QUrl& file);
    Q_INVOKABLE void closeNote() { setNote({}, {}); }
    /// Asks again with another text instead of what the user wrote in this row. The old one stays as a version.
    Q_INVOKABLE void edit(int row, const QString& text);
    /// After a failure: loads or asks again.
    Q_INVOKABLE void tryAgain();
    /// After a failure with kind "context-full": goes on without the oldest turns.
    Q_INVOKABLE void forgetOldest();
    Q_INVOKABLE void agreeToPlainTemplate();

signals:
    void currentChanged();
    void modelChanged();
    void loadProgressChanged();
    void styleChanged();
    void contextChanged();
    void searchChanged();
    void draftChanged();
    void instructionsChanged();
    void noteChanged();
    /// For screen readers: a sentence of the answer that is being written is complete.
    void said(const QString& sentence);

private:
    void openStore(bool inMemory);
    void refreshList();
    void showProject();
    void load();
    void loadedModel(const QString& path, const QJsonObject& result);
    void ask(ChatTurn turn);
    void answer();
    void saveSampling();
    void writeDraft();
    void openDraft(const QString& draft, const QString& instructions);
    void setNote(const QString& note, const QString& tone);
    void addWarning(const QString& warning);
    qint64 lastTurn() const { return m_messages.count() > 0 ? m_messages.turn(m_messages.count() - 1).id : 0; }
    QString title() const;
    void endAnswer(const QString& note);
    void answered(const QJsonObject& result);
    void failedAnswer(const EngineError& error);
    void say(bool ended);
    void leaveChat();
    bool waitingForAnswer() const;
    void setContext(int used, int length);

    EngineInterface* m_engine = nullptr;
    Library* m_library = nullptr;
    std::unique_ptr<ChatStore> m_store;
    ConversationList m_conversations;
    MessageList m_messages;
    ProjectList m_projects;
    QString m_search;
    qint64 m_current = 0;
    qint64 m_project = 0; // of the open chat
    qint64 m_removed = 0; // that the note is about; 0: it is about something else
    ModelEntry m_model;
    QString m_loadedPath; // in the engine
    bool m_hasTemplate = true, m_plainTemplate = false, m_dropOldest = false;
    QString m_runsOn, m_runsOnReason;
    bool m_revived = false; // this answer was asked for again after the engine stopped
    bool m_answerAfterLoad = false;
    double m_loadProgress = -1;
    SamplingSettings m_sampling; // of this chat
    bool m_canSwitchThinking = false, m_thinksFirst = true;
    int m_contextUsed = 0, m_contextLength = 0;
    QPointer<Reply> m_loading, m_answering;
    QElapsedTimer m_sinceSave;
    Sentences m_sentences; // of the answer that is being written
    bool m_saidThinking = false;
    QString m_draft, m_instructions, m_note, m_noteTone;
    QTimer m_draftTimer;
    AttachmentList m_attachments;
};

} // namespace nibble::gui

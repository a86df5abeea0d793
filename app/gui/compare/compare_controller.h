// The Compare page: two models, the same questions to both, judged blind or seen openly, and the numbers of the pair.
#pragma once

#include "compare_store.h"
#include "components/page_controller.h"
#include "models/library.h"
#include "round_list.h"
#include "smaller/check_result.h"
#include "vote_result.h"
#include <QPointer>
#include <QTimer>
#include <memory>

namespace nibble::gui {

class CompareController : public nibble::gui::PageController { // in full, for qmllint
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(nibble::gui::EngineInterface* engine READ engine WRITE setEngine)
    Q_PROPERTY(nibble::gui::Library* library READ library WRITE setLibrary)
    Q_PROPERTY(nibble::gui::ModelEntry original READ original NOTIFY modelsChanged)
    Q_PROPERTY(nibble::gui::ModelEntry smaller READ smaller NOTIFY modelsChanged)
    Q_PROPERTY(bool canStart READ canStart NOTIFY modelsChanged)
    Q_PROPERTY(nibble::gui::RoundList* rounds READ rounds CONSTANT)
    Q_PROPERTY(nibble::gui::VoteResult result READ result NOTIFY roundsChanged)
    Q_PROPERTY(QString storeProblem READ storeProblem NOTIFY roundsChanged)
    Q_PROPERTY(bool blind READ blind WRITE setBlind NOTIFY blindChanged)
    Q_PROPERTY(bool judging READ judging NOTIFY judgingChanged)
    Q_PROPERTY(QString question READ question NOTIFY judgingChanged)
    Q_PROPERTY(QString standing READ standing NOTIFY judgingChanged)
    Q_PROPERTY(QString shownA READ shownA NOTIFY paceChanged)
    Q_PROPERTY(QString shownB READ shownB NOTIFY paceChanged)
    Q_PROPERTY(QString thoughtsA READ thoughtsA NOTIFY paceChanged)
    Q_PROPERTY(QString thoughtsB READ thoughtsB NOTIFY paceChanged)
    Q_PROPERTY(bool allShown READ allShown NOTIFY paceChanged)
    Q_PROPERTY(nibble::gui::CheckResult figures READ figures NOTIFY figuresChanged)
    Q_PROPERTY(QString figuresProblem MEMBER m_figuresProblem NOTIFY figuresChanged)
    Q_PROPERTY(bool oneAfterTheOther READ oneAfterTheOther NOTIFY figuresChanged)
    Q_PROPERTY(bool measuring READ measuring NOTIFY stateChanged)
    Q_PROPERTY(QString asking READ asking NOTIFY progressChanged)
    Q_PROPERTY(double progress READ progress NOTIFY progressChanged)
    Q_PROPERTY(QString progressText READ progressText NOTIFY progressChanged)
    Q_PROPERTY(QString note MEMBER m_note NOTIFY noteChanged)
    Q_PROPERTY(QString noteTone MEMBER m_noteTone NOTIFY noteChanged)

public:
    /// Rounds are kept in $NIBBLE_COMPARISONS, or in compare.sqlite of the data folder; a demo engine's only in memory.
    explicit CompareController(QObject* parent = nullptr);

    EngineInterface* engine() const { return m_engine; }
    void setEngine(EngineInterface* engine);
    Library* library() const { return m_library; }
    void setLibrary(Library* library);
    const ModelEntry& original() const { return m_original; }
    const ModelEntry& smaller() const { return m_smaller; }
    /// Two different models are chosen and nothing runs.
    bool canStart() const;
    /// What may be told, newest first.
    RoundList* rounds() { return &m_shownRounds; }
    const VoteResult& result() const { return m_result; }
    QString storeProblem() const { return m_store ? m_store->problem() : QString(); }
    /// New questions are shown as A and B, in an order drawn for each, until they are judged.
    bool blind() const { return m_blind; }
    void setBlind(bool blind);

    /// There are two answers to judge: to `question`, as much of them as is shown so far. Both appear word by word at
    /// the same pace, for speed would tell which is which.
    bool judging() const { return m_judged >= 0; }
    QString question() const;
    /// "Question 3 of 10"; empty where there is only one.
    QString standing() const;
    QString shownA() const { return shown(true); }
    QString shownB() const { return shown(false); }
    QString thoughtsA() const { return thoughts(true); }
    QString thoughtsB() const { return thoughts(false); }
    bool allShown() const;
    /// The answers being judged with the differing words marked alike on both sides.
    Q_INVOKABLE QString markedToJudge(bool sideA, const QString& color) const;

    /// Empty sentence: not measured (yet); see figuresProblem.
    const CheckResult& figures() const { return m_figures; }
    bool oneAfterTheOther() const { return m_oneAfterTheOther; }
    bool measuring() const { return state() == State::Busy && m_measuring; }
    /// The question being answered, empty where none is.
    QString asking() const;
    double progress() const { return m_progress; }
    QString progressText() const { return m_progressText; }

    Q_INVOKABLE void chooseOriginal(const QString& path);
    Q_INVOKABLE void chooseSmaller(const QString& path);
    /// Asks both; the numbers of this pair follow by themselves the first time.
    Q_INVOKABLE void ask(const QString& question);
    /// Ten office tasks, or the questions of a text file, one after the other.
    Q_INVOKABLE void askOfficeTasks();
    Q_INVOKABLE void askFile(const QUrl& file);
    enum Choice { A = 1, B = 2, NoDifference = 3, BothBad = 4 };
    Q_ENUM(Choice)
    /// Judges the answers shown; the models of a batch are told when its last question is judged.
    Q_INVOKABLE void vote(int choice);
    Q_INVOKABLE void showAll();
    /// Tells the models of this batch without judging the rest of it.
    Q_INVOKABLE void reveal();
    Q_INVOKABLE void measure();
    Q_INVOKABLE void cancel();
    Q_INVOKABLE void tryAgain();
    /// The rounds told so far as Markdown or JSON, by the file's ending.
    Q_INVOKABLE void save(const QUrl& file);
    Q_INVOKABLE void closeNote() { setNote({}, {}); }
    /// Forgets the questions and votes of this pair.
    Q_INVOKABLE void forget();

signals:
    void modelsChanged();
    void roundsChanged();
    void blindChanged();
    void judgingChanged();
    void paceChanged();
    void figuresChanged();
    void progressChanged();
    void noteChanged();

private:
    void choose(ModelEntry& place, const QString& path);
    void askAll(const QStringList& questions);
    void start(bool measure);
    void failed(const EngineError& error);
    void finished(const QJsonObject& report);
    void addRound(const QJsonObject& answer);
    /// What may be told, what is to be judged and what the votes say, after a change of m_rounds or of the state.
    void settleRounds();
    bool isOpen(qint64 batch) const;
    QString shown(bool sideA) const;
    QString thoughts(bool sideA) const;
    int longest() const;
    void setNote(const QString& note, const QString& tone);

    EngineInterface* m_engine = nullptr;
    Library* m_library = nullptr;
    std::unique_ptr<CompareStore> m_store;
    ModelEntry m_original, m_smaller;
    QList<CompareRound> m_rounds; // of this pair, oldest first
    RoundList m_shownRounds;
    VoteResult m_result;
    int m_judged = -1; // of m_rounds; -1: none
    int m_wordsShown = 0;
    QTimer m_pace;
    bool m_blind = true;
    CheckResult m_figures;
    QString m_figuresProblem;
    bool m_oneAfterTheOther = false, m_measuring = false, m_measuredUnasked = false;
    QStringList m_questions; // not answered yet
    qint64 m_batch = 0;      // of the questions being asked; 0: none answered yet
    double m_progress = -1;
    QString m_progressText, m_note, m_noteTone;
    QPointer<Reply> m_job;
};

} // namespace nibble::gui

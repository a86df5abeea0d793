// The Compare page: two models or three, the same questions to all, judged blind or seen openly, and the numbers of
// each beside the original.
#pragma once

#include "compare_store.h"
#include "components/page_controller.h"
#include "models/library.h"
#include "pair_figures.h"
#include "round_list.h"
#include "vote_result.h"
#include <QPointer>
#include <QTimer>
#include <array>
#include <memory>

namespace nibble::gui {

class CompareController : public nibble::gui::PageController { // in full, for qmllint
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(nibble::gui::EngineInterface* engine READ engine WRITE setEngine)
    Q_PROPERTY(nibble::gui::Library* library READ library WRITE setLibrary)
    Q_PROPERTY(nibble::gui::ModelEntry original READ original NOTIFY modelsChanged)
    Q_PROPERTY(nibble::gui::ModelEntry smaller READ smaller NOTIFY modelsChanged)
    Q_PROPERTY(nibble::gui::ModelEntry third READ third NOTIFY modelsChanged)
    Q_PROPERTY(bool withThird READ withThird NOTIFY modelsChanged)
    Q_PROPERTY(bool sameTwice READ sameTwice NOTIFY modelsChanged)
    Q_PROPERTY(bool canStart READ canStart NOTIFY modelsChanged)
    Q_PROPERTY(nibble::gui::RoundList* rounds READ rounds CONSTANT)
    Q_PROPERTY(QVariantList results READ results NOTIFY roundsChanged)
    Q_PROPERTY(QString storeProblem READ storeProblem NOTIFY roundsChanged)
    Q_PROPERTY(bool blind READ blind WRITE setBlind NOTIFY blindChanged)
    Q_PROPERTY(bool judging READ judging NOTIFY judgingChanged)
    Q_PROPERTY(QString question READ question NOTIFY judgingChanged)
    Q_PROPERTY(QString standing READ standing NOTIFY judgingChanged)
    Q_PROPERTY(int sides READ sides NOTIFY judgingChanged)
    Q_PROPERTY(QStringList choices READ choices NOTIFY judgingChanged)
    Q_PROPERTY(QStringList shown READ shown NOTIFY paceChanged)
    Q_PROPERTY(bool allShown READ allShown NOTIFY paceChanged)
    Q_PROPERTY(QVariantList figures READ figures NOTIFY figuresChanged)
    Q_PROPERTY(bool measured READ measured NOTIFY figuresChanged)
    Q_PROPERTY(bool oneAfterTheOther READ oneAfterTheOther NOTIFY roundsChanged)
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
    const ModelEntry& original() const { return m_models[0]; }
    const ModelEntry& smaller() const { return m_models[1]; }
    /// Asked for with addThird(); may not be chosen yet.
    const ModelEntry& third() const { return m_models[2]; }
    bool withThird() const { return m_withThird; }
    bool sameTwice() const;
    /// Different models are chosen and nothing runs.
    bool canStart() const;
    /// What may be told, newest first.
    RoundList* rounds() { return &m_shownRounds; }
    /// Of each model beside the original: a VoteResult.
    const QList<VoteResult>& voteResults() const { return m_results; }
    QVariantList results() const;
    QString storeProblem() const { return m_store ? m_store->problem() : QString(); }
    /// New questions are shown as A, B and C, in an order drawn for each, until they are judged.
    bool blind() const { return m_blind; }
    void setBlind(bool blind);

    /// There are answers to judge: to `question`, as much of them as is shown so far. All appear word by word at the
    /// same pace, for speed would tell which is which.
    bool judging() const { return m_judged >= 0; }
    QString question() const;
    /// "Question 3 of 10"; empty where there is only one.
    QString standing() const;
    /// How many answers are to be judged.
    int sides() const { return judging() ? m_rounds[m_judged].models() : 2; }
    /// What can be said of them; the keys 1, 2, ... say it.
    QStringList choices() const;
    /// By place: A, B, ...
    QStringList shown() const;
    bool allShown() const;
    Q_INVOKABLE QString thoughts(int place) const;
    /// The answers being judged with the differing words marked, without telling which is the original's; empty where
    /// nothing is marked.
    Q_INVOKABLE QString markedToJudge(int place, const QString& color) const;

    /// Of each model beside the original, as far as something is known: a PairFigures.
    QVariantList figures() const;
    PairFigures figuresOf(const QString& path) const { return m_figures.value(path); }
    /// There is nothing left to measure.
    bool measured() const { return toMeasure().isEmpty(); }
    /// The models did not fit into memory at once when they were asked last.
    bool oneAfterTheOther() const { return m_oneAfterTheOther; }
    bool measuring() const { return state() == State::Busy && m_measuring; }
    /// The question being answered, empty where none is.
    QString asking() const;
    double progress() const { return m_progress; }
    QString progressText() const { return m_progressText; }

    /// What another page wants to be compared: original, smaller, third, and what to ask; each may be absent.
    Q_INVOKABLE void open(const QVariantMap& request);
    Q_INVOKABLE void chooseOriginal(const QString& path);
    Q_INVOKABLE void chooseSmaller(const QString& path);
    Q_INVOKABLE void chooseThird(const QString& path);
    Q_INVOKABLE void addThird();
    Q_INVOKABLE void removeThird();
    /// Asks all; the numbers of each pair follow by themselves the first time.
    Q_INVOKABLE void ask(const QString& question);
    /// Ten office tasks, or the questions of a text file, one after the other.
    Q_INVOKABLE void askOfficeTasks();
    Q_INVOKABLE void askFile(const QUrl& file);
    enum Choice { A = 0, B = 1, C = 2, NoDifference = -1, AllBad = -2 };
    /// Judges the answers shown; the models of a batch are told when its last question is judged.
    void vote(int choice);
    /// By the row of choices().
    Q_INVOKABLE void voteRow(int row);
    Q_INVOKABLE void showAll();
    /// Tells the models of this batch without judging the rest of it.
    Q_INVOKABLE void reveal();
    Q_INVOKABLE void measure();
    Q_INVOKABLE void cancel();
    Q_INVOKABLE void tryAgain();
    /// The rounds told so far as Markdown or JSON, by the file's ending.
    Q_INVOKABLE void save(const QUrl& file);
    Q_INVOKABLE void closeNote() { setNote({}, {}); }
    /// Forgets the questions and votes of these models.
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
    void choose(int model, const QString& path);
    /// Another choice: what is known of it.
    void readAgain();
    QStringList paths() const; // of the models that are chosen, the original first
    QStringList toMeasure() const;
    void askAll(const QStringList& questions);
    void start();
    void startAsking();
    void startMeasuring();
    void follow(Reply* job);
    void measuredPair(const QJsonObject& report);
    void answered(const QJsonObject& report);
    void failed(const EngineError& error);
    void addRound(const QJsonObject& answer);
    /// What may be told, what is to be judged and what the votes say, after a change of m_rounds or of the state.
    void settleRounds();
    bool isOpen(qint64 batch) const;
    int longest() const;
    void setNote(const QString& note, const QString& tone);

    EngineInterface* m_engine = nullptr;
    Library* m_library = nullptr;
    std::unique_ptr<CompareStore> m_store;
    std::array<ModelEntry, 3> m_models; // the original, the smaller one, a third one
    bool m_withThird = false;
    QList<CompareRound> m_rounds; // of these models, oldest first
    RoundList m_shownRounds;
    QList<VoteResult> m_results;
    int m_judged = -1; // of m_rounds; -1: none
    int m_wordsShown = 0;
    QTimer m_pace;
    bool m_blind = true;
    QHash<QString, PairFigures> m_figures; // by the other model's path
    bool m_oneAfterTheOther = false, m_measuring = false, m_measuredUnasked = false;
    QStringList m_questions; // not answered yet
    qint64 m_batch = 0;      // of the questions being asked; 0: none answered yet
    double m_progress = -1;
    QString m_progressText, m_note, m_noteTone;
    QPointer<Reply> m_job;
};

} // namespace nibble::gui

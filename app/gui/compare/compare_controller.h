// The Compare page: an original and a smaller model, the same prompts to both, and the numbers.
#pragma once

#include "answer_pair.h"
#include "components/page_controller.h"
#include "models/library.h"
#include "smaller/check_result.h"
#include <QPointer>

namespace nibble::gui {

class CompareController : public nibble::gui::PageController { // in full, for qmllint
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(nibble::gui::EngineInterface* engine MEMBER m_engine)
    Q_PROPERTY(nibble::gui::Library* library READ library WRITE setLibrary)
    Q_PROPERTY(nibble::gui::ModelEntry original READ original NOTIFY modelsChanged)
    Q_PROPERTY(nibble::gui::ModelEntry smaller READ smaller NOTIFY modelsChanged)
    Q_PROPERTY(bool canStart READ canStart NOTIFY modelsChanged)
    Q_PROPERTY(int rounds READ rounds NOTIFY roundsChanged)
    Q_PROPERTY(nibble::gui::CheckResult figures READ figures NOTIFY figuresChanged)
    Q_PROPERTY(bool oneAfterTheOther READ oneAfterTheOther NOTIFY figuresChanged)
    Q_PROPERTY(bool measuring READ measuring NOTIFY stateChanged)
    Q_PROPERTY(QString asking READ asking NOTIFY stateChanged)
    Q_PROPERTY(double progress READ progress NOTIFY progressChanged)
    Q_PROPERTY(QString progressText READ progressText NOTIFY progressChanged)

public:
    explicit CompareController(QObject* parent = nullptr);

    Library* library() const { return m_library; }
    void setLibrary(Library* library);
    void setEngine(EngineInterface* engine) { m_engine = engine; }
    const ModelEntry& original() const { return m_original; }
    const ModelEntry& smaller() const { return m_smaller; }
    /// Two different models are chosen and nothing runs.
    bool canStart() const;
    int rounds() const { return int(m_rounds.size()); }
    /// The answers of a round, newest first.
    Q_INVOKABLE nibble::gui::AnswerPair round(int row) const { return m_rounds.value(row); }
    /// Empty sentence: not measured yet.
    const CheckResult& figures() const { return m_figures; }
    bool oneAfterTheOther() const { return m_oneAfterTheOther; }
    bool measuring() const { return state() == State::Busy && m_measuring; }
    /// The prompt being answered, empty where none is.
    QString asking() const { return state() == State::Busy && !m_measuring ? m_prompt : QString(); }
    double progress() const { return m_progress; }
    QString progressText() const { return m_progressText; }

    Q_INVOKABLE void chooseOriginal(const QString& path);
    Q_INVOKABLE void chooseSmaller(const QString& path);
    /// Asks both; the numbers of this pair follow by themselves the first time.
    Q_INVOKABLE void ask(const QString& prompt);
    Q_INVOKABLE void measure();
    Q_INVOKABLE void cancel();
    Q_INVOKABLE void tryAgain();

signals:
    void modelsChanged();
    void roundsChanged();
    void figuresChanged();
    void progressChanged();

private:
    void choose(ModelEntry& place, const QString& path);
    void start(bool measure);
    void finished(const QJsonObject& report);

    EngineInterface* m_engine = nullptr;
    Library* m_library = nullptr;
    ModelEntry m_original, m_smaller;
    QList<AnswerPair> m_rounds;
    CheckResult m_figures;
    bool m_oneAfterTheOther = false, m_measuring = false;
    QString m_prompt;
    double m_progress = -1;
    QString m_progressText;
    QPointer<Reply> m_job;
};

} // namespace nibble::gui

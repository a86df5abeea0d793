// The Make smaller page: a model, a stop, a job, and the check of what came out.
#pragma once

#include "components/page_controller.h"
#include "components/wording.h"
#include "layer_costs.h"
#include "made_model.h"
#include "models/library.h"
#include "stop_list.h"
#include "stop_preview.h"
#include "unfinished_jobs.h"
#include <QPointer>
#include <QUrl>
#include <optional>

namespace nibble::gui {

class SmallerController : public nibble::gui::PageController { // in full, for qmllint
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(nibble::gui::EngineInterface* engine MEMBER m_engine)
    Q_PROPERTY(nibble::gui::Library* library READ library WRITE setLibrary)
    Q_PROPERTY(nibble::gui::ModelEntry source READ source NOTIFY sourceChanged)
    Q_PROPERTY(nibble::gui::StopList* stops READ stops CONSTANT)
    Q_PROPERTY(nibble::gui::StopPreview* preview READ preview CONSTANT)
    Q_PROPERTY(nibble::gui::UnfinishedJobs* unfinished MEMBER m_unfinished)
    Q_PROPERTY(bool shown READ shown WRITE setShown NOTIFY shownChanged)
    Q_PROPERTY(int currentStop READ currentStop WRITE setCurrentStop NOTIFY stopChanged)
    Q_PROPERTY(nibble::gui::Stop stop READ stop NOTIFY stopChanged)
    Q_PROPERTY(QString output READ output NOTIFY stopChanged)
    Q_PROPERTY(QString freeDisk READ freeDisk NOTIFY stopChanged)
    Q_PROPERTY(bool diskTooSmall READ diskTooSmall NOTIFY stopChanged)
    Q_PROPERTY(bool needsConsent READ needsConsent NOTIFY consentChanged)
    Q_PROPERTY(bool consent READ consent WRITE setConsent NOTIFY consentChanged)
    Q_PROPERTY(int care READ care WRITE setCare NOTIFY careChanged)
    Q_PROPERTY(QString makingMemory MEMBER m_makingMemory NOTIFY makingMemoryChanged)
    Q_PROPERTY(QString warning READ warning NOTIFY warningChanged)
    Q_PROPERTY(bool canStart READ canStart NOTIFY canStartChanged)
    Q_PROPERTY(Step step READ step NOTIFY stepChanged)
    Q_PROPERTY(double progress READ progress NOTIFY progressChanged)
    Q_PROPERTY(QString progressText READ progressText NOTIFY progressChanged)
    Q_PROPERTY(QString madeSize READ madeSize NOTIFY stepChanged)
    Q_PROPERTY(QString madePath READ madePath NOTIFY stepChanged)
    Q_PROPERTY(QString madeIn READ madeIn NOTIFY stepChanged)
    Q_PROPERTY(nibble::gui::CheckResult check READ check NOTIFY stepChanged)
    Q_PROPERTY(nibble::gui::EngineError checkError READ checkError NOTIFY stepChanged)
    Q_PROPERTY(QString kept READ kept NOTIFY keptChanged)
    Q_PROPERTY(nibble::gui::LayerCosts* layers READ layers CONSTANT)
    Q_PROPERTY(bool finer READ finer NOTIFY stepChanged)
    Q_PROPERTY(QString comparison READ comparison NOTIFY stepChanged)

public:
    /// Making, Checking and Measuring (the layers of what was made) are Busy; Done: `check` or `checkError` is set.
    enum class Step { Choose, Making, Checking, Done, Measuring };
    Q_ENUM(Step)

    explicit SmallerController(QObject* parent = nullptr);

    Library* library() const { return m_library; }
    void setLibrary(Library* library);
    void setEngine(EngineInterface* engine) { m_engine = engine; }
    void setUnfinished(UnfinishedJobs* unfinished) { m_unfinished = unfinished; }
    const ModelEntry& source() const { return m_source; }
    StopList* stops() { return &m_stops; }
    StopPreview* preview() { return &m_preview; }
    bool shown() const { return m_shown; }
    /// Whether the page is in sight. What is predicted unasked gives the engine free when it is left.
    void setShown(bool shown);
    int currentStop() const { return m_currentStop; }
    void setCurrentStop(int row);
    int care() const { return m_care; }
    void setCare(int care);
    Stop stop() const { return m_stops.stops().value(m_currentStop); }
    QString output() const { return m_output; }
    /// "Free on this disk: 120 GB"; empty where that is not known.
    QString freeDisk() const;
    bool diskTooSmall() const;
    bool needsConsent() const { return m_source.quantized || m_refused; }
    bool consent() const { return m_consent; }
    void setConsent(bool consent);
    /// Why this stop needs a second start(); empty until the first.
    const QString& warning() const { return m_warning; }
    bool canStart() const;
    Step step() const { return m_step; }
    double progress() const { return m_progress; }
    QString progressText() const { return m_progressText; }
    QString madeSize() const { return wording::bytes(m_made.bytes); }
    QString madePath() const { return m_made.path; }
    QString madeIn() const { return m_made.in; }
    const CheckResult& check() const { return m_made.check; }
    const EngineError& checkError() const { return m_made.checkError; }
    /// Where the check's figures were written to, or why they were not.
    QString kept() const { return wording::joined({m_made.passportNote, m_made.reportNote}, "\n"); }
    LayerCosts* layers() { return &m_layers; }
    /// Whether the job makes a file like another, with more bits in some layers.
    bool finer() const { return !m_asked["finerLayers"].toArray().isEmpty(); }
    /// What that gained, against the file that it began with; empty where there is none.
    QString comparison() const { return m_before ? comparedWith(*m_before, m_made) : QString(); }

    Q_INVOKABLE void choose(const QString& path);
    Q_INVOKABLE void saveTo(const QUrl& file); // from a dialog that asked about overwriting
    /// Asks what each stop is expected to cost the model. Where that takes seconds it happens unasked.
    Q_INVOKABLE void predict();
    /// Begins; a stop that is only for when nothing else fits first gets a warning, and begins when asked again.
    Q_INVOKABLE void start();
    /// Goes on with the unfinished job that writes this file.
    Q_INVOKABLE void goOn(const QString& output);
    /// Measures which layers of the smaller model cost most.
    Q_INVOKABLE void measureLayers();
    /// Makes another file beside it, in which those have more bits.
    Q_INVOKABLE void giveMore();
    /// Stops the job; a check that is stopped leaves the finished model.
    Q_INVOKABLE void cancel();
    Q_INVOKABLE void checkAgain();
    /// The last check as a page (.html) or as JSON, by the ending.
    Q_INVOKABLE void saveReport(const QUrl& file);
    /// Back to choosing, with the same model.
    Q_INVOKABLE void again();
    /// From the job, or from its result; false: there is neither.
    Q_INVOKABLE bool goBack();

signals:
    void sourceChanged();
    void shownChanged();
    void stopChanged();
    void consentChanged();
    void careChanged();
    void makingMemoryChanged();
    void canStartChanged();
    void warningChanged();
    void stepChanged();
    void progressChanged();
    void keptChanged();

private:
    void take(const QString& path);
    void adopt(const ModelEntry& source);
    void askForRecipes();
    void estimate(int row);
    void askForMemory();
    bool settled() const;
    void predictIfQuick();
    void suggestStop();
    void suggestOutput();
    QString lastResortWords() const;
    void setWarning(const QString& warning);
    void estimated();
    void goOnNow();
    QJsonObject chosen() const;
    void run(const QJsonObject& params, Step back);
    void lookForUnfinished();
    void made(const QJsonObject& result);
    void makingFailed(const EngineError& error);
    void startCheck();
    void checkedAs(const QJsonObject& report);
    void writePassport();
    void finishCheck();
    void setStep(Step step);
    void setProgress(double fraction, const QString& text, double secondsLeft);
    Reply* track(Reply* reply);

    EngineInterface* m_engine = nullptr;
    Library* m_library = nullptr;
    UnfinishedJobs* m_unfinished = nullptr;
    UnfinishedJob m_toGoOn; // as soon as its model is known
    ModelEntry m_source;
    StopList m_stops;
    StopPreview m_preview{m_stops};
    bool m_shown = true;
    int m_currentStop = -1;
    QString m_output, m_warning;
    bool m_overwrite = false;  // the user said yes in the file dialog
    bool m_stopChosen = false; // by the user, rather than suggested
    bool m_refused = false;
    bool m_consent = false;
    int m_care = 0; // of kCares
    Step m_step = Step::Choose;
    QPointer<Reply> m_estimate, m_job;
    QString m_makingMemory;       // at most, while the stop is made with this care; empty: not known
    QStringList m_makingMemoryOf; // model, stop and care
    double m_progress = -1;
    QString m_progressText;
    QJsonObject m_asked;        // of the last job
    Step m_back = Step::Choose; // where it leads if it is stopped or fails
    MadeModel m_made;
    std::optional<MadeModel> m_before; // that m_made is finer than
    LayerCosts m_layers;               // of m_made
};

} // namespace nibble::gui

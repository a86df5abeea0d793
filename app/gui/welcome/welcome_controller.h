// The welcome: three screens from nothing to the first question. Shown at the first start, and from Settings.
#pragma once

#include "components/page_controller.h"
#include "models/library.h"

namespace nibble::gui {

class WelcomeController : public nibble::gui::PageController { // in full, for qmllint
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(nibble::gui::EngineInterface* engine READ engine WRITE setEngine)
    Q_PROPERTY(nibble::gui::Library* library READ library WRITE setLibrary)
    Q_PROPERTY(Step step READ step WRITE setStep NOTIFY stepChanged)
    Q_PROPERTY(nibble::gui::ModelEntry packaged READ packaged NOTIFY startsChanged)
    Q_PROPERTY(nibble::gui::ModelEntry found READ found NOTIFY startsChanged)
    Q_PROPERTY(bool looking READ looking NOTIFY startsChanged)
    Q_PROPERTY(nibble::gui::ModelEntry chosen READ chosen NOTIFY startsChanged)

public:
    enum class Step { Computer, StartingPoint, FirstQuestion };
    Q_ENUM(Step)

    using PageController::PageController;

    /// Whether nobody has come through, or past, the welcome here.
    static bool isDue();

    EngineInterface* engine() const { return m_engine; }
    void setEngine(EngineInterface* engine) { m_engine = engine; }
    Library* library() const { return m_library; }
    void setLibrary(Library* library);
    Step step() const { return m_step; }
    void setStep(Step step);

    /// The small model that comes with Nibble, and where it is unpacked to. Its path is empty until it is known.
    const ModelEntry& packaged() const { return m_packaged; }
    static QString packagedPath();
    /// Of the library's models that are made for chatting, the largest that fits with room to spare, else the largest
    /// that fits at all; an empty path where there is none. Beside the packaged one.
    ModelEntry found() const;
    /// The library is still looking, or judging what fits.
    bool looking() const;
    ModelEntry chosen() const;

    /// On to the first question, with this model. What is added to the library meanwhile is chosen by itself.
    Q_INVOKABLE void choose(const QString& path);
    /// The welcome is not shown again by itself.
    Q_INVOKABLE void finish();

signals:
    void stepChanged();
    void startsChanged();

private:
    void unpack();
    void judgePackaged();

    EngineInterface* m_engine = nullptr;
    Library* m_library = nullptr;
    Step m_step = Step::Computer;
    ModelEntry m_packaged;
    QString m_chosen;
};

} // namespace nibble::gui

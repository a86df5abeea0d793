// The models this computer has: those in the model folder, and those the user opened from elsewhere. The controller of
// the Models page, and where the other pages look models up.
#pragma once

#include "components/page_controller.h"
#include "model_list.h"
#include <QStringList>
#include <QUrl>

namespace nibble::gui {

class Library : public nibble::gui::PageController { // in full, for qmllint
    Q_OBJECT
    QML_ANONYMOUS
    Q_PROPERTY(nibble::gui::ModelList* models READ models CONSTANT)
    Q_PROPERTY(QString folder READ folder NOTIFY folderChanged)
    Q_PROPERTY(QString selectedPath READ selectedPath WRITE select NOTIFY selectedChanged)
    Q_PROPERTY(nibble::gui::ModelEntry selected READ selected NOTIFY selectedChanged)
    Q_PROPERTY(nibble::gui::EngineError addError READ addError NOTIFY addErrorChanged)

public:
    explicit Library(EngineInterface* engine, QObject* parent = nullptr);

    ModelList* models() { return &m_models; }
    QString folder() const { return m_folder; }
    QString selectedPath() const { return m_selectedPath; }
    ModelEntry selected() const { return entry(m_selectedPath); }
    const EngineError& addError() const { return m_addError; }
    /// An entry with an empty path where the library does not know it (yet).
    Q_INVOKABLE nibble::gui::ModelEntry entry(const QString& path) const;

    Q_INVOKABLE void refresh();
    /// Selects the model; one the library does not know is added first.
    Q_INVOKABLE void select(const QString& path);
    /// Files and folders that were dropped or chosen in a dialog; the first one is selected.
    Q_INVOKABLE void add(const QList<QUrl>& urls);
    Q_INVOKABLE void setFolder(const QUrl& folder);
    Q_INVOKABLE void closeAddError();
    /// Layers of a model on the graphics card, -1: automatic; its estimate follows.
    Q_INVOKABLE void setLayersOnCard(const QString& path, int layers);
    /// Estimates all models again: what they run on has changed.
    void estimateAll();

signals:
    void folderChanged();
    void selectedChanged();
    void addErrorChanged();
    /// An entry appeared or was completed.
    void entryChanged(const QString& path);

private:
    void listed(const QJsonObject& result);
    void inspect(const QString& path, bool remembered);
    void put(const ModelEntry& entry);
    void estimateNext();
    void settle();

    EngineInterface* m_engine;
    ModelList m_models;
    QString m_folder;
    QString m_selectedPath;
    EngineError m_addError;
    QStringList m_toEstimate;
    bool m_estimating = false;
    int m_inspecting = 0;
};

} // namespace nibble::gui

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
    Q_PROPERTY(QString trashed READ trashed NOTIFY trashedChanged)

public:
    explicit Library(EngineInterface* engine, QObject* parent = nullptr);

    ModelList* models() { return &m_models; }
    QString folder() const { return m_folder; }
    QString selectedPath() const { return m_selectedPath; }
    ModelEntry selected() const { return entry(m_selectedPath); }
    const EngineError& addError() const { return m_addError; }
    /// The name of the model that was moved to the trash last, while that can be undone.
    const QString& trashed() const { return m_trashed.name; }
    /// Some models still have to be judged.
    bool estimating() const { return m_estimating || !m_toEstimate.isEmpty(); }
    /// An entry with an empty path where the library does not know it (yet).
    Q_INVOKABLE nibble::gui::ModelEntry entry(const QString& path) const;

    Q_INVOKABLE void refresh();
    /// Selects the model; one the library does not know is added first.
    Q_INVOKABLE void select(const QString& path);
    /// Files, and folders that are a model or have some in them: dropped or chosen in a dialog. The first one is
    /// selected.
    Q_INVOKABLE void add(const QList<QUrl>& urls);
    Q_INVOKABLE void setFolder(const QUrl& folder);
    Q_INVOKABLE void closeAddError();
    /// Layers of a model on the graphics card, -1: automatic; its estimate follows.
    Q_INVOKABLE void setLayersOnCard(const QString& path, int layers);
    /// Tokens of conversation that a model keeps in mind, from its next opening; 0: as Nibble thinks best.
    Q_INVOKABLE void setContext(const QString& path, int tokens);
    /// Only for a model in one file (ModelEntry::trashable). Ask the user first.
    Q_INVOKABLE void moveToTrash(const QString& path);
    /// Takes it out of the trash again.
    Q_INVOKABLE void restore();
    Q_INVOKABLE void closeTrashed();
    /// Estimates all models again: what they run on, or what is known of its speed, has changed.
    Q_INVOKABLE void estimateAll();

signals:
    void folderChanged();
    void selectedChanged();
    void addErrorChanged();
    /// An entry appeared or was completed.
    void entryChanged(const QString& path);
    /// The first model of add() is there, and selected.
    void added(const QString& path);
    /// Nothing is left to estimate.
    void estimated();
    void trashedChanged();
    /// One of add() is the folder of an offline pack.
    void packFound(const QString& folder);

private:
    void listed(const QJsonObject& result);
    struct Trashed {
        QString name, path, inTrash;
    };
    void lookInto(const QString& folder, bool named);
    void inspect(const QString& path, bool remembered);
    void putNew(const QString& path, const QJsonObject& info);
    void announce(const QString& path);
    void refuse(const EngineError& error);
    static void remember(const QString& path);
    static void forget(const QString& path);
    void estimateSoon(const QString& path);
    void put(const ModelEntry& entry);
    void estimateNext();
    void settle();

    EngineInterface* m_engine;
    ModelList m_models;
    QString m_folder;
    QString m_selectedPath;
    EngineError m_addError;
    QStringList m_toEstimate;
    Trashed m_trashed;
    bool m_estimating = false, m_adding = false;
    int m_inspecting = 0;
};

} // namespace nibble::gui

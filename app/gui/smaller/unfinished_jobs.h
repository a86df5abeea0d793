// Jobs of making a model smaller that were interrupted (the engine or the computer stopped, the window was closed) and
// can go on where they were.
#pragma once

#include "engine/engine_interface.h"
#include "models/library.h"
#include <QJsonArray>
#include <QVariantList>

namespace nibble::gui {

struct UnfinishedJob {
    Q_GADGET
    QML_VALUE_TYPE(unfinishedJob)
    Q_PROPERTY(QString output MEMBER output)
    Q_PROPERTY(QString title MEMBER title)
    Q_PROPERTY(QString detail MEMBER detail)
    Q_PROPERTY(QString problem MEMBER problem)

public:
    QString output, source, recipe, care, sampleText, formatsOf; // as `quantize` of protocol.h takes them
    QJsonArray finerLayers;
    QString title;   // "Making SmolLM2 135M Instruct smaller was interrupted"
    QString detail;  // "4 bits, 44 % done: 120 of 272 tensors. …"
    QString problem; // why it cannot go on; empty where it can
    bool operator==(const UnfinishedJob&) const = default;
};

class UnfinishedJobs : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("One for the window, see App")
    Q_PROPERTY(QVariantList jobs READ jobs NOTIFY changed)

public:
    UnfinishedJobs(EngineInterface& engine, Library& library);

    QVariantList jobs() const;
    /// That writes `output`; one with an empty output where there is none.
    UnfinishedJob find(const QString& output) const;

    /// Asks the engine: in the library's folder, and where the last job wrote.
    Q_INVOKABLE void look();
    Q_INVOKABLE void discard(const QString& output);
    /// A job begins to write there.
    static void rememberFolder(const QString& output);

signals:
    void changed();

private:
    void lookInto(QStringList folders, QList<UnfinishedJob> found);
    UnfinishedJob jobFrom(const QJsonObject& json) const;

    EngineInterface& m_engine;
    Library& m_library;
    QList<UnfinishedJob> m_jobs;
};

} // namespace nibble::gui

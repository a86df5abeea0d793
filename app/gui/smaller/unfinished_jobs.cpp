#include "unfinished_jobs.h"

#include "components/wording.h"
#include <QFileInfo>
#include <QSettings>
#include <nibble/protocol.h>

namespace nibble::gui {

namespace {
constexpr auto kLastFolder = "smaller/lastFolder";
}

UnfinishedJobs::UnfinishedJobs(EngineInterface& engine, Library& library) : m_engine(engine), m_library(library) {
    connect(&library, &Library::folderChanged, this, &UnfinishedJobs::look);
    connect(&engine, &EngineInterface::engineRestarted, this, &UnfinishedJobs::look);
}

QVariantList UnfinishedJobs::jobs() const {
    QVariantList list;
    for (const UnfinishedJob& job : m_jobs) list += QVariant::fromValue(job);
    return list;
}

UnfinishedJob UnfinishedJobs::find(const QString& output) const {
    for (const UnfinishedJob& job : m_jobs)
        if (job.output == output) return job;
    return {};
}

void UnfinishedJobs::look() {
    QStringList folders{m_library.folder(), QSettings().value(kLastFolder).toString()};
    folders.removeAll(QString());
    folders.removeDuplicates();
    lookInto(folders, {});
}

void UnfinishedJobs::lookInto(QStringList folders, QList<UnfinishedJob> found) {
    if (folders.isEmpty()) {
        if (found == m_jobs) return;
        m_jobs = found;
        emit changed();
        return;
    }
    Reply* reply = m_engine.request(protocol::kUnfinished, {{"folder", folders.takeFirst()}});
    connect(reply, &Reply::finished, this, [=, this](const QJsonObject& result) {
        QList<UnfinishedJob> all = found;
        for (const QJsonValue& job : result["jobs"].toArray())
            // Others were begun with nibble-cli, and only it goes on with them.
            if (job["plain"].toBool()) all += jobFrom(job.toObject());
        lookInto(folders, all);
    });
    connect(reply, &Reply::failed, this, [=, this] { lookInto(folders, found); }); // nobody asked for it
}

UnfinishedJob UnfinishedJobs::jobFrom(const QJsonObject& json) const {
    UnfinishedJob job{.output = json["output"].toString(),
                      .source = json["source"].toString(),
                      .recipe = json["recipe"].toString(),
                      .care = json["care"].toString(),
                      .sampleText = json["sampleText"].toString(),
                      .formatsOf = json["formatsOf"].toString(),
                      .finerLayers = json["finerLayers"].toArray()};
    QString name = m_library.entry(job.source).name;
    if (name.isEmpty()) name = QFileInfo(job.source).fileName();
    const int tensors = json["tensors"].toInt(), finished = json["finishedTensors"].toInt();
    job.title = tr("Making %1 smaller was interrupted").arg(name);
    job.detail = tr("%1, %2 % done: %3 of %4 tensors. It can go on where it was, to the same result as without the "
                    "interruption.")
                     .arg(job.formatsOf.isEmpty() ? wording::bits(job.recipe, 1, true)
                          : job.finerLayers.isEmpty()
                              ? tr("Bits as in %1").arg(QFileInfo(job.formatsOf).fileName())
                              : tr("More bits in some layers of %1").arg(QFileInfo(job.formatsOf).fileName()))
                     .arg(tensors > 0 ? 100 * finished / tensors : 0)
                     .arg(finished)
                     .arg(tensors);
    const auto isGone = [this](const QString& path) {
        return m_library.entry(path).path.isEmpty() && !QFileInfo::exists(path);
    };
    if (isGone(job.source))
        job.problem = tr("The original is not there any more: %1").arg(job.source);
    else if (!job.formatsOf.isEmpty() && isGone(job.formatsOf))
        job.problem = tr("The file that it is made like is not there any more: %1").arg(job.formatsOf);
    return job;
}

void UnfinishedJobs::discard(const QString& output) {
    Reply* reply = m_engine.request(protocol::kDiscard, {{"output", output}});
    connect(reply, &Reply::finished, this, &UnfinishedJobs::look);
    connect(reply, &Reply::failed, this, &UnfinishedJobs::look);
}

void UnfinishedJobs::rememberFolder(const QString& output) {
    QSettings().setValue(kLastFolder, QFileInfo(output).absolutePath());
}

} // namespace nibble::gui

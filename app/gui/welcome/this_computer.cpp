#include "this_computer.h"

#include "components/wording.h"
#include <QFileInfo>
#include <QJsonArray>
#include <QStorageInfo>
#include <nibble/protocol.h>

namespace nibble::gui {

namespace {

QVariantMap fact(const QString& icon, const QString& label, const QString& value, const QString& note) {
    return {{"icon", icon}, {"label", label}, {"value", value}, {"note", note}};
}

/// The folder need not be there yet.
QStorageInfo diskOf(QString folder) {
    while (!folder.isEmpty() && folder != QLatin1String("/") && !QFileInfo::exists(folder))
        folder = QFileInfo(folder).path();
    return QStorageInfo(folder);
}

} // namespace

void ThisComputer::setFolder(const QString& folder) {
    m_folder = folder;
    emit factsChanged();
}

QVariantList ThisComputer::facts() const {
    QVariantList all = m_processor;
    if (const QStorageInfo disk = diskOf(m_folder); disk.isValid()) {
        all.append(fact("disk", tr("Disk"), tr("%1 free").arg(wording::bytes(double(disk.bytesAvailable()))),
                        tr("Models are kept in %1").arg(m_folder)));
    }
    return all + m_cards;
}

void ThisComputer::test() {
    if (state() == State::Busy || !m_engine) return;
    setState(State::Busy);
    m_progress = -1;
    emit progressChanged();
    Reply* devices = m_engine->request(protocol::kDevices, {});
    connect(devices, &Reply::finished, this, &ThisComputer::showDevices);
    Reply* measuring = m_engine->request(protocol::kMeasure, {});
    connect(measuring, &Reply::event, this, [this](const QString&, const QJsonObject& data) {
        m_progress = data["secondsLeft"].toDouble() > 0 ? data["fraction"].toDouble() : -1;
        emit progressChanged();
    });
    connect(measuring, &Reply::finished, this, &ThisComputer::showSpeed);
    connect(measuring, &Reply::failed, this, &ThisComputer::setFailed);
}

void ThisComputer::showDevices(const QJsonObject& result) {
    m_processor.clear();
    m_cards.clear();
    for (const QJsonValue& value : result["devices"].toArray()) {
        const QJsonObject device = value.toObject();
        const QString name = device["name"].toString();
        const QString memory = tr("%1 of %2 free")
                                   .arg(wording::bytes(device["availableBytes"].toDouble()),
                                        wording::bytes(device["memoryBytes"].toDouble()));
        if (device["id"].toString() == QLatin1String("cpu")) {
            m_processor.append(fact(
                "chip", tr("Processor"), name,
                tr("%1 cores used, %2").arg(device["threads"].toInt()).arg(device["driver"].toString().toUpper())));
            m_processor.append(fact("memory", tr("Memory"), memory, tr("Close other programs to have more free.")));
        } else if (device["usable"].toBool(true)) {
            m_cards.append(
                fact("card", tr("Graphics card"), name, wording::joined({memory, device["driver"].toString()})));
        } else {
            m_cards.append(
                fact("card", tr("Graphics card"), tr("%1, not used").arg(name), device["whyNot"].toString()));
        }
    }
    if (m_cards.isEmpty())
        m_cards.append(fact("card", tr("Graphics card"), tr("None that Nibble can use"),
                            tr("Not needed: models run on the processor, only more slowly.")));
    emit factsChanged();
}

void ThisComputer::showSpeed(const QJsonObject& result) {
    const double perSecond = result["tokensPerSecond"].toDouble();
    m_speed = wording::speed(perSecond);
    m_speedNote =
        tr("A forecast from a test just now, in which %1 read %2 of weights a second. It is for a model of %3 "
           "parameters in 4 bits (%4); smaller ones are faster.")
            .arg(result["name"].toString(), wording::bytes(result["bytesPerSecond"].toDouble()),
                 wording::count(result["referenceWeights"].toDouble()),
                 wording::bytes(result["referenceBytes"].toDouble()));
    m_cardNote = result["whyNoCard"].toString();
    setState(State::Ready);
    emit tested();
}

} // namespace nibble::gui

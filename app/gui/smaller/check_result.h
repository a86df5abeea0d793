// What the quick check after making a model smaller found, in words and figures.
#pragma once

#include "evidence.h"
#include <QJsonObject>
#include <QObject>
#include <QtQml/qqmlregistration.h>

namespace nibble::gui {

struct CheckResult {
    Q_GADGET
    QML_VALUE_TYPE(checkResult)
    Q_PROPERTY(QString sentence MEMBER sentence)
    Q_PROPERTY(QString tone MEMBER tone)
    Q_PROPERTY(double agreement MEMBER agreement)
    Q_PROPERTY(double agreementLow MEMBER agreementLow)
    Q_PROPERTY(double agreementHigh MEMBER agreementHigh)
    Q_PROPERTY(QString agreementText MEMBER agreementText)
    Q_PROPERTY(QString agreementRange MEMBER agreementRange)
    Q_PROPERTY(int drift MEMBER drift)
    Q_PROPERTY(QString driftDetail MEMBER driftDetail)
    Q_PROPERTY(QString surprise MEMBER surprise)
    Q_PROPERTY(QString speedBefore MEMBER speedBefore)
    Q_PROPERTY(QString speedAfter MEMBER speedAfter)
    Q_PROPERTY(QString memoryBefore MEMBER memoryBefore)
    Q_PROPERTY(QString memoryAfter MEMBER memoryAfter)
    Q_PROPERTY(QString basis MEMBER basis)
    Q_PROPERTY(QVariantList moments MEMBER moments)
    Q_PROPERTY(QVariantList driftBars MEMBER driftBars)
    Q_PROPERTY(QString driftSummary MEMBER driftSummary)

public:
    QString sentence;                                          // the engine's verdict; empty: no check was made
    QString tone;                                              // as in Theme.toneText
    double agreement = 0, agreementLow = 0, agreementHigh = 0; // 0..1
    QString agreementText;                                     // "92 %"
    QString agreementRange;                                    // "between 90 and 93 %"
    int drift = 0;                                             // 0..100
    QString driftDetail;                                       // the raw figures
    QString surprise;                                          // "+1.8 %"
    QString speedBefore, speedAfter;                           // "38 words/s"; empty where it was not measured
    QString memoryBefore, memoryAfter;                         // "515 MB"
    QString basis;                                             // "Quick look at 1,024 words of Nibble's sample text"

    QVariantList moments, driftBars; // of evidence.h
    QString driftSummary;

    /// From the result of `compare` in protocol.h.
    static CheckResult fromReport(const QJsonObject& report);
    bool operator==(const CheckResult&) const = default;
};

} // namespace nibble::gui

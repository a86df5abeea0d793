// What the check after making a model smaller can show: places in the text, and the drift along it.
#pragma once

#include <QJsonArray>
#include <QObject>
#include <QVariantList>
#include <QtQml/qqmlregistration.h>

namespace nibble::gui {

/// A place where the smaller model departs far from the original.
struct Moment {
    Q_GADGET
    QML_VALUE_TYPE(moment)
    Q_PROPERTY(int number MEMBER number)
    Q_PROPERTY(QString context MEMBER context)
    Q_PROPERTY(QString original MEMBER original)
    Q_PROPERTY(QString smaller MEMBER smaller)
    Q_PROPERTY(QString follows MEMBER follows)
    Q_PROPERTY(bool changed MEMBER changed)
    Q_PROPERTY(QString spoken MEMBER spoken)

public:
    int number = 0;            // 1 is the worst
    QString context;           // "… the capital of France is …"
    QString original, smaller; // what each would write next: "Paris (90 %)"
    QString follows;           // what the text goes on with
    bool changed = false;      // another word, not only another probability
    QString spoken;            // all of it in a sentence, for a screen reader
    bool operator==(const Moment&) const = default;
};

/// The drift of one piece of the text.
struct DriftBar {
    Q_GADGET
    QML_VALUE_TYPE(driftBar)
    Q_PROPERTY(double height MEMBER height)
    Q_PROPERTY(QString marks MEMBER marks)
    Q_PROPERTY(QString begins MEMBER begins)
    Q_PROPERTY(QString figures MEMBER figures)

public:
    double height = 0; // 0..1
    QString marks;     // the numbers of the moments that lie in it, one a line
    QString begins;    // "… the committee met in …"
    QString figures;   // "drift 45, 92 % the same words"
    bool operator==(const DriftBar&) const = default;
};

/// Lists of moment and of driftBar from the result of `compare` in protocol.h.
QVariantList momentsOf(const QJsonObject& report);
QVariantList driftBarsOf(const QJsonObject& report);
/// The bars in a sentence: where the drift is least and most.
QString driftSummary(const QJsonObject& report);

} // namespace nibble::gui

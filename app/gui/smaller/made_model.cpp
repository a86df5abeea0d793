#include "made_model.h"

#include "components/wording.h"
#include <QCoreApplication>
#include <QLocale>

namespace nibble::gui {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(MadeModel)
};

/// With a tenth, which such files differ by.
QString agreementOf(const MadeModel& model) {
    return Words::tr("%1\u00a0%").arg(QLocale().toString(100 * model.check.agreement, 'f', 1));
}

} // namespace

bool MadeModel::isFinerThan(const MadeModel& other) const {
    return !other.path.isEmpty() && asked["formatsOf"].toString() == other.path;
}

QString comparedWith(const MadeModel& before, const MadeModel& now) {
    const auto lossOf = [](const MadeModel& model) { return model.report["meanDivergence"]["value"].toDouble(); };
    if (before.check.basis.isEmpty() || now.check.basis.isEmpty() || !(lossOf(before) > 0)) return {};
    const int less = qRound(100 * (1 - lossOf(now) / lossOf(before)));
    const QString verdict = less >= 1 ? Words::tr("It loses %1\u00a0% less than the file before.").arg(less)
                                      : Words::tr("It is no better than the file before, which is smaller.");
    return verdict + ' ' +
           Words::tr(
               "Word agreement %1 instead of %2, drift %3 instead of %4, size %5 instead of %6. The file before is "
               "still there.")
               .arg(agreementOf(now), agreementOf(before))
               .arg(now.check.drift)
               .arg(before.check.drift)
               .arg(wording::bytes(now.bytes), wording::bytes(before.bytes));
}

} // namespace nibble::gui

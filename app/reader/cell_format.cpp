#include "cell_format.h"

#include <QDateTime>
#include <QRegularExpression>
#include <cmath>

namespace nibble::reader {

namespace {

constexpr double kDaysToYear10000 = 2958466;
constexpr qint64 kSecondsOfDay = 86400;

CellFormat formatOfCode(QString code) {
    static const QRegularExpression literal(QStringLiteral(R"("[^"]*"|\\.|_.|\*.)"));
    static const QRegularExpression duration(QStringLiteral(R"(\[(h+|m+|s+)\])"),
                                             QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression bracket(QStringLiteral(R"(\[[^\]]*\])"));
    code = code.section(';', 0, 0).remove(literal); // of positive numbers
    if (code.contains(duration)) return CellFormat::Duration;
    code = code.remove(bracket).toLower().remove(QLatin1String("general"));
    const bool time = code.contains('h') || code.contains('s');
    const bool date = code.contains('d') || code.contains('y') || (code.contains('m') && !time);
    if (date) return time ? CellFormat::DateTime : CellFormat::Date;
    if (time) return CellFormat::Time;
    return code.contains('%') ? CellFormat::Percent : CellFormat::Number;
}

} // namespace

CellFormat formatOf(int id, const QString& code) {
    if (!code.isEmpty()) return formatOfCode(code);
    if (id == 9 || id == 10) return CellFormat::Percent;
    if (id == 22) return CellFormat::DateTime;
    if (id >= 18 && id <= 21) return CellFormat::Time;
    if ((id >= 14 && id <= 17) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58)) return CellFormat::Date;
    if (id >= 45 && id <= 47) return CellFormat::Duration;
    return CellFormat::Number;
}

QString inWords(double value, CellFormat format, bool from1904) {
    const QString number = QString::number(value, 'g', 15);
    if (format == CellFormat::Number) return number;
    if (format == CellFormat::Percent) return QString::number(value * 100, 'g', 15) + '%';
    if (!(value >= 0 && value < kDaysToYear10000)) return number;
    const qint64 seconds = std::llround(value * double(kSecondsOfDay));
    const QTime time = QTime(0, 0).addSecs(int(seconds % kSecondsOfDay));
    const QString clock = time.toString(time.second() ? QStringLiteral("HH:mm:ss") : QStringLiteral("HH:mm"));
    if (format == CellFormat::Duration)
        return QString::number(seconds / 3600) +
               QTime(0, 0).addSecs(int(seconds % 3600)).toString(QStringLiteral(":mm:ss"));
    if (format == CellFormat::Time) return clock;
    // Excel believes that 1900 had a 29 February: its days before 1 March are one behind.
    qint64 days = seconds / kSecondsOfDay;
    const bool beforeMarch = !from1904 && days < 60;
    const QDate first = from1904 ? QDate(1904, 1, 1) : beforeMarch ? QDate(1899, 12, 31) : QDate(1899, 12, 30);
    const QString day = first.addDays(days).toString(Qt::ISODate);
    return format == CellFormat::Date ? day : day + ' ' + clock;
}

} // namespace nibble::reader

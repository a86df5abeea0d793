// What Excel's number formats mean for the text of a cell (ECMA-376 part 1, 18.8.30 and 18.8.31).
#pragma once

#include <QString>

namespace nibble::reader {

enum class CellFormat { Number, Percent, Date, Time, DateTime, Duration };

/// Of a format's id and, from 164 on, its code ("dd/mm/yyyy").
CellFormat formatOf(int id, const QString& code);

/// 0.19 as "19%", 46086 as "2026-03-05", 0.5 as "12:00". Numbers with 15 digits, as Excel shows them at most.
QString inWords(double value, CellFormat format, bool from1904);

} // namespace nibble::reader

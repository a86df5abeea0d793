#pragma once

#include "zip_entries.h"

namespace nibble::reader {

/// All sheets of an Excel workbook (ECMA-376, SpreadsheetML), each with its name: values as they were saved, dates as
/// 2026-03-05, percentages as 12%.
void readWorkbook(ZipEntries& entries, Text& text);

} // namespace nibble::reader

#pragma once

#include "zip_entries.h"

namespace nibble::reader {

/// The sheets of an OpenDocument spreadsheet (.ods), each with its name, or the paragraphs and tables of a text (.odt).
/// Cells as they are shown, but dates as 2026-03-05. Comments and deleted passages are left out.
void readOpenDocument(ZipEntries& entries, Text& text);

} // namespace nibble::reader

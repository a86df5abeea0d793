#pragma once

#include "zip_entries.h"

namespace nibble::reader {

/// The paragraphs and tables of a Word document (ECMA-376, WordprocessingML), without what was deleted or commented.
void readWordDocument(ZipEntries& entries, Text& text);

} // namespace nibble::reader

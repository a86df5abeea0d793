// Where other programs keep models on this computer.
#pragma once

#include <QStringList>

namespace nibble::gui {

/// Those that exist of: Downloads, and the folders of Hugging Face's tools, LM Studio, GPT4All, Jan and llama.cpp.
QStringList knownFolders();

} // namespace nibble::gui

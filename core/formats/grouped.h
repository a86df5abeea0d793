// Symmetric codes in groups as Hugging Face folders of GPTQ and AWQ hold them, w = d * (q - 2^(bits-1)), seen as
// blocks: so whatever rounds weights into the blocks of a GGUF file rounds them for such a folder, too. They are not
// among formats(), since no GGUF file has them; a block is f16 d and the codes, which whoever writes the folder takes
// apart.
#pragma once

#include <formats/format.h>

namespace nibble {

/// `bits`: 4 or 8; `group`: 32, 64 or 128 inputs; null for others. Its id is that of the GGUF format which holds the
/// same values in blocks of 32.
const Format* groupedFormat(int bits, int64_t group);

/// AWQ packs eight outputs into a word in this order: output 8 w + i is number kAwqPlace[i] of word w.
inline constexpr int kAwqPlace[8] = {0, 4, 1, 5, 2, 6, 3, 7};

} // namespace nibble

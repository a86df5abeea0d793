#include <base/text.h>
#include <files/damaged.h>

namespace nibble {

void throwDamaged(std::string_view file, std::string_view field, std::string_view fact) {
    throw Error(ErrorKind::BadFile, "The file " + printable(file) + " is damaged or not what its name says.",
                printable(file) + ": " + printable(field) + " " + printable(fact, 500),
                "Download or copy the file again, or choose another one.");
}

void throwUnsupportedFile(std::string_view file, std::string_view field, std::string_view what) {
    throw Error(ErrorKind::Unsupported,
                "The file " + printable(file) + " uses " + printable(what, 500) + ", which Nibble cannot read yet.",
                printable(file) + ": " + printable(field), "Choose another file of this model.");
}

std::string shownFileName(const std::filesystem::path& path) { return printable(path.filename().string()); }

} // namespace nibble

#include <base/checked.h>
#include <nibble/error.h>

namespace nibble {

const char* errorKindName(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::BadRequest:
        return "bad-request";
    case ErrorKind::NotFound:
        return "not-found";
    case ErrorKind::BadFile:
        return "bad-file";
    case ErrorKind::Unsupported:
        return "unsupported";
    case ErrorKind::NoMemory:
        return "no-memory";
    case ErrorKind::NoSpace:
        return "no-space";
    case ErrorKind::Io:
        return "io";
    case ErrorKind::Device:
        return "device";
    case ErrorKind::Canceled:
        return "canceled";
    case ErrorKind::ContextFull:
        return "context-full";
    case ErrorKind::Network:
        return "network";
    case ErrorKind::Internal:
        return "internal";
    }
    return "internal";
}

void throwTooLarge(std::string_view what) {
    throw Error(ErrorKind::BadFile, "A size in the file is impossibly large.", std::string(what),
                "The file is damaged. Download it again.");
}

} // namespace nibble

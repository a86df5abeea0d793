// The one exception of the engine. Files, devices and users fail with it; our own bugs are assertions.
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace nibble {

enum class ErrorKind {
    BadRequest,  // the caller asked for something that makes no sense
    NotFound,    // a file, folder, model or device that is not there
    BadFile,     // a file that is damaged or does not follow its own format
    Unsupported, // valid, but Nibble cannot do it yet
    NoMemory,    // does not fit in memory
    NoSpace,     // disk full
    Io,          // reading or writing failed
    Device,      // a graphics card or its driver failed
    Canceled,    // the user stopped it
    ContextFull, // the conversation does not fit the model's context
    Network,     // another computer cannot be reached, or its answer is not to be trusted
    Internal,    // should not happen
};

/// "bad-request", "not-found", ...: the stable name used in the protocol and in exit codes.
const char* errorKindName(ErrorKind kind);

/// An error in words a user understands: what happened (`message`), the raw facts for an expert, with the file and
/// field it concerns (`detail`), and what the user can do about it (`whatToDo`). Caught where a verb begins and
/// nowhere else.
class Error : public std::exception {
public:
    Error(ErrorKind kind_, std::string message_, std::string detail_ = {}, std::string whatToDo_ = {})
        : kind(kind_), message(std::move(message_)), detail(std::move(detail_)), whatToDo(std::move(whatToDo_)) {
        m_what = message;
        if (!detail.empty()) m_what += " (" + detail + ")";
    }
    const char* what() const noexcept override { return m_what.c_str(); }

    ErrorKind kind;
    std::string message;
    std::string detail;
    std::string whatToDo;

private:
    std::string m_what;
};

} // namespace nibble

// A stand-in for `nibble-cli engine`: child MODE. Answers every request with its own verb, and "crash" by crashing.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <nibble/protocol.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace {

void line(const std::string& text) { std::cout << text << std::endl; }

/// The value of a key in a line that the window wrote: compact JSON with known keys.
std::string valueOf(const std::string& json, const std::string& key) {
    const std::string mark = "\"" + key + "\":";
    const size_t at = json.find(mark);
    if (at == std::string::npos) return {};
    const size_t from = at + mark.size();
    std::string value = json.substr(from, json.find_first_of(",}", from) - from);
    if (!value.empty() && value.front() == '"') value = value.substr(1, value.size() - 2);
    return value;
}

bool canOpen(int family) {
    const int socket = ::socket(family, SOCK_STREAM, 0);
    if (socket >= 0) ::close(socket);
    return socket >= 0;
}

const char* word(bool value) { return value ? "true" : "false"; }

} // namespace

int main(int argc, char** argv) {
    const std::string mode = argc > 1 ? argv[1] : "good";
    std::cerr << "child in mode " << mode << std::endl;
    if (mode == "silent") {
        std::string ignored;
        while (std::getline(std::cin, ignored)) {
        }
        return 0;
    }
    if (mode == "dies") return 3;
    if (mode == "other-program") line("Usage: something else entirely");
    if (mode == "other-version") line(R"({"hello":"nibble-engine","protocol":999,"version":"9.9"})");
    line(R"({"hello":"nibble-engine","protocol":)" + std::to_string(nibble::protocol::kVersion) +
         R"(,"version":"0.1.0","pid":1})");

    std::string request, held, paused = "false";
    while (std::getline(std::cin, request)) {
        const std::string id = valueOf(request, "id"), verb = valueOf(request, "verb");
        if (verb == "crash") {
            std::cerr << "about to crash" << std::endl;
            std::abort();
        } else if (verb == "hold" || verb == "stubborn") {
            held = id;
            line(R"({"id":)" + id + R"(,"event":"progress","data":{"fraction":0.5}})");
        } else if (verb == "cancel" && mode != "deaf") {
            line(R"({"id":)" + id + R"(,"result":{"found":true}})");
            line(R"({"id":)" + held + R"(,"error":{"kind":"canceled","message":"Stopped."}})");
        } else if (verb == "cancel") {
            continue;
        } else if (verb == "pause") {
            paused = valueOf(request, "on");
            line(R"({"id":)" + id + R"(,"result":{}})");
        } else if (verb == "paused") {
            line(R"({"id":)" + id + R"(,"result":{"paused":)" + paused + "}}");
        } else if (verb == "sockets") {
            std::cout << R"({"id":)" << id << R"(,"result":{"inet":)" << word(canOpen(AF_INET)) << R"(,"inet6":)"
                      << word(canOpen(AF_INET6)) << R"(,"local":)" << word(canOpen(AF_UNIX)) << "}}" << std::endl;
        } else if (verb == "chatter") {
            line("MESA: warning: a driver that prints where it should not");
            line("{\"id\":");
            line("[1,2,3]");
            line(R"({"id":12345,"result":{}})");
            line(R"({"id":)" + id + R"(,"result":{"verb":"chatter"}})");
        } else if (verb == "flood") {
            const std::string megabyte(1024 * 1024, 'x');
            for (int i = 0; i < 20; ++i) std::cout << megabyte;
            std::cout << std::flush;
        } else if (verb == "fail") {
            line(
                R"({"id":)" + id +
                R"(,"error":{"kind":"bad-file","message":"Damaged.","detail":"offset 7","whatToDo":"Get it again."}})");
        } else {
            line(R"({"id":)" + id + R"(,"result":{"verb":")" + verb + R"("}})");
        }
    }
    return 0;
}

#include "../commands.h"

#include <nibble/engine.h>
#include <unistd.h>

namespace nibble::cli {

void addEngine(CLI::App& app) {
    CLI::App* verb =
        app.add_subcommand("engine", "Answer requests of another program (JSON lines; the window uses it)");
    verb->footer("The messages are described in core/include/nibble/protocol.h.");
    verb->callback([] {
        // Whatever a library prints must not get between the messages: the real standard output is ours alone.
        std::FILE* out = fdopen(dup(STDOUT_FILENO), "w");
        if (!out) throw Error(ErrorKind::Io, "Standard output cannot be written.");
        dup2(STDERR_FILENO, STDOUT_FILENO);
        const int code = serveEngine(stdin, out);
        std::fclose(out);
        if (code != 0) throw CLI::RuntimeError(code);
    });
}

} // namespace nibble::cli

#include "options.h"

#include <QCommandLineParser>
#include <cstdio>
#include <cstdlib>

namespace nibble::gui {

namespace {

[[noreturn]] void refuse(const QString& what) {
    std::fprintf(stderr, "nibble: %s\nnibble --help shows all options.\n", qUtf8Printable(what));
    std::exit(2);
}

} // namespace

Options parseOptions(const QStringList& arguments) {
    QCommandLineParser parser;
    parser.setApplicationDescription(
        "Makes language models small enough for this computer, and chats with them offline.");
    const QCommandLineOption help = parser.addHelpOption();
    const QCommandLineOption version = parser.addVersionOption();
    const QCommandLineOption model("model", "Start with this model: a .gguf file or a Hugging Face folder.", "path");
    const QCommandLineOption page("page", "Start on this page: models, smaller, chat, compare, settings or welcome.",
                                  "name");
    const QCommandLineOption ask("ask", "Ask the model this at once, on the Chat page or (with --with) on Compare.",
                                 "text");
    const QCommandLineOption with("with", "Compare --model with this smaller one.", "path");
    const QCommandLineOption theme("theme", "light or dark, for this run.", "name");
    const QCommandLineOption scale("text-scale", "Size of the text for this run, 0.8 to 2.0.", "factor");
    const QCommandLineOption demo("demo", "Show the window with made-up models; nothing is read or written.");
    const QCommandLineOption shot("screenshot", "Save a picture of the window once it has settled, and quit.",
                                  "file.png");
    const QCommandLineOption check("self-check", "Say whether everything that Nibble needs is there, and quit.");
    parser.addOptions({model, page, ask, with, theme, scale, demo, shot, check});
    parser.addPositionalArgument("model", "The same as --model.", "[model]");
    if (!parser.parse(arguments)) refuse(parser.errorText());
    if (parser.isSet(help)) parser.showHelp();
    if (parser.isSet(version)) parser.showVersion();

    Options options;
    options.model = parser.isSet(model) ? parser.value(model) : parser.positionalArguments().value(0);
    options.ask = parser.value(ask);
    options.with = parser.value(with);
    options.page = parser.value(page);
    if (!options.ask.isEmpty()) options.page = QStringLiteral("chat");
    if (!options.with.isEmpty()) options.page = QStringLiteral("compare");
    options.theme = parser.value(theme);
    if (!QStringList{"", "light", "dark"}.contains(options.theme)) refuse("--theme is light or dark");
    if (parser.isSet(scale)) {
        bool ok = false;
        options.textScale = parser.value(scale).toDouble(&ok);
        if (!ok || options.textScale < 0.8 || options.textScale > 2.0)
            refuse("--text-scale is a number from 0.8 to 2.0");
    }
    options.demo = parser.isSet(demo);
    options.screenshot = parser.value(shot);
    options.selfCheck = parser.isSet(check);
    return options;
}

} // namespace nibble::gui

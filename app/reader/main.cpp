// nibble-reader MOST_CHARACTERS < FILE: the text of a file as one line of JSON, {"text", "pages", "emptyPages"} or
// {"error", "detail"} (document.h). The window starts one for each file: files come from anywhere, and what reads them
// may fall over. nibble-reader --check says whether it can read PDF files here.
#include "document.h"
#include "sandbox.h"

#include <QCoreApplication>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <cstdio>
#include <new>
#include <unistd.h>

using namespace nibble::reader;

namespace {

constexpr qint64 kMostFileBytes = 64 << 20;

QJsonObject errorAs(const char* kind, const QString& detail = {}) { return {{"error", kind}, {"detail", detail}}; }

QJsonObject readStandardInput(qsizetype mostCharacters) {
    try {
        QFile input;
        if (!input.open(STDIN_FILENO, QIODevice::ReadOnly)) return errorAs("damaged", input.errorString());
        const QByteArray file = input.read(kMostFileBytes + 1);
        if (file.size() > kMostFileBytes) return errorAs("too-large");
        const Document document = readDocument(file, mostCharacters);
        return {{"text", document.text}, {"pages", document.pages}, {"emptyPages", document.emptyPages}};
    } catch (const ReadError& error) {
        return errorAs(error.kind, error.detail);
    } catch (const std::bad_alloc&) {
        return errorAs("too-large");
    }
}

} // namespace

int main(int argc, char** argv) {
    QCoreApplication application(argc, argv);
    const QString argument = QCoreApplication::arguments().value(1);
    if (argument == QLatin1String("--check")) {
#ifdef NIBBLE_PDF
        std::puts("PDF");
#endif
        return 0;
    }
    bool good = false;
    const int most = argument.toInt(&good);
    if (!good || most <= 0) {
        std::fprintf(stderr,
                     "nibble-reader MOST_CHARACTERS < FILE prints the text of a PDF file, spreadsheet or document.\n");
        return 2;
    }
    closeSandbox();
    const QByteArray line = QJsonDocument(readStandardInput(most)).toJson(QJsonDocument::Compact) + '\n';
    std::fwrite(line.constData(), 1, std::size_t(line.size()), stdout);
    return 0;
}

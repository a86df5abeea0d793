#include <base/atomic_file.h>
#include <compare/report_page.h>
#include <nibble/error.h>
#include <nibble/json.h>

namespace nibble {

void checkReportPath(const std::filesystem::path& output, bool replace) {
    if (output.extension() != ".html" && output.extension() != ".json")
        throw Error(ErrorKind::BadRequest, "A report is a .html file for people or a .json file for programs.",
                    output.string(), "Give the file one of these endings.");
    if (!replace) AtomicFile::refuseExisting(output);
}

void writeReport(const CompareReport& report, const std::filesystem::path& output, bool replace) {
    checkReportPath(output, replace);
    using nlohmann::json;
    const std::string text = output.extension() == ".html"
                                 ? reportPage(report)
                                 : toJson(report).dump(2, ' ', false, json::error_handler_t::replace) + "\n";
    AtomicFile file(output, text.size(), replace);
    file.write(std::as_bytes(std::span(text)));
    file.commit();
}

} // namespace nibble

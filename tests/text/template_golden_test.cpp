// Chat templates of 42 models against transformers' rendering (goldens/templates).

#include <ctime>
#include <fstream>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <text/chat_template.h>

namespace nibble {
namespace {

using nlohmann::ordered_json;

int64_t dayOf(const std::string& date) {
    std::tm day{};
    if (std::sscanf(date.c_str(), "%d-%d-%d", &day.tm_year, &day.tm_mon, &day.tm_mday) != 3) return -1;
    day.tm_year -= 1900;
    day.tm_mon -= 1;
    return int64_t(timegm(&day)) + 12 * 3600;
}

/// "TemplateError: message" -> "message"; "" where the reference failed in another way than by raise_exception.
std::string ownMessage(const std::string& error) {
    const std::string kind = "TemplateError: ";
    return error.starts_with(kind) ? error.substr(kind.size()) : "";
}

class TemplateGolden : public testing::TestWithParam<std::filesystem::path> {};

std::vector<std::filesystem::path> goldens() {
    std::vector<std::filesystem::path> paths;
    const std::filesystem::path folder = test::goldenDir("templates");
    if (!folder.empty())
        for (const auto& entry : std::filesystem::directory_iterator(folder))
            if (entry.path().extension() == ".json") paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    return paths;
}

TEST(TemplateGoldens, AreThere) {
    if (goldens().empty()) GTEST_SKIP() << "no goldens/templates";
    EXPECT_GE(goldens().size(), 42u);
}

TEST_P(TemplateGolden, RendersEveryConversation) {
    std::ifstream in(GetParam());
    const ordered_json golden = ordered_json::parse(in);
    ordered_json specials = ordered_json::object();
    for (const auto& [key, value] : golden.items())
        if (key.ends_with("_token")) specials[key] = value;
    const ChatTemplate chat(golden["template"].get<std::string>(), specials);
    const int64_t day = dayOf(golden["rendered_on"].get<std::string>());
    ASSERT_GT(day, 0);
    int cases = 0;
    for (const auto& [name, conversation] : golden["cases"].items()) {
        SCOPED_TRACE(name);
        ++cases;
        ordered_json variables = conversation;
        variables.erase("expect");
        variables.erase("error");
        if (conversation.contains("expect")) {
            try {
                EXPECT_EQ(chat.render(variables, day), conversation["expect"].get<std::string>());
            } catch (const Error& e) {
                ADD_FAILURE() << e.what();
            }
            continue;
        }
        const auto theirs = conversation["error"].get<std::string>();
        try {
            ADD_FAILURE() << "rendered, but the reference says " << theirs << ": " << chat.render(variables, day);
        } catch (const Error& e) {
            if (const std::string message = ownMessage(theirs); !message.empty()) {
                EXPECT_EQ(e.message, message);
                EXPECT_EQ(e.kind, ErrorKind::BadRequest);
            } else {
                EXPECT_EQ(e.kind, ErrorKind::BadFile) << e.what();
            }
        }
    }
    EXPECT_EQ(cases, 5);
}

INSTANTIATE_TEST_SUITE_P(Models, TemplateGolden, testing::ValuesIn(goldens()), [](const auto& param) {
    std::string name = param.param.stem().string();
    for (char& c : name)
        if (!std::isalnum(uint8_t(c))) c = '_';
    return name;
});
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TemplateGolden);

} // namespace
} // namespace nibble

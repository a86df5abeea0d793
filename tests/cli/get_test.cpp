// nibble-cli get against a hub on this computer.
#include <base/text.h>
#include <gtest/gtest.h>
#include <hub_server.h>
#include <process.h>
#include <thread>

using namespace nibble;
using test::CliResult;
using test::runCli;

namespace {

class CliGet : public testing::Test {
protected:
    void SetUp() override {
        hub.files = {{"tiny-Q4_0.gguf", std::string(400'000, 'q')}, {"tiny-Q8_0.gguf", std::string(900'000, 'q')}};
    }
    std::vector<std::string> arguments(const std::vector<std::string>& more) const {
        std::vector<std::string> out = {"get", "--hub", hub.address(), "--folder", folder.path().string(), "--json"};
        out.insert(out.end(), more.begin(), more.end());
        return out;
    }

    test::HubServer hub;
    test::TempFolder folder;
};

} // namespace

TEST_F(CliGet, SearchesListsAndDownloads) {
    CliResult result = runCli(arguments({"--search", "tiny"}));
    EXPECT_EQ(result.code, 0) << result.out;
    EXPECT_EQ(result.json()["hits"][0]["name"], "anna/tiny");
    result = runCli(arguments({"--list", "anna/tiny"}));
    EXPECT_EQ(result.code, 0) << result.out;
    EXPECT_EQ(result.json()["choices"][1]["name"], "tiny-Q8_0.gguf");
    EXPECT_EQ(result.json()["choices"][1]["verdict"]["fit"], "fits");
    result = runCli(arguments({"anna/tiny:q4_0"}));
    EXPECT_EQ(result.code, 0) << result.out;
    EXPECT_EQ(readTextFile(result.json()["path"].get<std::string>(), 1 << 20), hub.files["tiny-Q4_0.gguf"]);
    EXPECT_EQ(runCli(arguments({"anna/tiny:Q2_K"})).code, 3);
    EXPECT_EQ(runCli(arguments({"tiny"})).code, 2);
    EXPECT_EQ(runCli({"get", "--hub", "http://127.0.0.1:1", "anna/tiny"}).code, 10);
}

TEST_F(CliGet, KilledInTheMiddleTheSameCommandGoesOn) {
    hub.change([](const auto&, test::HubServer::Answer& answer) { answer.pauseMs = 10; });
    {
        test::Process process(arguments({"anna/tiny:Q8_0"}));
        const auto part = folder / ".downloads/anna--tiny--tiny-Q8_0.gguf/files/tiny-Q8_0.gguf.part";
        std::error_code error;
        for (int i = 0; i < 3000 && (!std::filesystem::exists(part) || std::filesystem::file_size(part, error) == 0);
             ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        process.signal(SIGKILL);
        EXPECT_EQ(process.wait(), 128 + SIGKILL);
    }
    EXPECT_FALSE(std::filesystem::exists(folder / "anna"));
    hub.change({});
    const CliResult result = runCli(arguments({"anna/tiny:Q8_0"}));
    ASSERT_EQ(result.code, 0) << result.out;
    EXPECT_GT(result.json()["continuedAt"], 0);
    EXPECT_EQ(readTextFile(result.json()["path"].get<std::string>(), 1 << 20), hub.files["tiny-Q8_0.gguf"]);
}

TEST(CliGetTls, OnlyCertificatesThatTheSystemTrustsAreAccepted) {
    const std::string folder = NIBBLE_SOURCE_DIR "/tests/cli/";
    FILE* hub = popen(("python3 " + folder + "untrusted_hub.py").c_str(), "r");
    ASSERT_NE(hub, nullptr);
    int port = 0;
    ASSERT_EQ(fscanf(hub, "%d", &port), 1) << "python3 could not serve";
    const std::vector<std::string> get = {"get", "--json", "--hub", "https://127.0.0.1:" + std::to_string(port),
                                          "anna/tiny"};
    CliResult result = runCli(get);
    EXPECT_EQ(result.code, 10) << result.out;
    EXPECT_NE(result.json()["error"]["message"].get<std::string>().find("does not trust its certificate"),
              std::string::npos)
        << result.out;
    unsetenv("CURL_CA_BUNDLE");                                     // goes first
    setenv("SSL_CERT_FILE", (folder + "untrusted.pem").c_str(), 1); // as an office installs its own
    result = runCli(get);
    unsetenv("SSL_CERT_FILE");
    EXPECT_EQ(result.code, 3) << result.out; // connected, and told that there is no such model
    pclose(hub);
}

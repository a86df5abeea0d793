// nibble-cli pack from the outside.
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <process.h>

using namespace nibble;
using test::CliResult;
using test::runCli;

TEST(CliPack, MakesChecksAndInstalls) {
    const std::filesystem::path gguf = test::goldenDir("gguf/llama2.gguf");
    if (gguf.empty()) GTEST_SKIP() << "the golden models are not here";
    test::TempFolder folder;
    const std::string pack = (folder / "office").string(), models = (folder / "models").string();
    EXPECT_EQ(runCli({"pack", "check", pack}).code, 3);
    CliResult result = runCli({"pack", "make", pack, gguf.string(), "--json"});
    ASSERT_EQ(result.code, 0) << result.out;
    EXPECT_EQ(result.json()["models"][0]["place"], "llama2.gguf");
    result = runCli({"pack", "check", pack});
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_NE(result.out.find("every checksum is right"), std::string::npos) << result.out;
    result = runCli({"pack", "install", pack, "--folder", models, "--json"});
    ASSERT_EQ(result.code, 0) << result.out;
    EXPECT_EQ(result.json()["installed"][0], models + "/llama2.gguf");
    EXPECT_EQ(runCli({"inspect", models + "/llama2.gguf", "--json"}).code, 0);
}

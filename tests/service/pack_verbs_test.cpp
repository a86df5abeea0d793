// The verbs of the engine for offline packs.
#include "engine_client.h"

#include <base/text.h>
#include <fstream>
#include <nibble/pack.h>

using namespace nibble;
using nlohmann::json;

TEST(PackVerbs, SayWhatIsInsideCheckAndInstall) {
    const test::TempFolder folder;
    const std::filesystem::path tiny = NIBBLE_SOURCE_DIR "/resources/demo/tiny.gguf";
    makePack(folder / "office", {tiny});
    const json params{{"pack", (folder / "office").string()}, {"folder", (folder / "models").string()}};
    test::EngineClient engine;
    json pack = engine.call("pack", params)["result"];
    EXPECT_EQ(pack["name"], "office");
    ASSERT_EQ(pack["models"].size(), 1u);
    EXPECT_EQ(pack["models"][0]["place"], "tiny.gguf");
    EXPECT_EQ(pack["models"][0]["bytes"], std::filesystem::file_size(tiny));
    EXPECT_EQ(pack["models"][0]["present"], false);
    EXPECT_EQ(pack["models"][0]["verdict"]["fit"], "fits");
    EXPECT_TRUE(engine.call("checkPack", {{"pack", params["pack"]}}).contains("result"));
    const json report = engine.call("installPack", params)["result"];
    EXPECT_EQ(report["installed"], json::array({(folder / "models" / "tiny.gguf").string()}));
    EXPECT_EQ(engine.call("pack", params)["result"]["models"][0]["present"], true);

    std::filesystem::resize_file(folder / "office" / "tiny.gguf", 100);
    pack = engine.call("pack", params)["result"];
    EXPECT_FALSE(pack["models"][0].contains("verdict"));
    EXPECT_NE(pack["models"][0]["problem"], "");
    EXPECT_EQ(engine.call("checkPack", {{"pack", params["pack"]}})["error"]["kind"], "bad-file");
    EXPECT_EQ(engine.call("pack", {{"pack", folder.path().string()}})["error"]["kind"], "not-found");
}

// The verbs of the engine that use a hub, against one on this computer.
#include "engine_client.h"

#include <base/text.h>
#include <hub_server.h>

using namespace nibble;
using nlohmann::json;

namespace {

class HubVerbs : public testing::Test {
protected:
    void SetUp() override { hub.files = {{"tiny-Q4_0.gguf", std::string(600'000, 'q')}}; }
    json with(json params) const {
        params["hub"] = hub.address();
        return params;
    }
    json folderOf(json params = json::object()) const {
        params["folder"] = folder.path().string();
        return params;
    }

    test::HubServer hub;
    test::EngineClient engine;
    test::TempFolder folder;
};

} // namespace

TEST_F(HubVerbs, LookUpDownloadAndSayWhoWasAsked) {
    EXPECT_EQ(engine.call("searchHub", with({{"words", "tiny"}}))["result"]["hits"][0]["name"], "anna/tiny");
    const json model = engine.call("lookUp", with({{"name", "anna/tiny"}}))["result"];
    ASSERT_EQ(engine.events.size(), 1u);
    EXPECT_EQ(engine.events[0]["event"], "connection");
    EXPECT_EQ(engine.events[0]["data"]["host"], hub.address().substr(7));
    EXPECT_EQ(model["choices"][0]["bytes"], 600'000);
    EXPECT_EQ(model["chosen"], "tiny-Q4_0.gguf");
    const json got = engine.call("download", with(folderOf({{"name", "anna/tiny"}})))["result"];
    EXPECT_EQ(readTextFile(got["path"].get<std::string>(), 1 << 20), hub.files["tiny-Q4_0.gguf"]);
    EXPECT_EQ(engine.call("lookUp", with({{"name", "tiny"}}))["error"]["kind"], "bad-request");
    EXPECT_EQ(engine.call("lookUp", {{"name", "anna/tiny"}, {"hub", "http://127.0.0.1:1"}})["error"]["kind"],
              "network");
}

TEST_F(HubVerbs, CancelIsAPauseAndDiscardRemoves) {
    hub.change([](const auto&, test::HubServer::Answer& answer) { answer.pauseMs = 2; });
    const json params = with(folderOf({{"name", "anna/tiny"}, {"choice", "tiny-Q4_0.gguf"}}));
    const auto pause = [&] {
        const int64_t id = engine.send("download", params);
        return engine.end(id, [&](const json& event) {
            if (event["event"] == "progress" && event["data"]["fraction"] > 0.1)
                engine.send("cancel", {{"target", id}});
        });
    };
    EXPECT_EQ(pause()["error"]["kind"], "canceled");
    const json list = engine.call("downloads", folderOf())["result"]["downloads"];
    ASSERT_EQ(list.size(), 1u);
    EXPECT_GT(list[0]["doneBytes"], 0);
    EXPECT_EQ(list[0]["bytes"], 600'000);
    EXPECT_EQ(list[0]["choice"], "tiny-Q4_0.gguf");
    EXPECT_TRUE(engine.call("discardDownload", folderOf({{"id", list[0]["id"]}})).contains("result"));
    EXPECT_TRUE(engine.call("downloads", folderOf())["result"]["downloads"].empty());
    EXPECT_EQ(engine.call("discardDownload", folderOf({{"id", "absent"}}))["error"]["kind"], "not-found");
}

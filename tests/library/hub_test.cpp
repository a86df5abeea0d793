// Downloads from a hub on this computer: whole, cut, resumed, refused.
#include <algorithm>
#include <base/text.h>
#include <fstream>
#include <gtest/gtest.h>
#include <hub_server.h>
#include <library/hub.h>
#include <nibble/error.h>
#include <process.h>

using namespace nibble;
using nlohmann::json;
using test::HubServer;
namespace fs = std::filesystem;

namespace {

std::string bytesOf(std::size_t n, unsigned seed) {
    std::string out(n, '\0');
    for (char& c : out) c = char((seed = seed * 1664525 + 1013904223) >> 24);
    return out;
}

class Hub : public testing::Test {
protected:
    void SetUp() override {
        hub.files = {{"tiny-Q4_K_M.gguf", bytesOf(300'000, 1)},
                     {"tiny-Q8_0.gguf", bytesOf(500'000, 2)},
                     {"mmproj-tiny.gguf", bytesOf(1000, 3)},
                     {"README.md", "# Tiny"}};
    }
    DownloadRequest request(const std::string& name = "anna/tiny:Q4_K_M") {
        DownloadRequest out;
        out.access.address = hub.address();
        out.access.onConnection = [this](const std::string& host) { hosts.push_back(host); };
        out.name = name;
        out.folder = folder.path();
        out.retrySeconds = 0.001;
        return out;
    }
    DownloadReport get(const std::string& name = "anna/tiny:Q4_K_M") { return downloadModel(request(name)); }
    /// The error of a download; and that nothing appeared.
    Error fault(const std::string& name = "anna/tiny:Q4_K_M", const ProgressFn& progress = {},
                std::stop_token stop = {}) {
        std::optional<Error> caught;
        try {
            downloadModel(request(name), progress, stop);
        } catch (const Error& error) {
            caught = error;
        }
        EXPECT_TRUE(caught) << "no error for " << name;
        EXPECT_FALSE(fs::exists(folder / "anna")) << "something appeared";
        return caught.value_or(Error(ErrorKind::Internal, ""));
    }
    void changeFile(const std::string& end, std::function<void(const HubServer::Request&, HubServer::Answer&)> how) {
        hub.change([=](const HubServer::Request& asked, HubServer::Answer& answer) {
            if (asked.path.ends_with(end)) how(asked, answer);
        });
    }
    void changeModel(const std::function<void(json&)>& how) {
        json model = hub.model();
        how(model);
        hub.change([=](const HubServer::Request& asked, HubServer::Answer& answer) {
            if (asked.path.starts_with("/api/models/")) answer.body = model.dump();
        });
    }
    /// Stopped when more than half has arrived.
    void stopInTheMiddle() {
        std::stop_source stop;
        const Error error = fault(
            "anna/tiny:Q4_K_M",
            [&](const Progress& progress) {
                if (progress.fraction > 0.5) stop.request_stop();
            },
            stop.get_token());
        EXPECT_EQ(error.kind, ErrorKind::Canceled);
    }
    bool nothingLeft() const { return !fs::exists(folder / ".downloads") || fs::is_empty(folder / ".downloads"); }

    HubServer hub;
    test::TempFolder folder;
    std::vector<std::string> hosts;
};

std::string contentOf(const fs::path& path) { return readTextFile(path, 1 << 24); }

} // namespace

TEST_F(Hub, ListsWhatCanBeDownloadedAndWhetherItFits) {
    const HubModel model = lookUpOnHub("anna/tiny", request().access);
    EXPECT_EQ(model.name, "anna/tiny");
    EXPECT_EQ(model.license, "mit");
    EXPECT_EQ(model.chosen, "");
    ASSERT_EQ(model.choices.size(), 2u); // not the picture encoder
    EXPECT_EQ(model.choices[0].name, "tiny-Q4_K_M.gguf");
    EXPECT_EQ(model.choices[0].formatName, "Q4_K_M");
    EXPECT_EQ(model.choices[0].bytes, 300'000u);
    EXPECT_EQ(model.choices[1].formatName, "Q8_0");
    for (const HubChoice& choice : model.choices) EXPECT_EQ(choice.verdict.fit, Fit::Fits) << choice.verdict.sentence;
    EXPECT_EQ(hosts, std::vector<std::string>{hostOf(hub.address())});
    EXPECT_EQ(lookUpOnHub(hub.address() + "/anna/tiny/blob/main/tiny-Q8_0.gguf?x=1", request().access).chosen,
              "tiny-Q8_0.gguf");
    const std::vector<HubHit> hits = searchHub("tiny model", request().access);
    ASSERT_EQ(hits.size(), 1u);
    EXPECT_EQ(hits[0].name, "anna/tiny");
    EXPECT_TRUE(hits[0].hasGguf);
    EXPECT_NE(hub.requests().back().find("search=tiny%20model"), std::string::npos) << hub.requests().back();
}

TEST_F(Hub, AModelThatIsTooLargeIsSaidNotToFit) {
    changeModel([](json& model) { model["siblings"][2]["lfs"]["size"] = uint64_t(1) << 45; });
    const HubModel model = lookUpOnHub("anna/tiny", request().access);
    EXPECT_EQ(model.choices.back().verdict.fit, Fit::DoesNotFit) << model.choices.back().verdict.sentence;
}

TEST_F(Hub, AFileAppearsWholeAndChecked) {
    double last = 0;
    const DownloadReport report = downloadModel(request(), [&](const Progress& progress) { last = progress.fraction; });
    EXPECT_EQ(report.path, folder / "anna/tiny-Q4_K_M.gguf");
    EXPECT_EQ(report.bytes, 300'000u);
    EXPECT_EQ(last, 1);
    EXPECT_EQ(contentOf(report.path), hub.files["tiny-Q4_K_M.gguf"]);
    EXPECT_TRUE(nothingLeft());
    EXPECT_NE(hub.requests().back().find(std::string("/resolve/") + HubServer::kCommit), std::string::npos);
    try {
        get();
        ADD_FAILURE() << "an existing file was replaced";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind, ErrorKind::BadRequest);
    }
}

TEST_F(Hub, AFolderAppearsAtOnceWithWhatBelongsToTheModel) {
    hub.files = {{"config.json", "{}"},
                 {"tokenizer.json", bytesOf(5000, 4)},
                 {"model.safetensors.index.json", "{}"},
                 {"model-00001-of-00002.safetensors", bytesOf(70'000, 5)},
                 {"model-00002-of-00002.safetensors", bytesOf(70'001, 6)},
                 {"consolidated.safetensors", bytesOf(140'001, 7)},
                 {".gitattributes", "x"},
                 {"onnx/model.onnx", bytesOf(1000, 8)}};
    const DownloadReport report = get("anna/tiny");
    EXPECT_EQ(report.path, folder / "anna/tiny");
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(report.path)) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    EXPECT_EQ(names, (std::vector<std::string>{"config.json", "model-00001-of-00002.safetensors",
                                               "model-00002-of-00002.safetensors", "model.safetensors.index.json",
                                               "tokenizer.json"}));
    for (const std::string& name : names) EXPECT_EQ(contentOf(report.path / name), hub.files[name]) << name;
    EXPECT_TRUE(nothingLeft());
}

TEST_F(Hub, SplitModelsComeTogether) {
    hub.files = {{"Q8_0/big-Q8_0-00001-of-00002.gguf", bytesOf(3000, 1)},
                 {"Q8_0/big-Q8_0-00002-of-00002.gguf", bytesOf(4000, 2)},
                 {"Q4_0/big-Q4_0-00001-of-00003.gguf", bytesOf(3000, 3)}}; // parts are missing
    const DownloadReport report = get("anna/tiny");
    EXPECT_EQ(report.path, folder / "anna/big-Q8_0");
    EXPECT_EQ(contentOf(report.path / "big-Q8_0-00002-of-00002.gguf"), bytesOf(4000, 2));
}

TEST_F(Hub, ACutConnectionIsGoneOnWith) {
    int cuts = 0;
    changeFile("Q4_K_M.gguf", [&](const HubServer::Request&, HubServer::Answer& answer) {
        if (cuts++ < 4) answer.cutAfter = 50'000;
    });
    const DownloadReport report = get();
    EXPECT_EQ(contentOf(report.path), hub.files["tiny-Q4_K_M.gguf"]);
    const std::vector<std::string> requests = hub.requests();
    ASSERT_EQ(requests.size(), 6u); // of the API, and five of the file
    for (std::size_t i = 1; i < 6; ++i)
        EXPECT_TRUE(requests[i].ends_with(" " + std::to_string(50'000 * (i - 1)))) << requests[i];
}

TEST_F(Hub, ABusyServerIsAskedAgainAndGivenUpAfterFiveTries) {
    int asked = 0;
    changeFile("Q4_K_M.gguf", [&](const HubServer::Request&, HubServer::Answer& answer) {
        if (asked++ < 3) answer = {503, "busy"};
    });
    get();
    fs::remove_all(folder / "anna");
    changeFile("Q4_K_M.gguf", [](const HubServer::Request& at, HubServer::Answer& answer) {
        if (at.from > 0) answer = {503, "busy"};
        answer.cutAfter = 100'000;
    });
    const Error error = fault();
    EXPECT_EQ(error.kind, ErrorKind::Network);
    ASSERT_EQ(listDownloads(folder.path()).size(), 1u);
    EXPECT_EQ(listDownloads(folder.path())[0].doneBytes, 100'000u);
}

TEST_F(Hub, AStoppedDownloadGoesOnWhereItWas) {
    changeFile("Q4_K_M.gguf", [](const HubServer::Request&, HubServer::Answer& answer) { answer.pauseMs = 6; });
    stopInTheMiddle();
    const std::vector<UnfinishedDownload> list = listDownloads(folder.path());
    ASSERT_EQ(list.size(), 1u);
    EXPECT_EQ(list[0].name, "anna/tiny");
    EXPECT_EQ(list[0].choice, "tiny-Q4_K_M.gguf");
    EXPECT_EQ(list[0].bytes, 300'000u);
    EXPECT_GT(list[0].doneBytes, 150'000u);
    hub.change({});
    DownloadRequest again = request(list[0].name);
    again.choice = list[0].choice;
    const std::size_t before = hub.requests().size();
    const DownloadReport report = downloadModel(again);
    EXPECT_EQ(report.continuedAt, list[0].doneBytes);
    EXPECT_EQ(contentOf(report.path), hub.files["tiny-Q4_K_M.gguf"]);
    ASSERT_EQ(hub.requests().size(), before + 1); // the list of files is known
    EXPECT_TRUE(hub.requests().back().ends_with(" " + std::to_string(list[0].doneBytes)));
    EXPECT_TRUE(listDownloads(folder.path()).empty());
}

TEST_F(Hub, AServerWithoutRangesBeginsAgain) {
    changeFile("Q4_K_M.gguf", [](const HubServer::Request&, HubServer::Answer& answer) { answer.pauseMs = 6; });
    stopInTheMiddle();
    const std::string content = hub.files["tiny-Q4_K_M.gguf"];
    changeFile("Q4_K_M.gguf", [=](const HubServer::Request&, HubServer::Answer& answer) { answer = {200, content}; });
    EXPECT_EQ(contentOf(get().path), content);
}

TEST_F(Hub, AnotherRevisionDoesNotGoOnWithPartsOfTheOld) {
    changeFile("Q4_K_M.gguf", [](const HubServer::Request&, HubServer::Answer& answer) { answer.pauseMs = 6; });
    stopInTheMiddle();
    hub.files["tiny-Q4_K_M.gguf"] = bytesOf(300'000, 99);
    changeModel([](json& model) { model["sha"] = std::string(40, 'b'); });
    EXPECT_EQ(contentOf(get().path), hub.files["tiny-Q4_K_M.gguf"]);
    EXPECT_TRUE(hub.requests().back().ends_with(" 0"));
}

TEST_F(Hub, ADownloadCanBeThrownAway) {
    changeFile("Q4_K_M.gguf", [](const HubServer::Request&, HubServer::Answer& answer) { answer.pauseMs = 6; });
    stopInTheMiddle();
    discardDownload(folder.path(), listDownloads(folder.path()).at(0).id);
    EXPECT_TRUE(nothingLeft());
    for (const char* id : {"absent", "..", "../..", "a/b"})
        EXPECT_THROW(discardDownload(folder.path(), id), Error) << id;
}

TEST_F(Hub, AWrongChecksumKeepsTheFileOutAndRemovesIt) {
    changeFile("Q4_K_M.gguf", [](const HubServer::Request&, HubServer::Answer& answer) { answer.body[1234] ^= 1; });
    const Error error = fault();
    EXPECT_EQ(error.kind, ErrorKind::BadFile);
    EXPECT_NE(error.message.find("checksum"), std::string::npos) << error.message;
    EXPECT_EQ(listDownloads(folder.path()).at(0).doneBytes, 0u);
    hub.change({});
    EXPECT_EQ(contentOf(get().path), hub.files["tiny-Q4_K_M.gguf"]);
}

TEST_F(Hub, WhatIsMissingOrLockedIsSaidSo) {
    const auto withStatus = [&](int status) {
        hub.change([=](const HubServer::Request&, HubServer::Answer& answer) { answer = {status, "no"}; });
        return fault();
    };
    EXPECT_EQ(withStatus(404).kind, ErrorKind::NotFound);
    EXPECT_EQ(withStatus(401).kind, ErrorKind::Unsupported);
    EXPECT_EQ(withStatus(403).kind, ErrorKind::Unsupported);
    EXPECT_EQ(withStatus(407).kind, ErrorKind::Network);
    EXPECT_EQ(withStatus(500).kind, ErrorKind::Network);
    hub.change({});
    EXPECT_EQ(fault("anna/tiny:Q2_K").kind, ErrorKind::NotFound);
    EXPECT_EQ(fault("anna/tiny").kind, ErrorKind::BadRequest); // which one?
    hub.files = {{"weights.bin", bytesOf(1000, 1)}};
    EXPECT_EQ(fault("anna/tiny").kind, ErrorKind::Unsupported);
}

TEST_F(Hub, WithoutANetworkItSaysSo) {
    DownloadRequest nobody = request();
    nobody.access.address = "http://127.0.0.1:1"; // nobody listens
    try {
        downloadModel(nobody);
        ADD_FAILURE() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind, ErrorKind::Network);
        EXPECT_NE(error.whatToDo.find("Internet"), std::string::npos) << error.whatToDo;
    }
}

TEST_F(Hub, NamesThatPointOutsideAreRefusedByName) {
    for (const char* name : {"../../evil.gguf", "/etc/evil.gguf", "a/../evil.gguf", "a\\evil.gguf", "a//evil.gguf",
                             "evil\n.gguf", "", ".."}) {
        changeModel([&](json& model) { model["siblings"][2]["rfilename"] = name; });
        const Error error = fault();
        EXPECT_EQ(error.kind, ErrorKind::BadFile) << name;
        EXPECT_NE(error.message.find(printable(name)), std::string::npos) << error.message;
    }
}

TEST_F(Hub, AnswersThatMakeNoSenseAreRefused) {
    const std::vector<std::function<void(json&)>> changes = {
        [](json& model) {
            model["siblings"][2].erase("lfs");
            model["siblings"][2].erase("size");
        },
        [](json& model) { model["siblings"][2]["lfs"]["size"] = -1; },
        [](json& model) { model["siblings"][2]["lfs"]["size"] = 1e300; },
        [](json& model) { model["siblings"][2]["lfs"]["size"] = "5"; },
        [](json& model) { model["siblings"][2]["lfs"]["sha256"] = "abc"; },
        [](json& model) { model["siblings"][2]["lfs"].erase("sha256"); },
        [](json& model) { model["siblings"][2] = 5; },
        [](json& model) { model["siblings"].push_back(model["siblings"][2]); },
        [](json& model) { model["siblings"] = "none"; },
        [](json& model) { model.erase("siblings"); },
        [](json& model) { model["sha"] = "../../main"; },
        [](json& model) { model = json::array(); },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        changeModel(changes[i]);
        EXPECT_EQ(fault().kind, ErrorKind::BadFile) << "change " << i;
    }
    hub.change([](const HubServer::Request&, HubServer::Answer& answer) { answer.body = "<html>"; });
    EXPECT_EQ(fault().kind, ErrorKind::BadFile);
}

TEST_F(Hub, EndlessAndLyingBodiesAreEnded) {
    hub.change([](const HubServer::Request&, HubServer::Answer& answer) {
        answer.endless = true;
        answer.body.resize(65536, ' ');
    });
    EXPECT_EQ(fault().kind, ErrorKind::BadFile); // the list
    hub.change([](const HubServer::Request&, HubServer::Answer& answer) {
        answer = {404, std::string(65536, 'x')};
        answer.endless = true;
    });
    EXPECT_EQ(fault().kind, ErrorKind::NotFound);
    changeFile("Q4_K_M.gguf", [](const HubServer::Request&, HubServer::Answer& answer) { answer.endless = true; });
    EXPECT_EQ(fault().kind, ErrorKind::BadFile);
    changeFile("Q4_K_M.gguf", [](const HubServer::Request&, HubServer::Answer& answer) { answer.body += "more"; });
    EXPECT_EQ(fault().kind, ErrorKind::BadFile);
    changeFile("Q4_K_M.gguf", [](const HubServer::Request&, HubServer::Answer& answer) { answer.body.resize(1000); });
    EXPECT_EQ(fault().kind, ErrorKind::BadFile);
    changeFile("Q4_K_M.gguf", [](const HubServer::Request&, HubServer::Answer& answer) {
        answer.status = 206;
        answer.headers = {"Content-Range: bytes 5-9/300000"};
    });
    EXPECT_EQ(fault().kind, ErrorKind::BadFile);
}

TEST_F(Hub, RedirectsAreFollowedWithinWhatIsAllowed) {
    const std::string content = hub.files["tiny-Q4_K_M.gguf"];
    hub.change([=](const HubServer::Request& at, HubServer::Answer& answer) {
        if (at.path.find("/resolve/") != std::string::npos) answer = {302, "", {"Location: /cdn/file"}};
        if (at.path == "/cdn/file") answer = {200, content};
    });
    EXPECT_EQ(contentOf(get().path), content);
    fs::remove_all(folder / "anna");
    for (const char* to : {"file:///etc/passwd", "ftp://127.0.0.1/x", "http://example.org/x", "gopher://127.0.0.1/x"}) {
        hosts.clear();
        changeFile("Q4_K_M.gguf", [=](const HubServer::Request&, HubServer::Answer& answer) {
            answer = {302, "", {std::string("Location: ") + to}};
        });
        const Error error = fault();
        EXPECT_EQ(error.kind, ErrorKind::BadFile) << to;
        EXPECT_NE(error.detail.find(to), std::string::npos) << error.detail;
        EXPECT_EQ(std::count(hosts.begin(), hosts.end(), hostOf(hub.address())), std::ptrdiff_t(hosts.size()));
    }
    changeFile("Q4_K_M.gguf", [](const HubServer::Request& at, HubServer::Answer& answer) {
        answer = {302, "", {"Location: " + at.path}};
    });
    EXPECT_EQ(fault().kind, ErrorKind::BadFile); // in circles
}

TEST_F(Hub, ATokenIsForTheHubAlone) {
    HubServer elsewhere; // where the hub's files lie
    elsewhere.files = hub.files;
    std::vector<std::string> atTheHub, behindIt;
    hub.change([&](const HubServer::Request& asked, HubServer::Answer& answer) {
        atTheHub.push_back(asked.authorization);
        if (asked.authorization != "Bearer hf_Secret1")
            answer = {401, ""};
        else if (asked.path.find("/resolve/") != std::string::npos)
            answer = {302, "", {"Location: " + elsewhere.address() + "/cdn/tiny-Q4_K_M.gguf"}};
    });
    elsewhere.change(
        [&](const HubServer::Request& asked, HubServer::Answer&) { behindIt.push_back(asked.authorization); });
    const Error unknown = fault();
    EXPECT_EQ(unknown.kind, ErrorKind::Unsupported);
    EXPECT_NE(unknown.whatToDo.find("access token"), std::string::npos) << unknown.whatToDo;
    EXPECT_EQ(atTheHub, (std::vector<std::string>{""})) << "nobody's name is told without a token";
    atTheHub.clear();
    DownloadRequest signedIn = request();
    signedIn.access.token = "hf_Secret1";
    EXPECT_EQ(contentOf(downloadModel(signedIn).path), hub.files["tiny-Q4_K_M.gguf"]);
    EXPECT_EQ(atTheHub, (std::vector<std::string>(2, "Bearer hf_Secret1")));
    EXPECT_EQ(behindIt, (std::vector<std::string>{""})) << "the token went where the hub sent us";
    atTheHub.clear();
    for (const std::string& bad :
         {std::string("hf_x\r\nX-Evil: 1"), std::string("two words"), std::string(1001, 'x')}) {
        signedIn.access.token = bad;
        try {
            (void)searchHub("tiny", signedIn.access);
            FAIL() << "sent";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind, ErrorKind::BadRequest);
            EXPECT_EQ((error.message + error.detail + error.whatToDo).find(bad), std::string::npos);
        }
    }
    EXPECT_TRUE(atTheHub.empty());
}

TEST_F(Hub, ADiskThatIsTooSmallIsSeenBeforehand) {
    changeModel([](json& model) { model["siblings"][2]["lfs"]["size"] = uint64_t(1) << 49; });
    const Error error = fault("anna/tiny:tiny-Q4_K_M.gguf");
    EXPECT_EQ(error.kind, ErrorKind::NoSpace);
    EXPECT_EQ(hub.requests().size(), 1u); // only the list was asked for
}

TEST_F(Hub, TheProxyIsUsed) {
    HubServer proxy;
    proxy.files = hub.files;
    DownloadRequest through = request();
    through.access.proxy = proxy.address();
    through.access.address = "http://127.0.0.1:1";
    EXPECT_EQ(contentOf(downloadModel(through).path), hub.files["tiny-Q4_K_M.gguf"]);
    EXPECT_TRUE(hub.requests().empty());
    EXPECT_NE(proxy.requests().at(0).find("http://127.0.0.1:1/api/models/anna/tiny"), std::string::npos);
}

TEST(HubNames, AreReadAsPeoplePasteThem) {
    const std::string hub = "https://huggingface.co";
    const auto read = [&](const std::string& text) {
        const HubName name = parseHubName(text, hub);
        return name.owner + " " + name.model + " " + name.revision + " " + name.file;
    };
    EXPECT_EQ(read(" anna/Tiny-1.5B \n"), "anna Tiny-1.5B main ");
    EXPECT_EQ(read("anna/tiny:Q4_K_M"), "anna tiny main Q4_K_M");
    EXPECT_EQ(read("anna/tiny:sub/a.gguf"), "anna tiny main sub/a.gguf");
    EXPECT_EQ(read("https://huggingface.co/anna/tiny"), "anna tiny main ");
    EXPECT_EQ(read("huggingface.co/anna/tiny/tree/v1"), "anna tiny v1 ");
    EXPECT_EQ(read("https://www.hf.co/anna/tiny/resolve/main/a%20b.gguf?download=true"), "anna tiny main a b.gguf");
    for (const char* bad : {"", "tiny", "anna/", "/tiny", "anna/ti ny", "../x", "anna/..", "a/b/c", "anna/tiny:../x",
                            "https://example.org/anna/tiny", "https://huggingface.co/datasets/anna/texts",
                            "https://huggingface.co/anna", "file:///anna/tiny", "anna:x/tiny"})
        EXPECT_THROW(parseHubName(bad, hub), Error) << bad;
}

TEST(HubNames, OnlySafeAddressesAreUsed) {
    EXPECT_EQ(hubAddress("https://hub.office.example/"), "https://hub.office.example");
    EXPECT_EQ(hubAddress("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
    for (const char* bad : {"http://example.org", "ftp://example.org", "file:///x", "nonsense nonsense"})
        EXPECT_THROW(hubAddress(bad), Error) << bad;
    EXPECT_TRUE(mayConnect("https://cdn.example/x", "https://huggingface.co"));
    EXPECT_FALSE(mayConnect("http://cdn.example/x", "https://huggingface.co"));
    EXPECT_FALSE(mayConnect("http://127.0.0.1/x", "https://huggingface.co"));
    EXPECT_FALSE(mayConnect("http://10.0.0.1/x", "http://127.0.0.1"));
}

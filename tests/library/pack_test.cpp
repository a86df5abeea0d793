// Offline packs: made, checked, installed; hostile manifests and damaged files are refused by name.
#include <base/atomic_file.h>
#include <base/text.h>
#include <functional>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <nibble/library.h>
#include <nibble/pack.h>
#include <nlohmann/json.hpp>
#include <process.h>

using namespace nibble;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

class Packs : public testing::Test {
protected:
    void SetUp() override {
        gguf = test::goldenDir("gguf/llama2.gguf");
        original = test::goldenDir("models/llama");
        if (gguf.empty() || original.empty()) GTEST_SKIP() << "the golden models are not here";
        makePack(pack(), {gguf, original});
    }
    fs::path pack() const { return folder / "office"; }
    fs::path models() const { return folder / "models"; }
    /// The error of installing it; and that nothing was installed.
    Error fault() {
        std::optional<Error> caught;
        try {
            installPack(pack(), models());
        } catch (const Error& error) {
            caught = error;
        }
        EXPECT_TRUE(caught) << "no error";
        EXPECT_TRUE(!fs::exists(models()) || fs::is_empty(models())) << "something was installed";
        return caught.value_or(Error(ErrorKind::Internal, ""));
    }
    json manifest() const { return json::parse(readTextFile(pack() / kPackManifest, 1 << 20)); }
    void write(const json& manifest) const { writeTextFile(pack() / kPackManifest, manifest.dump()); }

    test::TempFolder folder;
    fs::path gguf, original;
};

} // namespace

TEST_F(Packs, AreMadeCheckedAndInstalled) {
    const Pack checked = checkPack(pack());
    EXPECT_EQ(checked.name, "office");
    ASSERT_EQ(checked.models.size(), 2u);
    EXPECT_EQ(checked.models[0].place, "llama2.gguf");
    EXPECT_EQ(checked.models[1].place, "llama");
    EXPECT_EQ(checked.models[0].files.at(0).bytes, fs::file_size(gguf));
    EXPECT_THROW(makePack(pack(), {gguf}), Error) << "it is there already";
    EXPECT_THROW(makePack(folder / "twice", {gguf, gguf}), Error);
    EXPECT_FALSE(fs::exists(folder / "twice"));

    double last = 0;
    PackReport report = installPack(pack(), models(), [&](const Progress& progress) { last = progress.fraction; });
    EXPECT_EQ(last, 1);
    EXPECT_EQ(report.installed, (std::vector<fs::path>{models() / "llama2.gguf", models() / "llama"}));
    const std::vector<LibraryEntry> entries = listModels(models());
    ASSERT_EQ(entries.size(), 2u);
    for (const LibraryEntry& entry : entries) EXPECT_EQ(entry.problem, "") << entry.path;
    EXPECT_EQ(readTextFile(models() / "llama2.gguf", 1 << 28), readTextFile(gguf, 1 << 28));
    report = installPack(pack(), models());
    EXPECT_TRUE(report.installed.empty());
    EXPECT_EQ(report.present.size(), 2u);
}

TEST_F(Packs, ADamagedFileKeepsEverythingOut) {
    const fs::path last = pack() / checkPack(pack()).models[1].files.back().path; // others were copied before it
    std::string text = readTextFile(last, 1 << 28);
    text.back() = char(text.back() ^ 1);
    writeTextFile(last, text);
    Error error = fault();
    EXPECT_EQ(error.kind, ErrorKind::BadFile);
    EXPECT_NE(error.message.find(last.filename().string()), std::string::npos) << error.message;
    EXPECT_NE(error.message.find("checksum"), std::string::npos) << error.message;
    EXPECT_THROW(checkPack(pack()), Error);
    text += "x";
    writeTextFile(last, text);
    EXPECT_NE(fault().message.find("size"), std::string::npos);
    fs::remove(last);
    EXPECT_EQ(fault().kind, ErrorKind::NotFound);
}

TEST_F(Packs, HostileManifestsAreRefused) {
    const json good = manifest();
    const std::vector<std::function<void(json&)>> changes = {
        [](json& m) { m["models"][0]["files"][0]["path"] = "../../etc/passwd"; },
        [](json& m) { m["models"][0]["files"][0]["path"] = "/etc/passwd"; },
        [](json& m) { m["models"][0]["files"][0]["path"] = "other.gguf"; },
        [](json& m) { m["models"][0]["place"] = ".."; },
        [](json& m) { m["models"][0]["place"] = "a/b"; },
        [](json& m) { m["models"][0]["place"] = ".bashrc"; },
        [](json& m) { m["models"][0]["files"][0]["bytes"] = -1; },
        [](json& m) { m["models"][0]["files"][0]["bytes"] = uint64_t(1) << 60; },
        [](json& m) { m["models"][0]["files"][0].erase("sha256"); },
        [](json& m) { m["models"][0]["files"] = json::array(); },
        [](json& m) { m["models"].push_back(m["models"][0]); },
        [](json& m) { m["models"] = 5; },
        [](json& m) { m["models"] = json::array(); },
        [](json& m) { m.erase("nibblePack"); },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        json bad = good;
        changes[i](bad);
        write(bad);
        EXPECT_EQ(fault().kind, ErrorKind::BadFile) << "change " << i;
    }
    json newer = good;
    newer["nibblePack"] = 2;
    write(newer);
    EXPECT_EQ(fault().kind, ErrorKind::Unsupported);
    fs::remove(pack() / kPackManifest);
    EXPECT_EQ(fault().kind, ErrorKind::NotFound);
}

TEST_F(Packs, StoppedNothingIsLeft) {
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(installPack(pack(), models(), {}, stop.get_token()), Error);
    EXPECT_TRUE(fs::is_empty(models()));
    EXPECT_THROW(makePack(folder / "new", {gguf}, {}, stop.get_token()), Error);
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder.path())) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    EXPECT_EQ(names, (std::vector<std::string>{"models", "office"}));
}

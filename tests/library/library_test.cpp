#include <cstdlib>
#include <fstream>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <nibble/library.h>
#include <process.h>

using namespace nibble;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

std::string pathsOf(const std::vector<LibraryEntry>& entries, const fs::path& root) {
    std::string out;
    for (const LibraryEntry& entry : entries) out += entry.path.lexically_relative(root).string() + "\n";
    return out;
}

/// A GGUF header with one string key and no tensors.
std::string ggufWithoutTensors(const std::string& key, const std::string& value) {
    std::string out = "GGUF";
    const auto number = [&](uint64_t v, int bytes) {
        for (int i = 0; i < bytes; ++i) out += char(v >> (8 * i));
    };
    number(3, 4);
    number(0, 8);
    number(1, 8);
    number(key.size(), 8);
    out += key;
    number(8, 4);
    number(value.size(), 8);
    return out + value;
}

class Environment {
public:
    Environment(const char* name, const char* value) : m_name(name) {
        if (const char* old = std::getenv(name)) m_old = old;
        value ? setenv(name, value, 1) : unsetenv(name);
    }
    ~Environment() { m_old ? setenv(m_name, m_old->c_str(), 1) : unsetenv(m_name); }

private:
    const char* m_name;
    std::optional<std::string> m_old;
};

} // namespace

TEST(ModelFolder, FollowsTheEnvironment) {
    const Environment home("HOME", "/home/anna");
    {
        const Environment models("NIBBLE_MODELS", "/data/models");
        EXPECT_EQ(defaultModelFolder(), "/data/models");
    }
    const Environment models("NIBBLE_MODELS", nullptr);
    {
        const Environment data("XDG_DATA_HOME", "/data");
        EXPECT_EQ(defaultModelFolder(), "/data/Nibble/models");
    }
    const Environment data("XDG_DATA_HOME", "relative is ignored");
    EXPECT_EQ(defaultModelFolder(), "/home/anna/.local/share/Nibble/models");
}

TEST(ModelFolder, MissingAndEmptyAreEmpty) {
    test::TempFolder folder;
    EXPECT_TRUE(listModels(folder / "absent").empty());
    EXPECT_TRUE(listModels(folder.path()).empty());
    write(folder / "file.gguf", "x");
    EXPECT_TRUE(listModels(folder / "file.gguf").empty());
}

TEST(ModelFolder, ListsModelsTwoLevelsDeepAndSplitOnesOnce) {
    const fs::path golden = test::goldenDir("gguf/llama2.gguf"), hf = test::goldenDir("models/llama");
    if (golden.empty() || hf.empty()) GTEST_SKIP() << "the golden models are not here";
    test::TempFolder folder;
    fs::create_directories(folder / "author/model");
    fs::copy(golden, folder / "b.gguf");
    fs::copy(golden, folder / "author/model/c.gguf");
    fs::copy(hf, folder / "author/hf", fs::copy_options::recursive);
    write(folder / "author/model/too/deep.gguf", "x");
    write(folder / ".hidden/x.gguf", "x");
    write(folder / "notes.txt", "x");
    for (const char* part : {"1", "2", "3"}) write(folder / ("split-0000" + std::string(part) + "-of-00003.gguf"), "x");
    write(folder / "split-00001-of-00002.gguf", "x");
    write(folder / "lost-00002-of-00003.gguf", "x");
    write(folder / "lost-00003-of-00003.gguf", "x");

    const std::vector<LibraryEntry> entries = listModels(folder.path());
    EXPECT_EQ(pathsOf(entries, folder.path()), "author/hf\nauthor/model/c.gguf\nb.gguf\nlost-00002-of-00003.gguf\n"
                                               "split-00001-of-00002.gguf\nsplit-00001-of-00003.gguf\n");
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(entries[i].problem, "") << entries[i].path;
        ASSERT_TRUE(entries[i].info) << entries[i].path;
        EXPECT_EQ(entries[i].info->architecture, "llama");
        EXPECT_TRUE(entries[i].info->tensors.empty());
    }
    for (std::size_t i = 3; i < entries.size(); ++i) {
        EXPECT_NE(entries[i].problem, "") << entries[i].path;
        EXPECT_FALSE(entries[i].info);
    }
}

TEST(ModelFolder, FilesThatGoWithAModelAreNamedAsSuch) {
    test::TempFolder folder;
    write(folder / "mmproj-model.gguf", ggufWithoutTensors("general.architecture", "clip"));
    write(folder / "vocab.gguf", ggufWithoutTensors("general.architecture", "llama"));
    const std::vector<LibraryEntry> entries = listModels(folder.path());
    ASSERT_EQ(entries.size(), 2u);
    EXPECT_NE(entries[0].problem.find("pictures"), std::string::npos) << entries[0].problem;
    EXPECT_NE(entries[1].problem.find("vocabulary"), std::string::npos) << entries[1].problem;
}

TEST(ModelFolder, SurvivesLoopsAndLockedFolders) {
    test::TempFolder folder;
    fs::create_directories(folder / "a");
    fs::create_directory_symlink("..", folder / "a/loop");
    fs::create_symlink("nowhere.gguf", folder / "dangling.gguf");
    fs::create_directories(folder / "locked");
    fs::permissions(folder / "locked", fs::perms::none);
    write(folder / "x.gguf", "x");
    EXPECT_EQ(pathsOf(listModels(folder.path()), folder.path()), "x.gguf\n");
    fs::permissions(folder / "locked", fs::perms::owner_all);
}

#include <base/sha256.h>
#include <gtest/gtest.h>

using namespace nibble;

namespace {

std::string hashOfText(std::string_view text, std::size_t step = SIZE_MAX) {
    Sha256 hash;
    while (!text.empty()) {
        hash.add(text.substr(0, step));
        text.remove_prefix(std::min(step, text.size()));
    }
    return hash.hex();
}

} // namespace

TEST(Sha256, ExamplesOfTheStandard) { // FIPS 180-4 and NIST's example values
    EXPECT_EQ(hashOfText(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hashOfText("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hashOfText("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(hashOfText(std::string(1000000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnHowTheBytesArrive) {
    for (const std::size_t length : {55u, 56u, 63u, 64u, 65u, 119u, 120u, 1000u}) {
        std::string text(length, 'x');
        for (std::size_t i = 0; i < length; ++i) text[i] = char(i * 7);
        const std::string whole = hashOfText(text);
        for (const std::size_t step : {1u, 3u, 63u, 64u, 65u}) EXPECT_EQ(hashOfText(text, step), whole) << length;
    }
}

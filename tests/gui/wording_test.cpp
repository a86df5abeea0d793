#include "components/wording.h"
#include <QLocale>
#include <gtest/gtest.h>

namespace nibble::gui::wording {
namespace {

TEST(Wording, Bytes) {
    QLocale::setDefault(QLocale::c());
    EXPECT_EQ(bytes(0), "0 bytes");
    EXPECT_EQ(bytes(999), "999 bytes");
    EXPECT_EQ(bytes(1.86e6), "1.9 MB");
    EXPECT_EQ(bytes(9.96e6), "10 MB");
    EXPECT_EQ(bytes(270e6), "270 MB");
    EXPECT_EQ(bytes(999.6e6), "1.0 GB");
    EXPECT_EQ(bytes(3.14e9), "3.1 GB");
    EXPECT_EQ(bytes(75.4e9), "75 GB");
}

TEST(Wording, TimeLeft) {
    EXPECT_EQ(timeLeft(0), "");
    EXPECT_EQ(timeLeft(-1), "");
    EXPECT_EQ(timeLeft(3), "a few seconds left");
    EXPECT_EQ(timeLeft(59), "less than a minute left");
    EXPECT_EQ(timeLeft(180), "about 3 minutes left");
    EXPECT_EQ(timeLeft(7200), "about 2 hours left");
}

TEST(Wording, BitsAreThoseTheUserChose) {
    EXPECT_EQ(bits("BF16", 16, false), "16 bits (original)");
    EXPECT_EQ(bits("F32", 32, false), "32 bits (original)");
    EXPECT_EQ(bits("Q8_0", 8.5, true), "8 bits");
    EXPECT_EQ(bits("Q4_K_M", 5.31, true), "4 bits") << "a small model, whose exceptions weigh more";
    EXPECT_EQ(bits("IQ4_XS", 4.46, true), "4 bits");
    EXPECT_EQ(bits("mixed", 6.56, true), "6 bits");
    EXPECT_EQ(bits("mixed", 4.97, true), "5 bits");
    EXPECT_EQ(bits("Q4_K_M", 0, true), "");
}

TEST(Wording, Count) {
    EXPECT_EQ(count(134.5e6), "135 million");
    EXPECT_EQ(count(7.24e9), "7.2 billion");
}

TEST(Wording, Speed) {
    EXPECT_EQ(wording::speed(0), "");
    EXPECT_EQ(wording::speed(9.1), "About 6.8 words a second");
    EXPECT_EQ(wording::speed(49), "About 37 words a second");
    EXPECT_EQ(wording::speed(345), "About 260 words a second");
    EXPECT_EQ(wording::highestSpeed(0), "");
    EXPECT_EQ(wording::highestSpeed(4.2), "Up to 3.2 words a second");
    EXPECT_EQ(wording::highestSpeed(5582), "Up to 100 words a second") << "what no one reads is not promised";
}

} // namespace
} // namespace nibble::gui::wording

#include "core/archive.h"

#include <gtest/gtest.h>

namespace core {
namespace {

// Text of some length that doesn't compress to nothing.
std::string statement(std::size_t lines) {
    std::string text;
    for (std::size_t line = 0; line < lines; ++line) {
        text += std::to_string(line * 2654435761U % 1000003U) + ",CNY,12.30\n";
    }
    return text;
}

std::string error_of(std::string_view bytes, const ArchiveLimits& limits = {}) {
    const auto members = unpack(bytes, limits);
    return members ? "" : members.error();
}

std::string only(std::string_view bytes) {
    const auto members = unpack(bytes);
    return members && members->size() == 1 && members->front().name.empty() ? members->front().bytes : "refused";
}

TEST(Zstd, GivesBackWhatItPacked) {
    for (const auto& text : {std::string(), std::string("x"), statement(10'000), std::string(300'000, '\0')}) {
        const auto packed = zstd(text);
        const auto unpacked = unzstd(packed, text.size());
        ASSERT_TRUE(unpacked) << unpacked.error();
        EXPECT_EQ(*unpacked, text);
    }
    EXPECT_LT(zstd(statement(10'000)).size(), statement(10'000).size());
}

TEST(Zstd, RefusesWhatIsDamagedOrTooLarge) {
    const auto text = statement(1'000);
    const auto packed = zstd(text);
    EXPECT_EQ(unzstd(packed, text.size() - 1).error(),
              "unpacks to more than " + std::to_string(text.size() - 1) + " bytes");
    EXPECT_EQ(unzstd("", 10).error(), "is no zstd frame that says its size");
    EXPECT_EQ(unzstd("no frame at all", 10).error(), "is no zstd frame that says its size");
    for (std::size_t size = 0; size < packed.size(); ++size) {
        EXPECT_FALSE(unzstd(std::string_view(packed).substr(0, size), text.size())) << size;
    }
}

TEST(Unpack, TakesPlainBytesAsTheyAre) {
    EXPECT_EQ(only("a,b\n"), "a,b\n");
    EXPECT_EQ(only(""), "");
    EXPECT_EQ(only("P"), "P");
    EXPECT_EQ(only("PK is how this line begins"), "PK is how this line begins");
    EXPECT_EQ(only("\x1F"), "\x1F");
    EXPECT_EQ(error_of("abcd", {.bytes_out_max = 4}), "");
    EXPECT_EQ(error_of("abcde", {.bytes_out_max = 4}), "is larger than 4 bytes");
}

TEST(Gzip, ComesBackWhole) {
    for (const std::string& text : {std::string(), std::string("a"), statement(10), statement(100'000)}) {
        EXPECT_EQ(only(gzip(text)), text);
    }
}

TEST(Gzip, MayBeSeveralMembersOneAfterTheOther) {
    EXPECT_EQ(only(gzip("first ") + gzip("") + gzip("second")), "first second");
}

TEST(Gzip, IsRefusedAtEveryCut) {
    const std::string packed = gzip(statement(20));
    for (std::size_t length = 2; length < packed.size(); ++length) {
        ASSERT_EQ(error_of(packed.substr(0, length)), "the gz is cut short") << length;
    }
    const std::string two = packed + packed;
    for (std::size_t length = packed.size() + 1; length < two.size(); ++length) {
        ASSERT_EQ(error_of(two.substr(0, length)), "the gz is cut short") << length;
    }
}

// Refused, but for the few bits that fill up the stream's last byte and are nobody's data.
TEST(Gzip, NeverGivesOtherBytesForAnyFlippedBit) {
    const std::string text = statement(20);
    const std::string packed = gzip(text);
    std::size_t refused = 0;
    constexpr std::size_t kHeaderSize = 10;  // whose time stamp and system byte carry nothing
    for (std::size_t at = kHeaderSize; at < packed.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string flipped = packed;
            flipped[at] = static_cast<char>(static_cast<unsigned char>(flipped[at]) ^ (1U << bit));
            const auto members = unpack(flipped);
            refused += members ? 0 : 1;
            ASSERT_TRUE(!members || members->front().bytes == text) << at << "." << bit;
        }
    }
    EXPECT_GT(refused + 8, (packed.size() - kHeaderSize) * 8);
}

TEST(Gzip, IsRefusedWithSomethingBehindIt) {
    EXPECT_EQ(error_of(gzip("a") + "x"), "the gz is followed by bytes that are no gz");
    EXPECT_EQ(error_of(gzip("a") + std::string(4, '\0')), "the gz is followed by bytes that are no gz");
}

TEST(Limits, HoldForGzipAtTheEdge) {
    const std::string text = statement(1000);
    EXPECT_EQ(error_of(gzip(text), {.bytes_out_max = text.size()}), "");
    EXPECT_EQ(error_of(gzip(text), {.bytes_out_max = text.size() - 1}),
              "unpacks to more than " + std::to_string(text.size() - 1) + " bytes");
    EXPECT_EQ(error_of(gzip(text) + gzip("x"), {.bytes_out_max = text.size()}),
              "unpacks to more than " + std::to_string(text.size()) + " bytes");
}

TEST(Limits, StopABomb) {
    constexpr std::size_t kMebibyte = std::size_t{1} << 20U;
    const std::string bomb = gzip(std::string(200 * kMebibyte, '0'));
    ASSERT_LT(bomb.size(), kMebibyte);
    EXPECT_EQ(error_of(bomb), "unpacks to more than 200 times its size");
    EXPECT_EQ(error_of(zip({{"bomb", std::string(20 * kMebibyte, '0')}})), "unpacks to more than 200 times its size");
    // Below a mebibyte nobody is hurt, and a day without trades compresses well.
    EXPECT_EQ(error_of(gzip(std::string(kMebibyte - 1, '0'))), "");
    EXPECT_EQ(error_of(gzip(std::string(8 * kMebibyte, '0')), {.ratio_max = 2000}), "");
}

TEST(ZlibText, ComesBackWhole) {
    for (const std::string& text : {std::string(), std::string("a"), statement(10'000)}) {
        const auto inflated = zlib_inflate(zlib_deflate(text), text.size());
        ASSERT_TRUE(inflated) << inflated.error();
        EXPECT_EQ(*inflated, text);
    }
}

TEST(ZlibText, MayBeRawDeflate) {
    const std::string text = statement(100);
    const std::string wrapped = zlib_deflate(text);
    // RFC 1950: two bytes before the stream, four of Adler-32 behind it.
    const auto inflated = zlib_inflate(std::string_view(wrapped).substr(2, wrapped.size() - 6), text.size());
    ASSERT_TRUE(inflated) << inflated.error();
    EXPECT_EQ(*inflated, text);
}

TEST(ZlibText, IsRefusedWhenNotWhole) {
    const std::string packed = zlib_deflate("abcabcabc");
    EXPECT_EQ(zlib_inflate(packed, 8).error(), "unpacks to more than 8 bytes");
    EXPECT_EQ(zlib_inflate(packed + "x", 100).error(), "the compressed text is followed by other bytes");
    EXPECT_EQ(zlib_inflate("", 100).error(), "the compressed text is cut short");
    for (std::size_t length = 0; length < packed.size(); ++length) {
        EXPECT_FALSE(zlib_inflate(std::string_view(packed).substr(0, length), 100)) << length;
    }
    std::string wrong_sum = packed;
    wrong_sum.back() = static_cast<char>(wrong_sum.back() + 1);
    EXPECT_EQ(zlib_inflate(wrong_sum, 100).error(), "the compressed text is corrupted");
}

}  // namespace
}  // namespace core

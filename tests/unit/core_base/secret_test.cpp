#include "core/secret.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace core {
namespace {

static_assert(!std::is_copy_constructible_v<KeyBytes> && !std::is_copy_assignable_v<KeyBytes>);
static_assert(std::is_nothrow_move_constructible_v<KeyBytes> && std::is_nothrow_move_assignable_v<KeyBytes>);
static_assert(!std::is_convertible_v<std::string, KeyBytes> && !std::is_convertible_v<KeyBytes, std::string>);

constexpr const char* kShort = "4242424242";  // stays inside the string object itself
const std::string kLong(64, 'k');

TEST(Secret, RevealsWhatItWasGiven) {
    const KeyBytes secret{std::string(kShort)};
    EXPECT_EQ(secret.reveal(), kShort);
    EXPECT_FALSE(secret.empty());
    EXPECT_TRUE(KeyBytes().empty());
}

TEST(Secret, IsEmptyAfterItWasMovedFrom) {
    for (const std::string& bytes : {std::string(kShort), kLong}) {
        KeyBytes from(bytes);
        KeyBytes to(std::move(from));
        EXPECT_EQ(to.reveal(), bytes);
        EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is what is tested

        KeyBytes assigned(std::string("old"));
        assigned = std::move(to);
        EXPECT_EQ(assigned.reveal(), bytes);
        EXPECT_TRUE(to.empty());  // NOLINT(bugprone-use-after-move)
    }
}

TEST(Secret, IsDuplicatedOnlyByName) {
    const KeyBytes first(kLong);
    const KeyBytes second = first.duplicate();
    EXPECT_EQ(second.reveal(), first.reveal());
    EXPECT_NE(second.reveal().data(), first.reveal().data());
}

// What it held lies in pages that stay mapped, so that the test may look at them afterwards.
TEST(Secret, IsGoneFromItsMemoryWhenDestroyed) {
    auto secret = std::make_unique<KeyBytes>(std::string(kShort));
    const char* memory = secret->reveal().data();
    const auto holds_secret = [&] {
        asm volatile("" : "+r"(memory) : : "memory");
        return std::memcmp(memory, kShort, std::strlen(kShort)) == 0;
    };
    ASSERT_TRUE(holds_secret());
    secret.reset();
    EXPECT_FALSE(holds_secret());
}

TEST(Secret, KeepsItsMemoryWhenMoved) {
    KeyBytes secret{std::string(kShort)};
    const char* memory = secret.reveal().data();
    const KeyBytes moved(std::move(secret));
    EXPECT_EQ(moved.reveal().data(), memory) << "no second copy";
    EXPECT_EQ(moved.reveal(), kShort);
}

// What /proc says of the pages an address lies in.
std::string flags_of(const void* address) {
    std::ifstream maps("/proc/self/smaps");
    bool inside = false;
    for (std::string line; std::getline(maps, line);) {
        std::uintptr_t from = 0;
        std::uintptr_t until = 0;
        if (std::sscanf(line.c_str(), "%lx-%lx ", &from, &until) == 2) {  // NOLINT
            const auto at = reinterpret_cast<std::uintptr_t>(address);
            inside = at >= from && at < until;
        } else if (inside && line.starts_with("VmFlags:")) {
            return line + " ";
        }
    }
    return {};
}

TEST(Secret, LiesInPagesThatAreLockedAndLeftOutOfCoreDumps) {
    for (const std::size_t bytes : {std::size_t{1}, std::size_t{32}, std::size_t{5'000}, std::size_t{200'000}}) {
        const KeyBytes secret(std::string(bytes, 'k'));
        const auto flags = flags_of(secret.reveal().data());
        EXPECT_NE(flags.find(" lo "), std::string::npos) << bytes << ": " << flags;
        EXPECT_NE(flags.find(" dd "), std::string::npos) << bytes << ": " << flags;
    }
    EXPECT_TRUE(all_is_locked());
}

TEST(Secret, TakesPagesForManyAndNotForEach) {
    std::vector<KeyBytes> secrets;
    for (int i = 0; i < 100'000; ++i) {  // more than a process may have mappings
        secrets.emplace_back(std::to_string(i));
    }
    for (int i = 0; i < 100'000; ++i) {
        ASSERT_EQ(secrets[static_cast<std::size_t>(i)].reveal(), std::to_string(i));
    }
}

TEST(Wipe, OverwritesEveryByteAndNoOther) {
    std::string bytes = "abcdef";
    wipe(bytes.data() + 1, 4);
    EXPECT_EQ(bytes, std::string("a\0\0\0\0f", 6));
}

TEST(Secret, OfNothingHasAnAddressAllTheSame) {
    EXPECT_NE(KeyBytes().reveal().data(), nullptr);
    EXPECT_NE(KeyBytes(std::string()).reveal().data(), nullptr);
    EXPECT_TRUE(KeyBytes().reveal().empty());
}

}  // namespace
}  // namespace core

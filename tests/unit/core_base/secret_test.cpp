#include "core/secret.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <new>
#include <type_traits>

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

// A short secret lies in the object itself, in memory that the test owns and may look at afterwards.
TEST(Secret, IsGoneFromItsMemoryWhenDestroyed) {
    alignas(KeyBytes) std::array<unsigned char, sizeof(KeyBytes)> memory{};
    auto* secret = new (memory.data()) KeyBytes{std::string(kShort)};
    const auto holds_secret = [&] {
        // After the destructor the compiler may take the memory for unset; the test wants what really lies there.
        const unsigned char* bytes = memory.data();
        asm volatile("" : "+r"(bytes) : : "memory");
        return memmem(bytes, memory.size(), kShort, std::strlen(kShort)) != nullptr;
    };
    ASSERT_TRUE(holds_secret());
    secret->~KeyBytes();
    EXPECT_FALSE(holds_secret());
}

TEST(Secret, IsGoneFromItsMemoryWhenMovedFrom) {
    alignas(KeyBytes) std::array<unsigned char, sizeof(KeyBytes)> memory{};
    auto* secret = new (memory.data()) KeyBytes{std::string(kShort)};
    const KeyBytes moved(std::move(*secret));
    EXPECT_EQ(memmem(memory.data(), memory.size(), kShort, std::strlen(kShort)), nullptr);
    EXPECT_EQ(moved.reveal(), kShort);
    secret->~KeyBytes();
}

TEST(Wipe, OverwritesEveryByteAndNoOther) {
    std::string bytes = "abcdef";
    wipe(bytes.data() + 1, 4);
    EXPECT_EQ(bytes, std::string("a\0\0\0\0f", 6));
}

}  // namespace
}  // namespace core

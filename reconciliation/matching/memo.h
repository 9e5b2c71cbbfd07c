// Memo: what few words of a file were found to mean, so that each is looked at closely once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace reconciliation::matching {

// A short word as two numbers, to be compared at once.
class ShortWord {
public:
    static constexpr std::size_t kBytesMax = 16;

    ShortWord() = default;
    // Of at most kBytesMax bytes.
    explicit ShortWord(std::string_view word) : size_(word.size()) {
        const char* const begin = word.data();
        const char* const end = begin + size_;
        if (size_ >= 8) {
            first_ = load<std::uint64_t>(begin);
            last_ = load<std::uint64_t>(end - 8);
        } else if (size_ >= 4) {
            first_ = load<std::uint32_t>(begin);
            last_ = load<std::uint32_t>(end - 4);
        } else if (size_ > 0) {
            first_ = static_cast<unsigned char>(begin[0]) |
                     (std::uint64_t{static_cast<unsigned char>(begin[size_ / 2])} << 8U);
            last_ = static_cast<unsigned char>(end[-1]);
        }
    }

    bool operator==(const ShortWord&) const = default;
    std::size_t mixed() const {
        return static_cast<std::size_t>(((first_ ^ (last_ << 7U) ^ (size_ << 59U)) * 0x9e3779b97f4a7c15U) >> 40U);
    }

private:
    template <typename Number>
    static Number load(const char* from) {
        Number number;
        std::memcpy(&number, from, sizeof(number));
        return number;
    }

    std::uint64_t first_ = 0;
    std::uint64_t last_ = 0;
    std::uint64_t size_ = ~std::uint64_t{0};  // no word's
};

// A word takes the place of another that falls onto the same slot, so a file of a million words costs time, not memory;
// long words are not kept at all.
template <typename Meaning, std::size_t kSlots = 64>
class Memo {
public:
    // Nothing for a word that isn't there.
    const Meaning* find(std::string_view word) const {
        if (word.size() > ShortWord::kBytesMax) {
            return nullptr;
        }
        const ShortWord key(word);
        const Slot& slot = slots_[key.mixed() % kSlots];
        return slot.word == key ? &slot.meaning : nullptr;
    }
    Meaning keep(std::string_view word, Meaning meaning) {
        if (word.size() <= ShortWord::kBytesMax) {
            const ShortWord key(word);
            slots_[key.mixed() % kSlots] = {key, meaning};
        }
        return meaning;
    }

private:
    struct Slot {
        ShortWord word;
        Meaning meaning{};
    };

    std::array<Slot, kSlots> slots_;
};

}  // namespace reconciliation::matching

#include "reconciliation/engine/fingerprint.h"

#include <array>
#include <cstring>
#include <string>

namespace reconciliation::engine {

namespace {

// Published, so that equal inputs have equal digests everywhere. What must not be foreseen, the place of a record in
// partitions and tables, has a secret of its own (Partitions).
constexpr core::crypto::KeyedHash::Key kKey{'d', 'u', 'i', 'z', 'h', 'a', 'n', 'g',
                                            ' ', 'e', 'n', 'g', 'i', 'n', 'e', '1'};

// Units and states are few and spread over 64 bits, so their sum tells their combinations apart.
struct Block {
    std::uint64_t name;
    std::int64_t amount;
    std::int64_t fee;
    std::uint64_t unit_and_state;
};

}  // namespace

Fingerprints::Fingerprints() : hash_(kKey) {}

std::uint64_t Fingerprints::unit_of(std::string_view currency, int exponent) const {
    return hash_.of(std::string(currency) + "/" + std::to_string(exponent)).first;
}

std::uint64_t Fingerprints::state_of(std::string_view word) const { return hash_.of(word).second | 1U; }

core::crypto::Hash128 Fingerprints::hash_name(payments::TransactionType type, std::string_view name) const {
    constexpr std::size_t kInPlace = 95;
    std::array<char, kInPlace + 1> small;
    std::string large;
    char* text = small.data();
    if (name.size() > kInPlace) {
        large.resize(name.size() + 1);
        text = large.data();
    }
    text[0] = static_cast<char>(type);
    std::memcpy(text + 1, name.data(), name.size());
    return hash_.of({text, name.size() + 1});
}

std::uint64_t Fingerprints::name_of(payments::TransactionType type, std::string_view name) const {
    return hash_name(type, name).first;
}

Fingerprint Fingerprints::of(payments::TransactionType type, std::string_view name, const Content& content) const {
    const auto key = hash_name(type, name);
    constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15U;
    const Block block{key.second, content.amount, content.fee.value_or(0),
                      content.unit + (content.state + (content.fee ? std::uint64_t{1} << 32U : 0)) * kSpread};
    static_assert(sizeof(Block) == 32, "no padding, which would be hashed too");
    return {key.first, hash_.short_of({reinterpret_cast<const char*>(&block), sizeof(block)})};
}

}  // namespace reconciliation::engine

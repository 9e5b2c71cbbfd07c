#include "reconciliation/engine/fingerprint.h"

#include <string>

namespace reconciliation::engine {

namespace {

// Published, so that equal inputs have equal digests everywhere. What must not be foreseen, the place of a record in
// partitions and tables, has a secret of its own (Partitions).
constexpr core::crypto::KeyedHash::Key kKey{'d', 'u', 'i', 'z', 'h', 'a', 'n', 'g',
                                            ' ', 'e', 'n', 'g', 'i', 'n', 'e', '1'};

constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15U;

// Units and states are few and spread over 64 bits, so their sum tells their combinations apart.
struct Block {
    std::uint64_t name;
    std::int64_t amount;
    std::int64_t fee;
    std::uint64_t unit_and_state;
};
static_assert(sizeof(Block) == 32, "no padding, which would be hashed too");

// The type goes in afterwards: names stay where they stand, and nothing is copied for each of them.
core::crypto::Hash128 with_type(const core::crypto::Hash128& hash, payments::TransactionType type) {
    const std::uint64_t mark = (static_cast<std::uint64_t>(type) + 1) * kSpread;
    return {hash.first + mark, hash.second ^ mark};
}

Block block_of(const core::crypto::Hash128& name, const Content& content) {
    return {name.second, content.amount, content.fee.value_or(0),
            content.unit + (content.state + (content.fee ? std::uint64_t{1} << 32U : 0)) * kSpread};
}

std::string_view bytes_of(const Block& block) { return {reinterpret_cast<const char*>(&block), sizeof(block)}; }

}  // namespace

Fingerprints::Fingerprints() : hash_(kKey) {}

std::uint64_t Fingerprints::unit_of(std::string_view currency, int exponent) const {
    return hash_.of(std::string(currency) + "/" + std::to_string(exponent)).first;
}

std::uint64_t Fingerprints::state_of(std::string_view word) const { return hash_.of(word).second | 1U; }

std::uint64_t Fingerprints::name_of(payments::TransactionType type, std::string_view name) const {
    return with_type(hash_.of(name), type).first;
}

Fingerprint Fingerprints::of(payments::TransactionType type, std::string_view name, const Content& content) const {
    const auto key = with_type(hash_.of(name), type);
    const Block block = block_of(key, content);
    return {key.first, hash_.short_of(bytes_of(block))};
}

std::array<Fingerprint, Fingerprints::kAtOnce> Fingerprints::of(const std::array<Named, kAtOnce>& several) const {
    core::crypto::KeyedHash::Texts texts;
    for (std::size_t i = 0; i < kAtOnce; ++i) {
        texts[i] = several[i].name;
    }
    auto keys = hash_.of(texts);
    std::array<Block, kAtOnce> blocks;
    for (std::size_t i = 0; i < kAtOnce; ++i) {
        keys[i] = with_type(keys[i], several[i].type);
        blocks[i] = block_of(keys[i], several[i].content);
        texts[i] = bytes_of(blocks[i]);
    }
    const auto wholes = hash_.short_of(texts);
    std::array<Fingerprint, kAtOnce> prints;
    for (std::size_t i = 0; i < kAtOnce; ++i) {
        prints[i] = {keys[i].first, wholes[i]};
    }
    return prints;
}

}  // namespace reconciliation::engine

// Fingerprints: what a record says, in 128 bits, so that ten million of them fit into memory.
//
// Two records with equal fingerprints name the same transaction and agree in everything the engine compares. Half of
// the bits depend on the name alone, so records of one transaction find each other whatever else they say. That two
// different records have one fingerprint has a chance of 2^-128 a pair; that two names share their half (2^-64) only
// means that they are looked at more closely.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/crypto/keyed_hash.h"
#include "payments/transaction.h"

namespace reconciliation::engine {

struct Fingerprint {
    std::uint64_t name = 0;
    std::uint64_t whole = 0;  // of name and content
};

// What is compared about a transaction, as numbers. A field that one side doesn't have is left empty on both.
struct Content {
    std::int64_t amount = 0;  // minor units; of a refund without its sign, which sides write differently
    std::optional<std::int64_t> fee;
    std::uint64_t unit = 0;   // unit_of(currency)
    std::uint64_t state = 0;  // a number for each state, equal for equal ones
};

class Fingerprints {
public:
    Fingerprints();

    // A number for a currency and its decimals; no code where one side doesn't tell it.
    std::uint64_t unit_of(std::string_view currency, int exponent) const;
    // A number for a state that is a word of no vocabulary; odd.
    std::uint64_t state_of(std::string_view word) const;
    std::uint64_t name_of(payments::TransactionType type, std::string_view name) const;
    Fingerprint of(payments::TransactionType type, std::string_view name, const Content& content) const;

    // Of several at once, each the same as alone, in a fraction of the time.
    static constexpr std::size_t kAtOnce = core::crypto::KeyedHash::kAtOnce;
    struct Named {
        payments::TransactionType type{};
        std::string_view name;
        Content content;
    };
    std::array<Fingerprint, kAtOnce> of(const std::array<Named, kAtOnce>& several) const;

private:
    core::crypto::KeyedHash hash_;
};

}  // namespace reconciliation::engine

// Canaries: card data and secrets made to be sent on purpose, so that their being nowhere proves something.
//
// Numbers are those that the card networks publish for testing, each written in every way people and programs write
// them. What has no published form (a stripe's further data, PIN blocks, passwords, keys) is made from the seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "audit/needles.h"

namespace server {

struct Canary {
    std::string kind;   // "pan", "track", "cvv", "pin", "secret", "private_key", "key_in_use"
    std::string shown;  // what a report may say of it
    std::string value;  // the part that must be nowhere
};

class CanarySet {
public:
    explicit CanarySet(std::uint64_t seed);

    const std::vector<Canary>& all() const noexcept { return all_; }
    // One in use: of the world's own keys.
    void add_key(std::string shown, std::string value);

    // Texts for people's fields, every canary in some of them and every way of writing among them. `short_ones` have 32
    // bytes at most.
    std::vector<std::string> remarks() const;
    std::vector<std::string> short_ones() const;
    std::vector<std::string> cards() const;    // numbers alone
    std::vector<std::string> numbers() const;  // those that pass Luhn: a card whatever stands beside it

    // Every way of every canary; Needle::of is the canary's place in all().
    audit::Needles needles() const;
    // As needles() has them: the way each is written.
    std::vector<std::string> ways() const;

private:
    std::vector<Canary> all_;
    std::vector<std::string> written_;  // some values with what stands around them
};

}  // namespace server

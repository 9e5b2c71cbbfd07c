// Seals and closes, and their form as files (docs/seals.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace verifier {

struct Seal {
    std::int64_t number = 0;
    std::int64_t after_entry = 0;
    std::int64_t until_entry = 0;
    std::int64_t sealed_at_us = 0;
    std::vector<std::int64_t> entries;
    std::string leaves;    // 32 bytes each
    std::string previous;  // bytes, as the two below
    std::string digest;
    std::string signature;
    bool operator==(const Seal&) const = default;
};

struct Close {
    std::string until;  // "2026-11-18"
    std::string after;  // empty for the first
    std::int64_t until_entry = 0;
    std::int64_t entries = 0;
    std::string entries_digest;
    std::string trial_balance;
    std::string accepted;
    std::string previous;
    std::int64_t closed_at_us = 0;
    std::string digest;
    std::string signature;
    bool operator==(const Close&) const = default;
};

// Of a file's text; nothing for what is no JSON object of this tenant. A field that isn't there, or isn't of its form,
// is empty or below zero, and makes a digest that isn't the one it says.
std::optional<Seal> seal_in(const std::string& text, const std::string& tenant);
std::optional<Close> close_in(const std::string& text, const std::string& tenant);

// "{1,2,5}"; whatever stands between numbers is passed over.
std::vector<std::int64_t> numbers_in(std::string_view array);

}  // namespace verifier

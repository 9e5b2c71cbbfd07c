// Every entry of a tenant, in the order of numbers: its own rules, its seal, its close; and what they all add up to.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "audit/verifier/seals.h"

namespace verifier {

// Both positive, minor units.
struct Sum {
    std::int64_t debit = 0;
    std::int64_t credit = 0;
    bool operator==(const Sum&) const = default;
};
using Sums = std::map<std::pair<std::string, std::string>, Sum>;  // by account and currency

struct Added {
    std::int64_t entries = 0;
    std::int64_t unsealed = 0;
    Sums sums;
};

Added check_entries(Snapshot& snapshot, const Evidence& evidence, Seals& seals, const std::vector<Close>& closes,
                    Findings& findings);

}  // namespace verifier

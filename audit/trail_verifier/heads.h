// Heads whose signature holds, waiting for the records that they were signed over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit/trail_verifier/verify.h"

namespace trail_verifier {

struct ExpectedHead {
    std::int64_t size;
    std::int64_t at_us;
    std::string root;
    bool published;
};

// A published head's line, of whichever tenant; errors say that it isn't the bundle they are in.
Head published_head_in(const Lines& lines);

// What is wrong with a head's signature.
std::optional<Finding> complaint_of(const Head& head, bool published, const PublicKeys& keys);

// Counts all, and keeps the first thousand.
void note(Verified& verified, Finding finding);

// Of the bundle, then of what was published, by size. Notes what is wrong with a head itself.
std::vector<ExpectedHead> expected_heads(std::istream& bundle, std::istream* published, const PublicKeys& keys,
                                         Verified& verified);

}  // namespace trail_verifier

// One record, or one head, proved without the other records (audit/trail_verifier/README.md, A proof).
#pragma once

#include <istream>
#include <optional>
#include <vector>

#include "audit/trail_verifier/verify.h"

namespace trail_verifier {

struct Proved {
    std::optional<Record> record;  // held against the head
    std::optional<Head> earlier;   // that the head goes on from
    Head head;
    // Whether they stand among those published; nothing where none were given.
    std::optional<bool> head_published;
    std::optional<bool> earlier_published;
    std::vector<Finding> findings;  // of a head, by its size

    bool is_sound() const { return findings.empty(); }
};

// Throws FormError for what isn't a proof; of the published heads its field begins with "published ".
Proved verify_proof(std::istream& proof, std::istream* published, const PublicKeys& keys);

}  // namespace trail_verifier

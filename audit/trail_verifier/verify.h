// What a bundle of a trail is worth: held against keys and published heads that came from elsewhere.
#pragma once

#include <cstdint>
#include <istream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "audit/trail_verifier/bundle.h"

namespace trail_verifier {

// By key id: 32 bytes each.
using PublicKeys = std::map<std::string, std::string>;
std::string key_id_of(const std::string& public_key);

// changed: its content isn't what was signed. removed: it isn't there. inserted: it stands between two that follow each
// other. swapped: it stands elsewhere than its number says. foreign_key: signed by a key that was not given.
// truncated: the bundle itself says that there was more. rolled_back: a published head does. rewritten: each record is
// signed, and they are not those that a head was signed over. head: what a head says isn't what was signed. Of proofs
// alone: not_included: the record isn't shown to be in the head's tree; not_consistent: nor its tree to begin with the
// earlier one.
enum class Kind {
    changed,
    removed,
    inserted,
    swapped,
    foreign_key,
    truncated,
    rolled_back,
    rewritten,
    head,
    not_included,
    not_consistent
};
std::string name_of(Kind kind);
// For people: its number, time, act and actor, for a terminal.
std::string named(const Record& record);

struct Finding {
    std::int64_t record;  // the first that it concerns
    Kind kind;
    std::string what;  // a sentence
};

struct Verified {
    Header header;
    std::int64_t records = 0;
    std::int64_t heads = 0;
    std::int64_t heads_hold = 0;
    std::optional<std::int64_t> published;  // heads of this tenant; nothing when none were given
    std::int64_t published_hold = 0;
    std::int64_t covered_until = 0;    // the last record under a head that holds
    std::int64_t sound_until = 0;      // the last record read before anything was found
    std::int64_t sound_until_us = -1;  // when it was written
    std::size_t count = 0;
    std::vector<Finding> findings;  // the first thousand met, by record

    bool is_sound() const { return count == 0; }
};

// Reads `bundle` twice, and keeps a head's size and root of each head and nothing of a record. Throws FormError for
// what isn't a bundle; of the published heads its field begins with "published ".
Verified verify(std::istream& bundle, std::istream* published, const PublicKeys& keys);

}  // namespace trail_verifier

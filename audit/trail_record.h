// One privileged act as the trail keeps it, and the bytes that its leaf is the hash of.
//
// The bytes: "duizhang trail record 1", a line feed, then the tenant's name, the number, the microseconds since 1970 in
// UTC, and actor, act, origin, object, before, after and outcome. Numbers are 8 bytes, big-endian; each text is UTF-8
// behind its length in bytes, which is such a number.
#pragma once

#include <cstdint>
#include <string>

#include "audit/merkle_tree.h"
#include "core/time.h"

namespace audit {

struct TrailRecord {
    std::string tenant;
    std::int64_t number = 0;  // from 1, without gaps in each tenant
    core::Instant at;
    std::string actor;    // the key's or the person's name, never a secret
    std::string act;      // "key.issue"
    std::string origin;   // an address, or host, process and user of a command line
    std::string object;   // what it was done to
    std::string before;   // redacted JSON; "null" where there was nothing
    std::string after;    // likewise
    std::string outcome;  // "done", or why not
};

// A record with an empty field, or a number below 1, breaks a rule (core::ensure): it would not say who did what.
std::string bytes_of(const TrailRecord& record);
TreeHash leaf_of(const TrailRecord& record);

}  // namespace audit

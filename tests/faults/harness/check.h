// The questions asked after every fault, of the database itself, past the service and its row-level security.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/faults/harness/world.h"

namespace faults {

struct Losses {
    std::size_t messages = 0;   // acknowledged, and not in the inbox
    std::size_t movements = 0;  // acknowledged, and not there with that amount and an entry that has its legs
    std::string example;

    std::size_t all() const { return messages + movements; }
};

// `admin` is a superuser's connection.
Losses find_losses(const std::string& admin, World& world, const std::vector<std::size_t>& acknowledged);

// Every entry of the journal with all its legs, as one number each.
using Journal = std::map<std::string, std::int64_t>;

Journal read_journal(const std::string& admin);
// How many entries that stood in `before` are gone or changed in `now`. What is booked stays as it is.
std::size_t broken_entries(const Journal& before, const Journal& now);

struct Books {
    std::size_t inbox = 0;
    std::size_t movements = 0;
    std::size_t unacknowledged = 0;  // messages in the inbox that nobody was told of: committed, and not acknowledged
    std::size_t foreign = 0;         // messages or movements under a tenant to whom they were never sent
    std::size_t booked_twice = 0;    // payments for which transit:payment says something else than their movements
    std::size_t orders_lost = 0;     // imported, and not there
    std::size_t unbalanced = 0;      // tenants and currencies whose legs don't add up to zero
    std::size_t balances_off = 0;    // accounts whose kept balance isn't the sum of their legs
    std::size_t deliveries = 0;      // as the inbox counts them
    bool has_trail = false;          // a release that keeps audit.trail is asked for it too
    std::vector<std::string>
        complaints;  // of `ledger verify`, `trial-balance` and `cases`, each tenant; `audit verify`
};

// What these questions would have said had it gone wrong: a movement and a message are removed, an entry is posted
// again, a leg goes, an entry is described otherwise, a message moves to a stranger, each in a transaction that is
// rolled back. The questions that didn't see it.
std::vector<std::string> blind_questions(const std::string& admin, World& world, std::size_t acknowledged);

// Everything, over all that was ever sent.
Books look_at_books(const std::string& admin, World& world);

}  // namespace faults

// Entries posted through the product's own code, walls and checks on, and the same by others.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/bench/ledger/place.h"

namespace bench {

struct Work {
    std::int64_t entries = 40'000;
    std::int64_t accounts = 1'000;
    int legs = 2;
    bool hot = false;           // one account is in every entry
    int clients = 2;            // connections, each a thread
    std::int64_t each = 1'000;  // entries a commit
};

// All give entries a second; they throw when not all of them stand in the books at the end.
std::int64_t post_entries(const DatabaseNames& names, const Work& work);
// POST /v1/entries to the service, from so many connections, each of which has one entry on the way: what is answered
// stands in the books, as are then verified.
struct ApiFigures {
    std::int64_t per_second;
    std::int64_t median_us, slow_us;  // of an answer; slower than 99 of 100
    std::int64_t service_kib;         // resident after the last answer
};
ApiFigures post_through_api(const Work& work);
// The very rows that post_entries() has left in this database, written again behind the same walls (same_rows.cpp).
std::int64_t insert_same_rows(const DatabaseNames& names, const Work& work);
// How long it takes to look at all of them and to close them, in milliseconds, one line each.
struct Look {
    std::string name;
    std::int64_t milliseconds;
};
std::vector<Look> close_books(const DatabaseNames& names, const Work& work);
// A row for each entry under its two keys and one for each leg, in plain tables of nobody's.
std::int64_t insert_rows(const DatabaseNames& names, const Work& work);
// pgledger, whose .sql files lie in the folder, in the order of their names. Entries of two legs alone.
std::int64_t transfer_by_pgledger(const DatabaseNames& names, const Work& work, const std::filesystem::path& folder);
// pgbench's own transaction of five statements; transactions a second.
std::int64_t transfer_by_pgbench(const Place& place, const DatabaseNames& names, const Work& work, int seconds);

}  // namespace bench

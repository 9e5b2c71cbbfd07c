// What stood on an account that very much was posted to, and the trial balance of many accounts, now and on past days.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/ledger/place.h"

namespace bench {

struct History {
    std::int64_t postings = 10'000'000;  // on one account
    std::int64_t accounts = 1'000;       // of the tenant, beside it
    std::int64_t days = 730;
};

struct Question {
    std::string name;
    std::vector<std::int64_t> us;  // of each time it was asked, sorted
};

// Writes the history, says how long that took, and asks each question `times` times.
std::vector<Question> ask(const DatabaseNames& names, const History& history, int times);

}  // namespace bench

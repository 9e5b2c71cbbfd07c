// Posting and reading entries as parts of a trip, together with what others ask and write on it.
#pragma once

#include <map>
#include <vector>

#include "core/db/trip.h"
#include "ledger/books.h"

namespace ledger {

// Numbers for new entries, taken from the database before the entries are made. What isn't used is never used.
class EntryNumbers {
public:
    // Asks for `count` of them on the trip.
    EntryNumbers(core::db::Trip& trip, std::size_t count);
    // After the trip.
    std::vector<std::int64_t> all(const core::db::Trip& trip) const;

private:
    std::size_t place_;
};

// One entry for each posting, with the number at its place; there are numbers enough. Of two with one source_key the
// first is posted, and none that stands already.
class NewEntries {
public:
    NewEntries(core::db::Trip& trip, const std::vector<Posting>& postings, std::vector<std::int64_t> numbers);
    // After the trip: what each posting came to, in their order.
    std::vector<std::optional<core::EntryId>> ids(const core::db::Trip& trip) const;

private:
    std::vector<std::int64_t> numbers_;
    std::size_t place_;
};

// The entries of groups: one element for each that has any.
class GroupsQuestion {
public:
    GroupsQuestion(core::db::Trip& trip, const std::vector<GroupKey>& groups);
    std::map<GroupKey, GroupBooks> books(const core::db::Trip& trip) const;

private:
    std::size_t place_;
};

}  // namespace ledger

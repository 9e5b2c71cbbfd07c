// Entries by hand: what people enter themselves, many in one transaction, each decided in its turn as if it came alone.
//
//   B1  An entry that stands already under its source key isn't posted again, nor judged.
//   B2  None is dated on a day that is closed, and nobody closes another day before the transaction ends. (Those that
//       tell what channels told are moved to the first open day instead.)
//   B3  None takes an account below its limit, those before it counted in.
//   B4  What is refused of one changes nothing for the others.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ledger/batch.h"
#include "ledger/limits.h"

namespace ledger {

struct ByHand {
    enum class Outcome { posted, stands, differs, day_closed, beyond_limit };
    Outcome outcome;
    std::optional<StoredEntry> entry;  // that was posted, or stands under the source key
    std::string complaint;             // in words, of what is refused (B2, B3)
};

// The same legs in the same order.
bool has_legs_of(const StoredEntry& stands, const Entry& entry);
// The same legs, day and description; when it happened aside, which may be when it was asked for.
bool says_the_same(const StoredEntry& stands, const Entry& entry);

class EntriesByHand {
public:
    // Asks on the trip, the locks first. Of two postings none has the other's source key.
    EntriesByHand(core::db::Trip& trip, std::vector<Posting> postings, core::Instant now);

    // After the trip: which need not be posted, by its place.
    void leave_out(std::size_t place) { left_out_.insert(place); }
    // What became of each; nothing of those left out.
    std::vector<std::optional<ByHand>> post(core::db::Transaction& transaction, const core::db::Trip& trip,
                                            AccountsToOpen& accounts);

private:
    class Ground;
    Ground ground(core::db::Transaction& transaction, const core::db::Trip& trip) const;
    std::vector<AccountKey> accounts() const;
    void write(core::db::Transaction& transaction, const std::vector<std::size_t>& places,
               std::vector<std::int64_t> numbers, AccountsToOpen& accounts, std::vector<std::optional<ByHand>>& all);

    std::vector<Posting> postings_;
    core::Instant now_;
    std::vector<AccountKey> accounts_;
    std::set<std::size_t> left_out_;
    EntryNumbers numbers_;
    std::size_t closed_;
    std::size_t standing_;
    std::size_t limited_;
};

}  // namespace ledger

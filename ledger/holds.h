// Holds 冻结: what is promised from an account and not posted yet.
//
// What always holds (the database holds H1 and H2 once more, migration 0011):
//   H1  A hold is pending until it ends, and it ends once: posted, voided or expired.
//   H2  It is posted by its own entry, with at most what was held; the rest is released.
//   H3  From expires_at on it holds nothing and can't be posted or voided any more, whether or not anybody has marked
//       it expired yet.
//   H4  Asking for the same again changes nothing and says what became of it the first time, until when it held too.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "ledger/books.h"
#include "ledger/limits.h"

namespace ledger {

enum class HoldState { pending, posted, voided, expired };
std::string_view name_of(HoldState state);
std::optional<HoldState> hold_state_from_name(std::string_view name);

struct NewHold {
    std::string source_key;   // natural key: the same happening holds once
    Account account;          // from which
    Account counter_account;  // another: to which, once it is posted
    core::Money amount;       // from 1 to core::kMinorMax
    core::Instant expires_at;
    std::string description;  // for people; no card data
};

struct Hold {
    std::int64_t number;
    NewHold what;
    core::Instant created_at;
    HoldState state;                        // as of the time asked for (H3)
    std::optional<core::Instant> ended_at;  // nothing as long as nobody has marked it
    std::int64_t posted_minor = 0;
    std::optional<core::EntryId> entry;
};

// What was asked for is so: it came to be now, or it was so before.
struct HoldAnswer {
    Hold hold;
    bool already = false;
};

enum class HoldError {
    insufficient,     // the account has less to be taken
    already_expired,  // expires_at isn't later than now
    key_taken,        // a hold of this key says something else
    unknown,          // no hold of this key
    more_than_held,   // or less than 1
    is_posted,        // already, and not as asked for now
    is_voided,
    is_expired,
};

struct HoldRefusal {
    HoldError reason;
    std::optional<Hold> hold;            // the one that stands
    std::optional<Available> available;  // for insufficient
    // In words, with numbers and no texts of others.
    std::string describe() const;
};
using HoldResult = core::Result<HoldAnswer, HoldRefusal>;

// Inside the caller's transaction, which does nothing else with accounts that it holds from or commits (limits.h, L2).
HoldResult hold(core::db::TenantTransaction& transaction, const NewHold& asked, core::Instant now);
// Posts `minor` of it (all, when nothing), dated `day`, and releases the rest.
HoldResult commit_hold(core::db::TenantTransaction& transaction, const std::string& source_key,
                       std::optional<std::int64_t> minor, core::Instant now, core::BusinessDay day);
HoldResult void_hold(core::db::TenantTransaction& transaction, const std::string& source_key, core::Instant now);
// Marks what has lapsed, of a thousand accounts at most. Nothing depends on it being done; returns how many.
std::size_t end_lapsed_holds(core::db::TenantTransaction& transaction, core::Instant now);

struct HoldsWanted {
    std::string account;  // all when empty
    std::optional<HoldState> state;
    std::int64_t limit = 1000;
    std::int64_t before = std::numeric_limits<std::int64_t>::max();  // the number of the last of the page before
    std::string source_key{};                                        // all when empty
};
// Nothing when the tenant has none of that number.
std::optional<Hold> find_hold(core::db::TenantTransaction& transaction, std::int64_t number, core::Instant now);
// The latest first.
std::vector<Hold> holds(core::db::TenantTransaction& transaction, const HoldsWanted& wanted, core::Instant now);

}  // namespace ledger

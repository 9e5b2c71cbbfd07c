// Limits: what is available on an account, and how far below zero it may go.
//
// What always holds:
//   L1  available = posted less held, in the account's natural direction: what is above zero is there to be taken.
//   L2  Whoever takes from an account under its limit does so under the account's lock, and reads what is available
//       after getting it. So two who take at the same time never take the same.
//   L3  Who looks under that lock ends the holds that have lapsed there, in the same transaction: nobody commits later
//       what another has taken for free already, whatever the clocks of the two say.
//
// Holds and charges ask (L2) on every account; without a limit of its own an account may not go below zero. Entries by
// hand ask on accounts that have one. What channels tell never asks: money that moved is booked, and an account that it
// takes below its limit grants nothing until it has recovered.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/db/trip.h"
#include "ledger/entry.h"

namespace ledger {

struct AccountKey {
    core::TenantId tenant;
    Account account;
    core::Currency currency;
    auto operator<=>(const AccountKey&) const = default;
};

// The sign of a leg that takes from the account: what is there stands on an asset as a debit, elsewhere as a credit.
inline std::int64_t taking_sign(Account::Kind kind) {
    return kind == Account::Kind::asset || kind == Account::Kind::expense ? -1 : 1;
}

// Of one account in one currency, in minor units and its natural direction.
struct Available {
    std::int64_t posted = 0;
    std::int64_t held = 0;
    std::optional<std::int64_t> overdraft;  // of its limit, where it has one

    // Throw BrokenRule when a sum leaves 64 bits.
    std::int64_t available() const;
    std::int64_t to_be_taken() const;  // the overdraft counted in; below zero for an account beyond its limit
    bool covers(std::int64_t minor) const { return minor <= to_be_taken(); }
};

// Parts of a trip: the accounts' locks, the end of what has lapsed there, and what is available. The locks are kept
// until the transaction ends; a transaction asks once, for all of its accounts.
class AvailableQuestion {
public:
    AvailableQuestion(core::db::Trip& trip, std::vector<AccountKey> accounts, core::Instant now);
    // After the trip: one element for each account asked for.
    std::map<AccountKey, Available> answer(const core::db::Trip& trip) const;
    // How many holds it ended.
    std::size_t lapsed(const core::db::Trip& trip) const;

private:
    std::vector<AccountKey> accounts_;
    std::size_t lapsed_;
    std::size_t place_;
};

// To look at, with no lock: holds that have lapsed by `now` don't count.
Available available(core::db::TenantTransaction& transaction, const Account& account, core::Currency currency,
                    core::Instant now);

// In words, what is refused: `taken` would be, and isn't there.
std::string beyond_limit(const AccountKey& key, const Available& before, std::int64_t taken);

struct Limit {
    std::int64_t number;  // the later, the greater
    std::string account;
    std::string currency;
    std::optional<std::int64_t> overdraft_minor;  // nothing: not limited any more
    core::Instant set_at;
    std::string set_by;
};
// In force from this transaction's commit on; an account that is beyond it already grants nothing until it has
// recovered.
void set_limit(core::db::TenantTransaction& transaction, const Account& account, core::Currency currency,
               std::optional<std::int64_t> overdraft_minor, core::Instant now, const std::string& set_by);
// All that were ever set, by account and currency, the newest of each first.
std::vector<Limit> limits(core::db::TenantTransaction& transaction);

// Entries by hand that are posted all or none (by_hand.h: each by itself). Made before they are posted: locks those of
// their accounts that have limits. Asked afterwards.
class LimitedAccounts {
public:
    LimitedAccounts(core::db::TenantTransaction& transaction, const std::vector<Entry>& entries, core::Instant now);

    // To be called for each entry that was posted.
    void posted(const Entry& entry);
    // The first account that they took below its limit, in words; nothing when there is none.
    std::optional<std::string> complaint() const;

private:
    std::map<AccountKey, Available> before_;
    std::map<AccountKey, std::int64_t> taken_;  // minor units; above zero when less is there than before
    core::TenantId tenant_;
};

}  // namespace ledger

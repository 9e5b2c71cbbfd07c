// Posting and reading entries as parts of a trip, together with what others ask and write on it.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/db/trip.h"
#include "ledger/books.h"
#include "ledger/gate.h"

namespace ledger {

// Numbers for new entries, taken from the database before the entries are made. What isn't used is never used.
class EntryNumbers {
public:
    // Asks for `count` of them on the trip.
    EntryNumbers(core::db::Trip& trip, std::size_t count, const DaysHeldOpen& days);
    // After the trip.
    std::vector<std::int64_t> all(const core::db::Trip& trip) const;

private:
    std::size_t place_;
};

// Accounts that are known to stand in the books. They are never removed, so that nobody has to ask again; shared by all
// who post to one database.
class StandingAccounts {
public:
    bool contain(const std::string& account) const;
    void add(const std::set<std::string>& accounts);
    // For when the database turns out to be another one.
    void forget();

private:
    static constexpr std::size_t kMost = 200'000;  // then it begins anew: some tens of megabytes at most
    mutable std::mutex mutex_;
    std::unordered_set<std::string> accounts_;
};

// The accounts of one transaction: which of them it has to open, and that they stand once it is committed.
class AccountsToOpen {
public:
    // Without any that are known to stand.
    AccountsToOpen() = default;
    explicit AccountsToOpen(StandingAccounts& standing) : standing_(&standing) {}

    // True once for each account that isn't known to stand.
    bool must_open(const core::TenantId& tenant, const std::string& account);
    void committed();

private:
    StandingAccounts* standing_ = nullptr;
    std::set<std::string> opened_;
};

// What `use` gives, which posts and commits; then its accounts are known to stand.
template <typename Use>
auto with_standing(StandingAccounts& standing, const Use& use) {
    constexpr const char* kNoSuchAccount = "23503";
    AccountsToOpen accounts(standing);
    try {
        auto result = use(accounts);
        accounts.committed();
        return result;
    } catch (const core::db::DatabaseFailure& failure) {
        if (failure.sqlstate() == kNoSuchAccount) {
            standing.forget();  // the database was replaced by another
        }
        throw;
    }
}

// One entry for each posting, with the number at its place; there are numbers enough. Of two with one source_key the
// first is posted, and none that stands already. One of a day that is closed is dated on the first open day; for that
// to be so whoever closes meanwhile, days were held open (gate.h) on a trip before.
class NewEntries {
public:
    NewEntries(core::db::Trip& trip, const std::vector<Posting>& postings, std::vector<std::int64_t> numbers,
               AccountsToOpen& accounts);
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

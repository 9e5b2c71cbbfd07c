// Ageing: what is open on accounts at the end of a business day, for how long, and for how long past its due date.
//
// What holds:
//   A1  The open items of an account add up to its balance at the end of the day, in each currency, to the unit.
//   A2  What clears an account without saying what it clears clears its oldest days first: the open items are those of
//       the latest days on the balance's side, whichever side that is.
//   A3  An order clears itself: entries of a group on a receivable:NAME account are one item, open since the first of
//       them. It may be negative: more was cleared than asked. Entries there without a group follow A2.
//   A4  An item is due on the day it is open since, unless its group has a due date (due_dates.h).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/db/database.h"
#include "core/time.h"

namespace ledger {

struct OpenItem {
    std::string account;
    std::string currency;
    std::string group;  // empty: those of the day without one
    core::BusinessDay since;
    core::BusinessDay due;
    std::int64_t amount_minor;  // debit above zero, credit below, as in the trial balance
};

// By names of accounts; one that ends in ':' is all that begin with it. In the order of account, currency, day, group.
struct OpenItemsQuestion {
    std::vector<std::string> accounts;
    core::BusinessDay until;
};
// Once a transaction.
void read_open_items(core::db::TenantTransaction& transaction, const OpenItemsQuestion& question,
                     const std::function<void(const OpenItem&)>& take);

// Not yet past due, by 1 to 30 days, 31 to 60, 61 to 90, and more.
using Buckets = std::array<std::int64_t, 5>;
std::size_t bucket_of(int days);

// Adds up open items by account and currency.
class Ageing {
public:
    explicit Ageing(core::BusinessDay until) : until_(until) {}

    int days_open(const OpenItem& item) const { return core::days_between(item.since, until_); }
    // Below zero before the due date.
    int days_past_due(const OpenItem& item) const { return core::days_between(item.due, until_); }
    void add(const OpenItem& item);

    const std::map<std::pair<std::string, std::string>, Buckets>& accounts() const { return accounts_; }

private:
    core::BusinessDay until_;
    std::map<std::pair<std::string, std::string>, Buckets> accounts_;
};
// What stands in all of them.
std::int64_t total_of(const Buckets& buckets);

}  // namespace ledger

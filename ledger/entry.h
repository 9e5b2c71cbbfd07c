// Entry: one journal entry, a set of legs that adds up to nothing in each currency.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ids.h"
#include "core/money.h"
#include "core/result.h"
#include "core/time.h"

namespace ledger {

// An account of the tenant's chart, by name: "transit:payment:stripe". The kind follows from the first word.
class Account {
public:
    enum class Kind { asset, liability, income, expense };

    // Nothing for a name outside the chart of design.md or with other characters than [a-z0-9:_-].
    static std::optional<Account> from_name(std::string name);

    static Account receivable_orders() { return Account("receivable:orders", Kind::asset); }
    static Account deferred_orders() { return Account("deferred:orders", Kind::liability); }
    static Account transit_payment(std::string_view channel);   // 支付在途
    static Account transit_funds(std::string_view channel);     // 资金在途
    static Account transit_customer(std::string_view channel);  // 客户在途
    static Account transit_payout(std::string_view bank);       // 付款在途
    static Account bank(std::string_view name);
    static Account channel_fee(std::string_view channel);
    // Where what a matching rule let pass goes: more than the books had, and less.
    static Account reconciliation_income() { return Account("income:reconciliation", Kind::income); }
    static Account reconciliation_expense() { return Account("expense:reconciliation", Kind::expense); }

    const std::string& name() const noexcept { return name_; }
    Kind kind() const noexcept { return kind_; }
    auto operator<=>(const Account& other) const { return name_ <=> other.name_; }
    bool operator==(const Account& other) const { return name_ == other.name_; }

private:
    Account(std::string name, Kind kind) : name_(std::move(name)), kind_(kind) {}

    std::string name_;
    Kind kind_;
};

std::string_view name_of(Account::Kind kind);

// Debit above zero, credit below.
struct Leg {
    Account account;
    core::Money amount;
};

// What the legs of several entries add up to; zero sums vanish.
class Balances {
public:
    // Throws BrokenRule when a sum leaves 64 bits.
    void add(const Account& account, const core::Money& amount);
    void subtract(const Account& account, const core::Money& amount);
    const std::map<std::pair<Account, core::Currency>, std::int64_t>& all() const { return sums_; }
    std::vector<Leg> legs() const;
    bool empty() const { return sums_.empty(); }

private:
    std::map<std::pair<Account, core::Currency>, std::int64_t> sums_;
};

enum class EntryError { too_few_legs, zero_leg, sum_out_of_range, unbalanced };
std::string_view describe(EntryError error);

// What every entry says about itself beside its legs.
struct EntryHead {
    std::string event;        // "payment", "refund", "order", "reconciliation", "manual" ...
    std::string source_key;   // natural key: the same happening never posts twice
    std::string group_key;    // entries that belong together (an order's), or empty
    std::string description;  // for people; no card data
    core::Instant occurred_at;
    core::BusinessDay business_day;
};

// What holds for every Entry (the database holds it once more, migration 0002):
//   P1  There are at least two legs.
//   P2  No leg is zero.
//   P3  The legs add up to zero in each currency on its own.
class Entry {
public:
    static core::Result<Entry, EntryError> make(EntryHead head, std::vector<Leg> legs);

    const EntryHead& head() const noexcept { return head_; }
    const std::vector<Leg>& legs() const noexcept { return legs_; }

    // Undoes it: the same legs the other way round.
    Entry reversal(EntryHead head) const;

private:
    Entry(EntryHead head, std::vector<Leg> legs) : head_(std::move(head)), legs_(std::move(legs)) {}

    EntryHead head_;
    std::vector<Leg> legs_;
};

}  // namespace ledger

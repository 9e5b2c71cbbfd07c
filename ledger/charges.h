// Charges: what a tenant's customers use is paid out of what they have prepaid.
//
// What always holds:
//   C1  A charge is made once for each source key; asking for it again says what it came to.
//   C2  It is an entry: prepaid:CUSTOMER debited, income:usage:PLAN credited. One that costs nothing has no entry and
//       counts all the same: a call may cost less than a minor unit (pricing.h, M1 to M3).
//   C3  It is refused when the prepaid balance, less what is held of it, doesn't cover it (limits.h, L2): whatever
//       charges come at the same time, the balance never goes below its limit, and no call is priced as another was.
//   C4  A period that was closed takes no more charges.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/plan.h"
#include "core/result.h"
#include "ledger/batch.h"
#include "ledger/limits.h"

namespace ledger {

// prepaid:CUSTOMER; nothing for a name that is none: 1 to 64 of a-z, 0-9, - and _.
std::optional<Account> prepaid_account(std::string_view customer);
Account usage_income(const config::Plan& plan);

// What a customer has prepaid: it stands on `from`, an asset, and can be charged against. `day` in UTC of `now`.
Entry top_up(const std::string& key, const Account& from, const Account& prepaid, const core::Money& amount,
             const std::string& description, core::Instant now);

struct Usage {
    core::TenantId tenant;
    std::string source_key;  // natural key; no card data
    std::string customer;
    std::string event;
    std::int64_t quantity = 1;
    core::Instant at;
};

enum class UsageError { bad_key, bad_customer, bad_quantity, unknown_plan, unknown_event };
std::string_view describe(UsageError error);

struct ChargeAnswer {
    enum class Outcome {
        charged,
        already,       // it was charged before, with the same words
        spent,         // the balance doesn't cover it
        key_taken,     // a charge of this key says something else
        closed,        // its period takes no more
        out_of_range,  // more than any amount or volume may be
    };
    Outcome outcome;
    std::int64_t amount_minor = 0;  // what it costs, charged or not
    std::int64_t volume = 0;        // of the period, this charge included when it was made
    std::optional<core::EntryId> entry;
    std::int64_t left_minor = 0;  // what can be taken from the balance after it

    bool is_charged() const { return outcome == Outcome::charged || outcome == Outcome::already; }
};
std::string_view name_of(ChargeAnswer::Outcome outcome);

// Usage under the version of a plan that is in force for its period. Refers to the plan, which outlives it.
class Charge {
public:
    static core::Result<Charge, UsageError> make(Usage usage, const std::vector<config::Plan>& plans,
                                                 std::string_view plan);

    const Usage& usage() const { return usage_; }
    const config::Plan& plan() const { return *plan_; }
    const config::PlanPrice& price() const { return *price_; }
    core::BusinessDay period() const { return period_; }
    const Account& prepaid() const { return prepaid_; }
    AccountKey balance() const { return {usage_.tenant, prepaid_, plan_->currency}; }

private:
    friend ChargeAnswer close_period(core::db::TenantTransaction& transaction, const std::string& customer,
                                     const config::Plan& plan, core::BusinessDay period, core::Instant now);
    Charge(Usage usage, const config::Plan& plan, const config::PlanPrice& price, core::BusinessDay period,
           Account prepaid)
        : usage_(std::move(usage)), plan_(&plan), price_(&price), period_(period), prepaid_(std::move(prepaid)) {}

    Usage usage_;
    const config::Plan* plan_;
    const config::PlanPrice* price_;
    core::BusinessDay period_;
    Account prepaid_;
};

// Each in its turn, inside the caller's transaction, which is for their tenants and does nothing else with accounts
// under limits. One element for each charge, in their order.
std::vector<ChargeAnswer> charge(core::db::Transaction& transaction, const std::vector<Charge>& charges,
                                 core::Instant now, AccountsToOpen& accounts);

// The last charge of a period, which brings it to the plan's minimum; afterwards it is closed (C4). Of a period that
// has ended by `now`, and a customer who was charged in it. `spent` leaves it open; what it costs is then owed still.
ChargeAnswer close_period(core::db::TenantTransaction& transaction, const std::string& customer,
                          const config::Plan& plan, core::BusinessDay period, core::Instant now);
// The customers with charges in a period that isn't closed.
std::vector<std::string> customers_to_close(core::db::TenantTransaction& transaction, const config::Plan& plan,
                                            core::BusinessDay period);

// What a customer used, a row for each period, plan and event, the latest period first.
struct UsageSum {
    std::string period;  // its first day
    std::string plan;
    std::string event;  // empty: what the minimum lacked
    std::string currency;
    std::int64_t charges;
    std::int64_t quantity;
    std::int64_t amount_minor;
};
std::vector<UsageSum> usage_of(core::db::TenantTransaction& transaction, const std::string& customer);

}  // namespace ledger

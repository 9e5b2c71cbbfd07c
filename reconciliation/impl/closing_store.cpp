#include "reconciliation/closing.h"

#include <map>
#include <set>

#include "core/db/work.h"
#include "core/failure.h"
#include "core/money.h"
#include "reconciliation/match.h"
#include "reconciliation/review_list.h"

namespace reconciliation {
namespace {

constexpr const char* kDaysWithoutRun = R"(
with first as (
    select min(day) as day from (
        select min(business_date) as day from payments.movements
        where tenant_id = $1 and channel = $2 and entry_id is not null
        union all
        select min(business_date) from reconciliation.runs where tenant_id = $1 and channel = $2) days)
select d.day::date::text, r.business_date is not null
from first, generate_series(greatest(first.day, $3::date + 1)::timestamp, $4::date::timestamp, interval '1 day')
            as d (day)
left join reconciliation.runs r
    on r.tenant_id = $1 and r.channel = $2 and r.business_date = d.day::date
where first.day is not null and r.totals_agree is not true
order by d.day)";

#define BOOKED_MOVEMENTS                                                                            \
    "from payments.movements m "                                                                    \
    "left join reconciliation.used_movements u on u.tenant_id = $1 and u.channel = $2 "             \
    "  and u.movement_id = m.movement_id and u.business_date <= $3::date "                          \
    "left join reconciliation.open_items i on i.tenant_id = m.tenant_id and i.channel = m.channel " \
    "  and i.side = 'ledger' and i.type = m.type and i.item_key = m.channel_txn_id "                \
    "  and i.opened_on <= $3::date and (i.closed_on is null or i.closed_on > $3::date) "            \
    "where m.tenant_id = $1 and m.channel = $2 and m.entry_id is not null and m.business_date <= $3::date "
// As payments::channel_side() has it.
#define ON_TRANSIT_PAYMENT                                      \
    "(m.type in ('payment', 'refund') or (m.type = 'reversal' " \
    " and coalesce(m.attributes->>'reverses', '') not in ('dispute', 'payout', 'fee', 'adjustment'))) "

// By their day, and the later day whose run has used them, if any: a rerun of their own day can't have them then.
constexpr const char* kWithoutCase =
    "select m.business_date::text, count(*), min(m.type || ' ' || m.channel_txn_id), "
    "(select l.business_date::text from reconciliation.matches l where l.tenant_id = m.tenant_id "
    "   and l.channel = m.channel and l.type = m.type and l.channel_txn_id = m.channel_txn_id) as "
    "used_on " BOOKED_MOVEMENTS
    "and m.type <> 'payout' and m.attributes->>'reverses' is distinct from 'payout' "
    "and u.business_date is null and i.opened_on is null "
    "and exists (select from reconciliation.runs r where r.tenant_id = $1 and r.channel = $2 "
    "            and r.business_date = m.business_date and r.totals_agree) "
    "group by 1, 4 order by 1, 4";

// Not proved by a statement so far, each with its case, or named by kWithoutCase.
constexpr const char* kOpenOnPayment = "select m.currency, sum(m.amount_minor)::bigint " BOOKED_MOVEMENTS
                                       "and (u.business_date is null or i.opened_on is not null) "
                                       "and " ON_TRANSIT_PAYMENT "group by 1";

// Matched on days on which something matched differs. Which of them differ is told by the discrepancies' ids.
constexpr const char* kMatchedOnDays =
    "select m.type, m.channel_txn_id, m.merchant_order_id, m.currency, m.amount_minor " BOOKED_MOVEMENTS
    "and u.business_date = any ($4::date[]) and i.opened_on is null and " ON_TRANSIT_PAYMENT;
// Of later business days, matched by a statement up to the day: settled here before they are booked.
constexpr const char* kMatchedAhead =
    "select m.type, m.channel_txn_id, m.merchant_order_id, m.currency, m.amount_minor "
    "from payments.movements m "
    "join reconciliation.matches u on u.tenant_id = m.tenant_id and u.channel = m.channel "
    "  and u.type = m.type and u.channel_txn_id = m.channel_txn_id and u.business_date <= $3::date "
    "where m.tenant_id = $1 and m.channel = $2 and m.entry_id is not null "
    "  and m.business_date = $3::date + 1 and " ON_TRANSIT_PAYMENT;
#undef BOOKED_MOVEMENTS
#undef ON_TRANSIT_PAYMENT

constexpr const char* kDiffering = R"(
select distinct business_date::text, discrepancy_id from reconciliation.discrepancies
where tenant_id = $1 and channel = $2 and business_date <= $3::date
  and kind in ('currency_mismatch', 'amount_mismatch', 'status_mismatch'))";

constexpr const char* kMissingInLedger = R"(
select currency, sum(amount_minor)::bigint from reconciliation.open_items
where tenant_id = $1 and channel = $2 and side = 'channel' and opened_on <= $3::date and missing_since <= $3::date
  and (closed_on is null or closed_on > $3::date) and status = 'captured' and type <> 'fee'
group by 1)";

// Now, less what is dated later.
constexpr const char* kBalance = R"(
select currency, sum(minor)::bigint from (
    select b.currency, (b.debit_minor - b.credit_minor)::numeric as minor
    from ledger.kept_balances b join ledger.accounts a on a.account_no = b.account_no and a.tenant_id = b.tenant_id
    where b.tenant_id = $1 and a.account = $2
    union all
    select l.currency, -l.amount
    from ledger.entries e, unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) as l (account, currency, amount)
    where e.tenant_id = $1 and e.business_date > $3::date and l.account = $2) both_parts
group by 1)";

// By runs and by hand; the rest came with callbacks.
constexpr const char* kNotByCallbacks = R"(
select l.currency, sum(l.amount_minor)::bigint
from ledger.accounts a
join ledger.legs l on l.account_no = a.account_no and l.tenant_id = a.tenant_id
join ledger.entries e on e.tenant_id = l.tenant_id and e.entry_id = l.entry_id
where a.tenant_id = $1 and a.account = $2 and e.business_date <= $3::date
  and e.event in ('reconciliation', 'manual', 'reversal')
group by 1)";

using Minor = std::map<std::string, std::int64_t>;  // by currency

// A channel's books up to a day.
struct Where {
    core::db::TenantTransaction& transaction;
    std::string channel;
    std::string until;

    pqxx::result ask(const char* sql, const std::string& of) const {
        return core::db::run(transaction, sql, transaction.tenant().text(), of, until);
    }
    Minor sums(const char* sql, const std::string& of) const {
        Minor sums;
        for (const auto& row : ask(sql, of)) {
            add(sums, row[0].as<std::string>(), row[1].as<std::int64_t>());
        }
        return sums;
    }
    static void add(Minor& sums, const std::string& currency, std::int64_t minor) {
        const auto sum = core::checked_add(sums[currency], minor);
        core::ensure(sum.has_value(), "what is open fits 64 bits");
        sums[currency] = *sum;
    }
};

std::string amount_text(std::int64_t minor, const std::string& currency) {
    return core::decimal_from_minor(minor, display_exponent(currency)) + " " + currency;
}

// Days on end that lack the same are one rest.
void add_days_without_run(const Where& where, std::optional<core::BusinessDay> before, std::vector<Rest>& rests) {
    struct Days {
        core::BusinessDay first, last;
        bool has_run;
    };
    std::vector<Days> days;
    const auto after = before ? std::optional(core::format_day(*before)) : std::nullopt;
    for (const auto& row : core::db::run(where.transaction, kDaysWithoutRun, where.transaction.tenant().text(),
                                         where.channel, after, where.until)) {
        const auto day = core::parse_day(row[0].as<std::string>());
        core::ensure(day.has_value(), "the database counts days that exist");
        const bool has_run = row[1].as<bool>();
        if (!days.empty() && !has_run && !days.back().has_run && core::day_after(days.back().last) == *day) {
            days.back().last = *day;
        } else {
            days.push_back({*day, *day, has_run});
        }
    }
    for (const auto& gap : days) {
        const auto first = core::format_day(gap.first);
        const auto name =
            where.channel + " " + first + (gap.first == gap.last ? "" : " to " + core::format_day(gap.last));
        if (gap.has_run) {
            rests.push_back(
                {name, "the statement's totals are not the sums of its lines", "fetch it again and reconcile the day"});
        } else {
            rests.push_back({name, "no statement was reconciled",
                             "reconcile the day, with a statement without lines"
                             " where the channel had none"});
        }
    }
}

void add_movements_without_case(const Where& where, std::vector<Rest>& rests) {
    for (const auto& row : where.ask(kWithoutCase, where.channel)) {
        const auto day = row[0].as<std::string>();
        const auto used_on = row[3].as<std::string>("");
        rests.push_back(
            {where.channel + " " + day,
             row[1].as<std::string>() + " movements came after the day's run, " + row[2].as<std::string>() +
                 " the first" + (used_on.empty() ? "" : ", and the run of " + used_on + " has used them"),
             used_on.empty() ? "reconcile the day again" : "close up to " + used_on + ", on which they are proved"});
    }
}

// The transactions of which the two sides differ, by their discrepancies' ids and the days of the runs.
struct Differing {
    std::set<std::string> days, ids;

    bool has(const Where& where, const pqxx::row& movement) const {
        MatchOptions options;
        options.tenant = where.transaction.tenant().text();
        options.channel = where.channel;
        const auto type = payments::transaction_type_from(movement[0].as<std::string>());
        core::ensure(type.has_value(), "the database holds transaction types we know");
        return ids.contains(
            discrepancy_id(options, *type, movement[1].as<std::string>(), movement[2].as<std::string>()));
    }
};

Differing differing_until(const Where& where) {
    Differing differing;
    for (const auto& row : where.ask(kDiffering, where.channel)) {
        differing.days.insert(row[0].as<std::string>());
        differing.ids.insert(row[1].as<std::string>());
    }
    return differing;
}

// Matched, and still not settled, since the two sides differ.
void add_differing(const Where& where, const Differing& differing, Minor& sums) {
    if (differing.days.empty()) {
        return;
    }
    std::string array;
    for (const auto& day : differing.days) {
        array += (array.empty() ? "{" : ",") + day;
    }
    for (const auto& row : core::db::run(where.transaction, kMatchedOnDays, where.transaction.tenant().text(),
                                         where.channel, where.until, array + "}")) {
        if (differing.has(where, row)) {
            Where::add(sums, row[3].as<std::string>(), row[4].as<std::int64_t>());
        }
    }
}

// Settled on a day up to this one and booked on the next: the account is short of it until then.
void subtract_matched_ahead(const Where& where, const Differing& differing, Minor& sums) {
    for (const auto& row : where.ask(kMatchedAhead, where.channel)) {
        if (!differing.has(where, row)) {
            Where::add(sums, row[3].as<std::string>(), -row[4].as<std::int64_t>());
        }
    }
}

void hold_against(const std::string& account, const Minor& standing, const Minor& cases, std::vector<Rest>& rests) {
    Minor both = standing;
    both.insert(cases.begin(), cases.end());
    for (const auto& [currency, ignored] : both) {
        const auto stands = standing.contains(currency) ? standing.at(currency) : 0;
        const auto open = cases.contains(currency) ? cases.at(currency) : 0;
        if (stands != open) {
            rests.push_back(
                {account,
                 amount_text(stands, currency) + " stands on it and its open cases are " + amount_text(open, currency),
                 "look for what was posted there by hand, and for statements with differing repeats"});
        }
    }
}

void add_accounts(const Where& where, std::vector<Rest>& rests) {
    const std::string payment = "transit:payment:" + where.channel;
    Minor open = where.sums(kOpenOnPayment, where.channel);
    const Differing differing = differing_until(where);
    add_differing(where, differing, open);
    subtract_matched_ahead(where, differing, open);
    hold_against(payment, where.sums(kBalance, payment), open, rests);

    const std::string customer = "transit:customer:" + where.channel;
    Minor missing;
    for (const auto& [currency, minor] : where.sums(kMissingInLedger, where.channel)) {
        missing[currency] = -minor;
    }
    hold_against(customer, where.sums(kNotByCallbacks, customer), missing, rests);

    const std::string funds = "transit:funds:" + where.channel;
    for (const auto& [currency, minor] : where.sums(kBalance, funds)) {
        if (minor != 0) {
            rests.push_back({funds, amount_text(minor, currency) + " stands on it, which no bank statement proves",
                             "compare it with the bank"});
        }
    }
}

}  // namespace

std::vector<Rest> rests_before_close(core::db::TenantTransaction& transaction, const std::vector<std::string>& channels,
                                     std::optional<core::BusinessDay> closed_before, core::BusinessDay until) {
    std::vector<Rest> rests;
    for (const auto& channel : channels) {
        const Where where{transaction, channel, core::format_day(until)};
        add_days_without_run(where, closed_before, rests);
        add_movements_without_case(where, rests);
        add_accounts(where, rests);
    }
    return rests;
}

}  // namespace reconciliation

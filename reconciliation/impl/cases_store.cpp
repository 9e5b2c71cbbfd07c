#include "reconciliation/cases.h"

#include "core/db/work.h"
#include "core/failure.h"

namespace reconciliation {
namespace {

// What is open, as `cases`: the one definition. $1 is the tenant.
#define CASES                                                                                                          \
    /* Booked movements, each with the cluster that payments::allocate() shares it out in. */                          \
    "with booked as (select m.channel, m.type, m.channel_txn_id, m.movement_id, m.currency, m.amount_minor, "          \
    "    m.occurred_at, "                                                                                              \
    "    m.business_date, m.related_txn_id, n.nature, n.nature in ('dispute', 'payout', 'fee', 'adjustment') as "      \
    "on_funds, "                                                                                                       \
    "    o.order_id, case when o.order_id <> '' then 'order ' || o.order_id "                                          \
    "      when m.type <> 'payment' and m.related_txn_id <> '' then 'payment ' || m.related_txn_id "                   \
    "      else 'payment ' || m.channel_txn_id end as cluster "                                                        \
    "  from payments.movements m "                                                                                     \
    "  left join payments.movements p on p.tenant_id = m.tenant_id and p.channel = m.channel and p.type = 'payment' "  \
    "    and p.channel_txn_id = m.related_txn_id and m.type <> 'payment' and m.related_txn_id <> '' "                  \
    "  cross join lateral (select case when m.type <> 'reversal' then m.type "                                         \
    "    else coalesce(m.attributes->>'reverses', 'payment') end as nature) n "                                        \
    "  cross join lateral (select case when m.type = 'payment' or m.related_txn_id = '' then m.merchant_order_id "     \
    "    else coalesce(p.merchant_order_id, '') end as order_id) o "                                                   \
    "  where m.tenant_id = $1 and m.entry_id is not null), " /* Of each cluster, channel and currency, what its order  \
                                                                doesn't explain. */                                    \
    "accepted as (select distinct on (o.merchant_order_id) m.* from payments.orders o "                                \
    "  join booked m on m.order_id = o.merchant_order_id and m.type = 'payment' "                                      \
    "    and m.amount_minor = o.amount_minor and m.currency = o.currency where o.tenant_id = $1 "                      \
    "  order by o.merchant_order_id, m.occurred_at, m.channel collate \"C\", m.channel_txn_id collate \"C\"), "        \
    "given_back as (select a.cluster, a.channel, a.currency, a.amount_minor, "                                         \
    "    least(greatest(-coalesce(sum(m.amount_minor), 0), 0), a.amount_minor) as refunded "                           \
    "  from accepted a left join booked m on m.cluster = a.cluster and m.channel = a.channel "                         \
    "    and m.currency = a.currency and m.type <> 'payment' and m.nature in ('refund', 'payment') "                   \
    "    and m.related_txn_id in ('', a.channel_txn_id) "                                                              \
    "  group by a.cluster, a.channel, a.currency, a.channel_txn_id, a.amount_minor), "                                 \
    "unassigned as (select channel, cluster, currency, sum(minor) as minor, min(day) as opened_on from ("              \
    "    select channel, cluster, currency, amount_minor as minor, business_date as day from booked "                  \
    "    where nature <> 'payout' "                                                                                    \
    "    union all select channel, cluster, currency, refunded - amount_minor, null from given_back) known "           \
    "  group by 1, 2, 3 having sum(minor) <> 0), " /* Entries that nothing here explains, less what was undone of      \
                                                      them. */                                                         \
    "by_hand as (select a.account, split_part(a.account, ':', 3) as channel, l.currency, "                             \
    "    'entry ' || n.entry_no as reference, min(e.business_date) as opened_on, sum(l.amount_minor) as minor "        \
    "  from ledger.accounts a join ledger.legs l on l.tenant_id = a.tenant_id and l.account_no = a.account_no "        \
    "  join ledger.entries e on e.tenant_id = l.tenant_id and e.entry_id = l.entry_id "                                \
    "  cross join lateral (select case when e.source_key ~ '^reversal:[0-9]+$' then substr(e.source_key, 10) "         \
    "    else e.entry_id::text end as entry_no) n "                                                                    \
    "  where a.tenant_id = $1 and (a.account like 'transit:payment:%' or a.account like 'transit:customer:%' "         \
    "      or a.account like 'transit:funds:%') "                                                                      \
    "    and e.event not in ('reconciliation', 'settlement') and e.source_key !~ '^(movement|order|release):' "        \
    "  group by a.account, l.currency, n.entry_no having sum(l.amount_minor) <> 0), " /* transit:funds by days; what   \
                                                                                         names no day (entries by      \
                                                                                         hand) is taken off the oldest \
                                                                                         first, as banks pay. */       \
    "told as (select channel, currency, business_date as day, amount_minor as minor "                                  \
    "    from reconciliation.proved_items where tenant_id = $1 and how = 'funds' "                                     \
    "  union all select channel, currency, business_date, amount_minor from booked where on_funds "                    \
    "  union all select s.channel, s.currency, s.settled_day, -s.amount_minor "                                        \
    "    from reconciliation.bank_settlements s "                                                                      \
    "    join reconciliation.bank_matches m on m.tenant_id = s.tenant_id and m.bank = s.bank and m.sha256 = s.sha256 " \
    "      and m.entry_no = s.entry_no "                                                                               \
    "    join ledger.entries e on e.tenant_id = m.tenant_id and e.entry_id = m.entry_id "                              \
    "      and 'transit:funds:' || s.channel = any (e.leg_accounts) where s.tenant_id = $1), "                         \
    "part as (select channel, currency, day as opened_on, '' as entry, sum(minor) as minor from told "                 \
    "    group by 1, 2, 3 having sum(minor) <> 0 "                                                                     \
    "  union all select channel, currency, opened_on, reference, minor from by_hand "                                  \
    "    where account = 'transit:funds:' || channel), "                                                               \
    "counted as (select p.*, sign(p.minor) as side, "                                                                  \
    "    sum(abs(p.minor)) over (partition by p.channel, p.currency, sign(p.minor) "                                   \
    "                            order by p.opened_on, p.entry rows unbounded preceding) as running, "                 \
    "    coalesce(sum(p.minor) filter (where p.minor > 0) over whole, 0) as plus, "                                    \
    "    coalesce(sum(-p.minor) filter (where p.minor < 0) over whole, 0) as less "                                    \
    "  from part p window whole as (partition by p.channel, p.currency)), "                                            \
    "cases as ("                                                                                                       \
    "  select 'transit:payment:' || b.channel as account, b.channel, b.currency, b.amount_minor, "                     \
    "    case when i.missing_since is not null then 'missing_in_channel' when i.opened_on is not null then 'timing' "  \
    "      when u.business_date is not null then 'differs' else 'unproved' end as kind, "                              \
    "    b.type || ' ' || b.channel_txn_id as reference, b.business_date as opened_on "                                \
    "  from booked b left join reconciliation.used_movements u on u.tenant_id = $1 and u.channel = b.channel "         \
    "    and u.movement_id = b.movement_id "                                                                           \
    "  left join reconciliation.open_items i on i.tenant_id = $1 and i.channel = b.channel and i.side = 'ledger' "     \
    "    and i.type = b.type and i.item_key = b.channel_txn_id and i.closed_on is null "                               \
    "  where not b.on_funds and u.settles is not true "                                                                \
    "  union all select 'transit:customer:' || channel, channel, currency, sum(minor)::bigint, 'missing_in_ledger', "  \
    "    type || ' ' || item_key, min(business_date) from ("                                                           \
    "      select channel, type, item_key, currency, business_date, "                                                  \
    "        case how when 'unknown' then -amount_minor else amount_minor end as minor "                               \
    "      from reconciliation.proved_items where tenant_id = $1 and how in ('unknown', 'found_later')) lines "        \
    "    group by channel, type, item_key, currency having sum(minor) <> 0 "                                           \
    "  union all select 'transit:customer:' || channel, channel, currency, (-minor)::bigint, 'unassigned', cluster, "  \
    "    opened_on from unassigned "                                                                                   \
    "  union all select 'transit:funds:' || channel, channel, currency, "                                              \
    "    (side * least(abs(minor), running - least(plus, less)))::bigint, "                                            \
    "    case when entry <> '' then 'by_hand' when minor > 0 then 'awaited' else 'received_early' end, "               \
    "    case when entry <> '' then entry else 'settlement ' || opened_on end, opened_on "                             \
    "  from counted where running > least(plus, less) "                                                                \
    "  union all select account, channel, currency, minor::bigint, 'by_hand', reference, opened_on from by_hand "      \
    "  where account not like 'transit:funds:%') "

constexpr const char* kCases = CASES
    "select account, channel, currency, amount_minor, kind, reference, opened_on::text from cases "
    "where ($2::text is null or account = $2) and ($3::text is null or channel = $3) "
    "  and ($4::text is null or kind = $4) and ($5::text is null "
    "    or (account collate \"C\", currency, opened_on, reference collate \"C\", kind) > ($5, $6, $7::date, $8, $9)) "
    "order by account collate \"C\", currency, opened_on, reference collate \"C\", kind limit $10";

constexpr const char* kAccounts = CASES
    "select account, currency, sum(cases)::bigint, sum(cases_minor)::bigint, sum(balance_minor)::bigint from ("
    "  select account, currency, 1 as cases, amount_minor as cases_minor, 0 as balance_minor from cases "
    "  union all select a.account, b.currency, 0, 0, b.debit_minor - b.credit_minor "
    "    from ledger.accounts a "
    "    join ledger.kept_balances b on b.tenant_id = a.tenant_id and b.account_no = a.account_no "
    "    where a.tenant_id = $1 and (a.account like 'transit:payment:%' or a.account like 'transit:customer:%' "
    "      or a.account like 'transit:funds:%')) both_parts "
    "where $2::text is null or account = $2 "
    "group by account, currency having sum(cases) > 0 or sum(balance_minor) <> 0 "
    "order by account collate \"C\", currency";
#undef CASES

core::BusinessDay day_of(const pqxx::field& field) {
    const auto day = core::parse_day(field.as<std::string>());
    core::ensure(day.has_value(), "the database holds days that exist");
    return *day;
}

}  // namespace

const std::vector<std::string>& case_kinds() {
    static const std::vector<std::string> kinds = {"unproved",   "timing",  "missing_in_channel",
                                                   "differs",    "awaited", "missing_in_ledger",
                                                   "unassigned", "by_hand", "received_early"};
    return kinds;
}

CaseFilter::Place place_of(const Case& one) {
    return {one.account, one.currency, core::format_day(one.opened_on), one.reference, one.kind};
}

std::vector<Case> list_cases(core::db::TenantTransaction& transaction, const CaseFilter& filter, std::int64_t limit) {
    std::optional<std::string> account, currency, opened_on, reference, kind;
    if (filter.after) {
        account = filter.after->account;
        currency = filter.after->currency;
        opened_on = filter.after->opened_on;
        reference = filter.after->reference;
        kind = filter.after->kind;
    }
    std::vector<Case> cases;
    for (const auto& row :
         core::db::run(transaction, kCases, transaction.tenant().text(), filter.account, filter.channel, filter.kind,
                       account, currency, opened_on, reference, kind, limit)) {
        cases.push_back({row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::string>(),
                         row[3].as<std::int64_t>(), row[4].as<std::string>(), row[5].as<std::string>(),
                         day_of(row[6])});
    }
    return cases;
}

std::vector<ClearingAccount> clearing_accounts(core::db::TenantTransaction& transaction,
                                               const std::optional<std::string>& account) {
    std::vector<ClearingAccount> accounts;
    for (const auto& row : core::db::run(transaction, kAccounts, transaction.tenant().text(), account)) {
        accounts.push_back({row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::int64_t>(),
                            row[3].as<std::int64_t>(), row[4].as<std::int64_t>()});
    }
    return accounts;
}

}  // namespace reconciliation

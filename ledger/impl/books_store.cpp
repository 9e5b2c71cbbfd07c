#include "ledger/books.h"

#include "core/db/array.h"
#include "core/db/work.h"
#include "core/failure.h"

namespace ledger {
namespace {

// One statement, so that the database's check sees the entry in one piece.
constexpr const char* kPost = R"(
with accounts as (
    insert into ledger.accounts (tenant_id, account, kind)
    select distinct $1, a.account, a.kind from unnest($9::text[], $12::text[]) as a (account, kind)
    where not exists (select from ledger.accounts k where k.tenant_id = $1 and k.account = a.account)
    on conflict do nothing),
entry as (
    insert into ledger.entries
        (tenant_id, event, source_key, group_key, description, occurred_at, business_date, leg_count)
    values ($1, $2, $3, $4, $5, $6::timestamptz, $7::date, $8::smallint)
    on conflict on constraint entries_source_once do nothing
    returning entry_id),
legs as (
    insert into ledger.legs (tenant_id, entry_id, leg_no, account, currency, amount_minor)
    select $1, entry.entry_id, l.leg_no, l.account, l.currency, l.amount_minor
    from entry, unnest($9::text[], $10::text[], $11::bigint[]) with ordinality
         as l (account, currency, amount_minor, leg_no))
select entry_id from entry)";

constexpr const char* kGroupBalances = R"(
select l.account, l.currency, sum(l.amount_minor)::bigint
from ledger.entries e join ledger.legs l using (tenant_id, entry_id)
where e.tenant_id = $1 and e.group_key <> '' and e.group_key = any ($2::text[])
group by 1, 2)";

constexpr const char* kGroupCount = "select count(*) from ledger.entries where tenant_id = $1 and group_key = $2";

constexpr const char* kTrialBalance = R"(
select l.account, a.kind, l.currency,
       coalesce(sum(l.amount_minor) filter (where l.amount_minor > 0), 0)::bigint,
       coalesce(-sum(l.amount_minor) filter (where l.amount_minor < 0), 0)::bigint
from ledger.legs l
join ledger.accounts a on a.tenant_id = l.tenant_id and a.account = l.account
join ledger.entries e on e.tenant_id = l.tenant_id and e.entry_id = l.entry_id
where l.tenant_id = $1 and ($2::date is null or e.business_date <= $2::date)
group by 1, 2, 3
order by l.account collate "C", l.currency collate "C")";

constexpr const char* kEntry = R"(
select entry_id, event, source_key, group_key, description,
       (extract(epoch from occurred_at) * 1000)::bigint, business_date::text,
       (extract(epoch from recorded_at) * 1000)::bigint
from ledger.entries where tenant_id = $1 and entry_id = $2)";

constexpr const char* kLegs = R"(
select leg_no, account, currency, amount_minor from ledger.legs
where tenant_id = $1 and entry_id = $2 order by leg_no)";

constexpr const char* kAccountLines = R"(
select e.entry_id, e.business_date::text, e.event, e.description, l.currency, l.amount_minor
from ledger.legs l join ledger.entries e using (tenant_id, entry_id)
where l.tenant_id = $1 and l.account = $2 and e.entry_id > $3
order by e.entry_id, l.leg_no limit $4)";

constexpr const char* kVerify = R"(
select e.entry_id, 'says it has ' || e.leg_count || ' legs and has ' || count(l.leg_no)
from ledger.entries e left join ledger.legs l using (tenant_id, entry_id)
where e.tenant_id = $1 group by e.tenant_id, e.entry_id, e.leg_count
having e.leg_count <> count(l.leg_no) or count(l.leg_no) < 2
union all
select entry_id, 'does not balance in ' || currency || ': ' || sum(amount_minor)
from ledger.legs where tenant_id = $1 group by entry_id, currency having sum(amount_minor) <> 0
union all
select l.entry_id, 'has a leg on an account that was never opened'
from ledger.legs l left join ledger.accounts a on a.tenant_id = l.tenant_id and a.account = l.account
where l.tenant_id = $1 and a.account is null
union all
select l.entry_id, 'has legs and no head'
from ledger.legs l left join ledger.entries e using (tenant_id, entry_id)
where l.tenant_id = $1 and e.entry_id is null
union all
select entry_id, 'has a leg of zero' from ledger.legs where tenant_id = $1 and amount_minor = 0
order by 1, 2)";

constexpr const char* kCounts = R"(
select (select count(*) from ledger.entries where tenant_id = $1),
       (select count(*) from ledger.legs where tenant_id = $1))";

core::Instant instant(std::int64_t milliseconds) { return core::Instant(std::chrono::milliseconds(milliseconds)); }

Balances read_balances(const pqxx::result& rows) {
    Balances balances;
    for (const auto& row : rows) {
        auto account = Account::from_name(row[0].as<std::string>());
        const auto currency = core::Currency::from_code(row[1].as<std::string>());
        core::ensure(account.has_value() && currency.has_value(), "the books hold accounts and currencies we know");
        const auto minor = row[2].as<std::int64_t>();
        if (minor != 0) {
            balances.add(*account, core::Money(minor, *currency));
        }
    }
    return balances;
}

}  // namespace

std::optional<core::EntryId> post(core::db::TenantTransaction& transaction, const Entry& entry) {
    std::vector<std::string> accounts;
    std::vector<std::string> kinds;
    std::vector<std::string> currencies;
    std::vector<std::int64_t> amounts;
    for (const auto& leg : entry.legs()) {
        accounts.push_back(leg.account.name());
        kinds.emplace_back(name_of(leg.account.kind()));
        currencies.emplace_back(leg.amount.currency().code());
        amounts.push_back(leg.amount.minor());
    }
    const auto& head = entry.head();
    const auto rows =
        core::db::run(transaction, kPost, transaction.tenant().text(), head.event, head.source_key, head.group_key,
                      head.description, core::format_rfc3339(head.occurred_at), core::format_day(head.business_day),
                      entry.legs().size(), core::db::text_array(accounts), core::db::text_array(currencies),
                      core::db::integer_array(amounts), core::db::text_array(kinds));
    if (rows.empty()) {
        return std::nullopt;
    }
    return core::EntryId(rows[0][0].as<std::int64_t>());
}

Balances balances_of_groups(core::db::TenantTransaction& transaction, const std::vector<std::string>& group_keys) {
    return read_balances(
        core::db::run(transaction, kGroupBalances, transaction.tenant().text(), core::db::text_array(group_keys)));
}

std::int64_t group_count(core::db::TenantTransaction& transaction, const std::string& group_key) {
    return core::db::run(transaction, kGroupCount, transaction.tenant().text(), group_key)[0][0].as<std::int64_t>();
}

std::vector<AccountBalance> trial_balance(core::db::TenantTransaction& transaction,
                                          std::optional<core::BusinessDay> until) {
    std::optional<std::string> day;
    if (until) {
        day = core::format_day(*until);
    }
    std::vector<AccountBalance> balances;
    for (const auto& row : core::db::run(transaction, kTrialBalance, transaction.tenant().text(), day)) {
        balances.push_back({row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::string>(),
                            row[3].as<std::int64_t>(), row[4].as<std::int64_t>()});
    }
    return balances;
}

std::optional<StoredEntry> find_entry(core::db::TenantTransaction& transaction, core::EntryId id) {
    const auto& tenant = transaction.tenant().text();
    const auto rows = core::db::run(transaction, kEntry, tenant, id.number());
    if (rows.empty()) {
        return std::nullopt;
    }
    const auto& row = rows[0];
    StoredEntry entry{core::EntryId(row[0].as<std::int64_t>()),
                      row[1].as<std::string>(),
                      row[2].as<std::string>(),
                      row[3].as<std::string>(),
                      row[4].as<std::string>(),
                      instant(row[5].as<std::int64_t>()),
                      row[6].as<std::string>(),
                      instant(row[7].as<std::int64_t>()),
                      {}};
    for (const auto& leg : core::db::run(transaction, kLegs, tenant, id.number())) {
        entry.legs.push_back(
            {leg[0].as<int>(), leg[1].as<std::string>(), leg[2].as<std::string>(), leg[3].as<std::int64_t>()});
    }
    return entry;
}

std::vector<AccountLine> account_lines(core::db::TenantTransaction& transaction, const std::string& account,
                                       std::int64_t after, std::int64_t limit) {
    std::vector<AccountLine> lines;
    for (const auto& row :
         core::db::run(transaction, kAccountLines, transaction.tenant().text(), account, after, limit)) {
        lines.push_back({core::EntryId(row[0].as<std::int64_t>()), row[1].as<std::string>(), row[2].as<std::string>(),
                         row[3].as<std::string>(), row[4].as<std::string>(), row[5].as<std::int64_t>()});
    }
    return lines;
}

Verification verify(core::db::TenantTransaction& transaction) {
    const auto& tenant = transaction.tenant().text();
    const auto counts = core::db::run(transaction, kCounts, tenant);
    Verification result{counts[0][0].as<std::int64_t>(), counts[0][1].as<std::int64_t>(), {}};
    for (const auto& row : core::db::run(transaction, kVerify, tenant)) {
        result.breaches.push_back("entry " + row[0].as<std::string>() + " " + row[1].as<std::string>());
    }
    return result;
}

}  // namespace ledger

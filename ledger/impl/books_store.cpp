#include "ledger/books.h"

#include <set>

#include "core/db/array.h"
#include "core/db/work.h"
#include "core/failure.h"

namespace ledger {
namespace {

using core::db::Statement;

constexpr Statement kNumbers{"entry_numbers",
                             "select nextval('ledger.entries_entry_id_seq') from generate_series(1, $1::integer)"};

// One statement, so that the database's checks see each entry in one piece. "is true" keeps the list of numbers what
// it is, looked up by hash, instead of a join.
constexpr Statement kPost{"post_entries", R"(
with accounts as (
    insert into ledger.accounts (tenant_id, account, kind)
    select a.tenant_id, a.account, a.kind
    from (select distinct * from unnest($11::text[], $12::text[], $13::text[]) as t (tenant_id, account, kind)) a
    where not exists (select from ledger.accounts k where k.tenant_id = a.tenant_id and k.account = a.account)
    on conflict do nothing),
entry as (
    insert into ledger.entries (tenant_id, entry_id, event, source_key, group_key, description, occurred_at,
                                business_date, leg_count)
    overriding system value
    select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
                         $8::date[], $9::smallint[])
    on conflict on constraint entries_source_once do nothing
    returning entry_id),
legs as (
    insert into ledger.legs (tenant_id, entry_id, leg_no, account, currency, amount_minor)
    select l.tenant_id, l.entry_id, l.leg_no, l.account, l.currency, l.amount_minor
    from unnest($11::text[], $10::bigint[], $14::smallint[], $12::text[], $15::text[], $16::bigint[])
         as l (tenant_id, entry_id, leg_no, account, currency, amount_minor)
    where (l.entry_id in (select entry_id from entry)) is true)
select entry_id from entry)"};

constexpr Statement kGroups{"books_of_groups", R"(
with asked as materialized (select distinct * from unnest($1::text[], $2::text[]) as a (tenant_id, group_key)),
found as (
    select e.tenant_id, e.group_key, e.entry_id
    from asked a join ledger.entries e on e.tenant_id = a.tenant_id and e.group_key = a.group_key
    where e.group_key <> '')
select tenant_id, group_key, '', '', count(*) from found group by 1, 2
union all
select f.tenant_id, f.group_key, l.account, l.currency, sum(l.amount_minor)::bigint
from found f join ledger.legs l on l.tenant_id = f.tenant_id and l.entry_id = f.entry_id
group by 1, 2, 3, 4)"};

constexpr const char* kBalances = R"(
select b.account, a.kind, b.currency, sum(b.debit_minor)::bigint, sum(b.credit_minor)::bigint
from ledger.balances b join ledger.accounts a on a.tenant_id = b.tenant_id and a.account = b.account
where b.tenant_id = $1
group by 1, 2, 3
order by b.account collate "C", b.currency collate "C")";

// At the end of a day, added up from what was dated until then.
constexpr const char* kBalancesUntil = R"(
select l.account, a.kind, l.currency,
       coalesce(sum(l.amount_minor) filter (where l.amount_minor > 0), 0)::bigint,
       coalesce(-sum(l.amount_minor) filter (where l.amount_minor < 0), 0)::bigint
from ledger.legs l
join ledger.accounts a on a.tenant_id = l.tenant_id and a.account = l.account
join ledger.entries e on e.tenant_id = l.tenant_id and e.entry_id = l.entry_id
where l.tenant_id = $1 and e.business_date <= $2::date and e.leg_count > 0
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
where l.tenant_id = $1 and l.account = $2 and l.amount_minor <> 0 and e.entry_id > $3
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

constexpr const char* kVerifyBalances = R"(
select account, currency, coalesce(kept.sum, 0) || ' is kept and ' || coalesce(added_up.sum, 0) || ' added up'
from (select account, currency, sum(debit_minor - credit_minor) as sum
      from ledger.balances where tenant_id = $1 group by 1, 2) kept
full join (select account, currency, sum(amount_minor) as sum
           from ledger.legs where tenant_id = $1 group by 1, 2) added_up using (account, currency)
where kept.sum is distinct from added_up.sum
order by account collate "C", currency collate "C")";

constexpr const char* kCounts = R"(
select (select count(*) from ledger.entries where tenant_id = $1),
       (select count(*) from ledger.legs where tenant_id = $1))";

core::Instant instant(std::int64_t milliseconds) { return core::Instant(std::chrono::milliseconds(milliseconds)); }

// The columns of many entries and their legs, as kPost takes them.
struct Columns {
    std::vector<std::string> tenant, event, source, group, description, occurred_at, business_day;
    std::vector<std::int64_t> number, legs;
    std::vector<std::string> leg_tenant, account, kind, currency;
    std::vector<std::int64_t> leg_entry, leg_number, amount;

    void add(const Posting& posting, std::int64_t entry_number) {
        const auto& head = posting.entry.head();
        tenant.push_back(posting.tenant.text());
        number.push_back(entry_number);
        event.push_back(head.event);
        source.push_back(head.source_key);
        group.push_back(head.group_key);
        description.push_back(head.description);
        occurred_at.push_back(core::format_rfc3339(head.occurred_at));
        business_day.push_back(core::format_day(head.business_day));
        legs.push_back(static_cast<std::int64_t>(posting.entry.legs().size()));
        std::int64_t place = 0;
        for (const auto& leg : posting.entry.legs()) {
            leg_tenant.push_back(posting.tenant.text());
            leg_entry.push_back(entry_number);
            leg_number.push_back(++place);
            account.push_back(leg.account.name());
            kind.emplace_back(name_of(leg.account.kind()));
            currency.emplace_back(leg.amount.currency().code());
            amount.push_back(leg.amount.minor());
        }
    }
};

}  // namespace

std::vector<std::optional<core::EntryId>> post_all(core::db::Transaction& transaction,
                                                   const std::vector<Posting>& postings) {
    using core::db::integer_array;
    using core::db::text_array;
    if (postings.empty()) {
        return {};
    }
    Columns columns;
    for (const auto& row : core::db::run(transaction, kNumbers, postings.size())) {
        columns.add(postings[columns.number.size()], row[0].as<std::int64_t>());
    }
    std::set<std::int64_t> posted;
    for (const auto& row : core::db::run(
             transaction, kPost, text_array(columns.tenant), integer_array(columns.number), text_array(columns.event),
             text_array(columns.source), text_array(columns.group), text_array(columns.description),
             text_array(columns.occurred_at), text_array(columns.business_day), integer_array(columns.legs),
             integer_array(columns.leg_entry), text_array(columns.leg_tenant), text_array(columns.account),
             text_array(columns.kind), integer_array(columns.leg_number), text_array(columns.currency),
             integer_array(columns.amount))) {
        posted.insert(row[0].as<std::int64_t>());
    }
    std::vector<std::optional<core::EntryId>> ids;
    for (const auto number : columns.number) {
        ids.push_back(posted.contains(number) ? std::optional(core::EntryId(number)) : std::nullopt);
    }
    return ids;
}

std::optional<core::EntryId> post(core::db::TenantTransaction& transaction, const Entry& entry) {
    return post_all(transaction, {{transaction.tenant(), entry}}).front();
}

std::map<GroupKey, GroupBooks> books_of_groups(core::db::Transaction& transaction,
                                               const std::vector<GroupKey>& groups) {
    std::vector<std::string> tenants;
    std::vector<std::string> names;
    for (const auto& group : groups) {
        tenants.push_back(group.tenant.text());
        names.push_back(group.group);
    }
    std::map<GroupKey, GroupBooks> books;
    for (const auto& row :
         core::db::run(transaction, kGroups, core::db::text_array(tenants), core::db::text_array(names))) {
        auto& group = books[{core::TenantId(row[0].as<std::string>()), row[1].as<std::string>()}];
        const auto number = row[4].as<std::int64_t>();
        const auto account_name = row[2].as<std::string>();
        if (account_name.empty()) {
            group.entries = number;
        } else if (number != 0) {
            const auto account = Account::from_name(account_name);
            const auto currency = core::Currency::from_code(row[3].as<std::string>());
            core::ensure(account.has_value() && currency.has_value(), "the books hold accounts and currencies we know");
            group.balances.add(*account, core::Money(number, *currency));
        }
    }
    return books;
}

std::vector<AccountBalance> trial_balance(core::db::TenantTransaction& transaction,
                                          std::optional<core::BusinessDay> until) {
    const auto& tenant = transaction.tenant().text();
    std::vector<AccountBalance> balances;
    for (const auto& row : until ? core::db::run(transaction, kBalancesUntil, tenant, core::format_day(*until))
                                 : core::db::run(transaction, kBalances, tenant)) {
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
    for (const auto& row : core::db::run(transaction, kVerifyBalances, tenant)) {
        result.breaches.push_back("account " + row[0].as<std::string>() + " in " + row[1].as<std::string>() + ": " +
                                  row[2].as<std::string>());
    }
    return result;
}

}  // namespace ledger

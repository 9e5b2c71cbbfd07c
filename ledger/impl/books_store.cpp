#include "ledger/books.h"

#include "core/db/walls.h"
#include "core/db/work.h"
#include "core/failure.h"
#include "ledger/batch.h"
#include "ledger/impl/verify_usage.h"

namespace ledger {
namespace {

// Of all accounts or of one ($2), until a business day ($3) or all, without what was recorded after an instant ($4).
// What is kept is looked up by accounts' numbers, and a day that is none comes before all days: a condition that is
// never true would leave the planner a table to read whole. No entry is dated -infinity, and a day of any year before
// Christ is after it. Whether there is an instant is a question of its own, which is asked once and not of every entry.
constexpr const char* kBalances = R"(
with asked as materialized (
    select coalesce($3::date, '-infinity') as day,
           array(select account_no from ledger.accounts
                 where tenant_id = $1 and account = coalesce($2, account)) as accounts),
part as (
    select account_no, currency, debit_minor, credit_minor from ledger.balances
    where account_no = any ((select accounts from asked)::bigint[]) and tenant_id = $1 and $3 is null
    union all
    select account_no, currency, debit_minor, credit_minor from ledger.turnovers
    where account_no = any ((select accounts from asked)::bigint[]) and tenant_id = $1
      and whole_month and starts < (select day - extract(day from day)::integer + 1 from asked)
    union all
    select account_no, currency, debit_minor, credit_minor from ledger.turnovers
    where account_no = any ((select accounts from asked)::bigint[]) and tenant_id = $1
      and not whole_month and starts <= (select day from asked)
      and starts >= (select day - extract(day from day)::integer + 1 from asked)
    union all
    select w.lines[n][1], w.currency, greatest(w.lines[n][4], 0), greatest(-w.lines[n][4], 0)
    from ledger.new_legs w, generate_subscripts(w.lines, 1) as n
    where w.tenant_id = $1 and w.lines[n][5] <= coalesce($3::date - date '2000-01-01', w.lines[n][5])
      and ($2 is null or w.lines[n][1] = any ((select accounts from asked)::bigint[]))
    union all
    select (select a.account_no from ledger.accounts a where a.tenant_id = $1 and a.account = l.account), l.currency,
           -greatest(l.amount, 0), -greatest(-l.amount, 0)
    from ledger.entries e
    cross join unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) as l (account, currency, amount)
    where $4::timestamptz is not null and e.tenant_id = $1 and e.recorded_at > $4::timestamptz and e.business_date <= coalesce($3, e.business_date)
      and l.account = coalesce($2, l.account)),
total as materialized (
    select account_no, currency, sum(debit_minor)::bigint as debit, sum(credit_minor)::bigint as credit
    from part group by 1, 2)
select a.account, a.kind, t.currency, t.debit, t.credit
from total t join ledger.accounts a on a.account_no = t.account_no and a.tenant_id = $1
where t.debit + t.credit > 0
order by a.account collate "C", t.currency collate "C")";

constexpr const char* kEntry = R"(
select entry_id, event, source_key, group_key, description,
       (extract(epoch from occurred_at) * 1000)::bigint, business_date::text,
       (extract(epoch from recorded_at) * 1000)::bigint
from ledger.entries where tenant_id = $1 and entry_id = $2)";
constexpr const char* kEntryOfSource = "select entry_id from ledger.entries where tenant_id = $1 and source_key = $2";

// Of one moment, however long it is read. A row for each leg, an entry's together.
constexpr const char* kJournal = R"(
declare journal no scroll cursor for
select e.entry_id, e.event, e.source_key, e.group_key, e.description,
       (extract(epoch from e.occurred_at) * 1000)::bigint, e.business_date::text,
       (extract(epoch from e.recorded_at) * 1000)::bigint, l.leg_no, l.account, l.currency, l.amount
from ledger.entries e, unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) with ordinality
     as l (account, currency, amount, leg_no)
where e.tenant_id = $1 and e.business_date >= coalesce($2::date, '-infinity')
  and e.business_date <= coalesce($3::date, 'infinity')
order by e.entry_id, l.leg_no)";
constexpr const char* kNextOfJournal = "fetch 5000 from journal";

constexpr const char* kLegs = R"(
select l.leg_no, l.account, l.currency, l.amount
from ledger.entries e, unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) with ordinality
     as l (account, currency, amount, leg_no)
where e.tenant_id = $1 and e.entry_id = $2 order by l.leg_no)";

// The pages that may hold the first lines after an entry: those of its own block of numbers, and as many of the next as
// there are lines to be, each of which holds one at least that stands before all of later pages. Beside them, what is
// on no page yet.
constexpr const char* kAccountLines = R"(
with own as (select account_no from ledger.accounts where tenant_id = $1 and account = $2),
page as materialized (
    select p.* from ledger.pages p
    where p.account_no = (select account_no from own) and p.tenant_id = $1
      and p.first_entry_id >= $3::bigint / 4096 * 4096 and p.first_entry_id < ($3::bigint / 4096 + 1) * 4096
    union all
    (select p.* from ledger.pages p
     where p.account_no = (select account_no from own) and p.tenant_id = $1
       and p.first_entry_id >= ($3::bigint / 4096 + 1) * 4096
     order by p.first_entry_id fetch first ($4::bigint) rows with ties)),
line as (
    select p.lines[n][1] as entry_id, p.lines[n][2] as leg_no, p.currency, p.lines[n][3] as amount_minor
    from page p, generate_subscripts(p.lines, 1) as n
    where p.lines[n][1] > $3
    union all
    select w.lines[n][2], w.lines[n][3], w.currency, w.lines[n][4]
    from ledger.new_legs w, generate_subscripts(w.lines, 1) as n
    where w.tenant_id = $1 and w.lines[n][1] = (select account_no from own) and w.lines[n][2] > $3
    order by 1 fetch first ($4::bigint) rows with ties)
select e.entry_id, e.business_date::text, e.event, e.description, l.currency, l.amount_minor,
       case when l.amount_minor > 0 and starts_with($2::text, 'receivable:') then (
           select d.due_date::text from ledger.due_dates d
           where d.tenant_id = $1 and d.group_key = e.group_key) end
from line l join ledger.entries e on e.entry_id = l.entry_id and e.tenant_id = $1
order by l.entry_id, l.leg_no)";

// What an entry says itself, and that its legs stand on their accounts as it says, and no others.
constexpr const char* kVerify = R"(
with said as (
    select e.entry_id, l.leg_no, l.account, l.currency, l.amount
    from ledger.entries e, unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) with ordinality
         as l (account, currency, amount, leg_no)
    where e.tenant_id = $1),
entered as (
    select l.entry_id, l.leg_no, coalesce(a.account, 'number ' || l.account_no) as account, l.currency,
           l.amount_minor as amount
    from ledger.legs l left join ledger.accounts a on a.account_no = l.account_no and a.tenant_id = l.tenant_id
    where l.tenant_id = $1)
select entry_id, 'has ' || cardinality(leg_amounts) || ' legs' from ledger.entries
where tenant_id = $1 and cardinality(leg_amounts) < 2
union all
select entry_id, format('does not balance in %s: %s', currency, sum(amount))
from said group by entry_id, currency having sum(amount) is distinct from 0
union all
select entry_id, 'has a leg of zero' from said where amount = 0
union all
select entry_id, format('says its leg %s is %s %s on %s', leg_no, s.amount, s.currency, s.account) ||
       coalesce(' and it is ' || e.amount || ' ' || e.currency || ' on ' || e.account, ' and it is on no account')
from said s left join entered e using (entry_id, leg_no)
where (s.account, s.currency, s.amount) is distinct from (e.account, e.currency, e.amount)
union all
select entry_id, 'has its leg ' || leg_no || ' on its account more than once'
from entered group by entry_id, leg_no having count(*) > 1
union all
select e.entry_id, 'has a leg ' || e.leg_no || ' on ' || e.account || ' that it does not speak of'
from entered e left join said s on s.entry_id = e.entry_id and s.leg_no = e.leg_no where s.entry_id is null
order by 1, 2)";

constexpr const char* kVerifyBalances = R"(
select coalesce(a.account, 'of no name'), currency, coalesce(kept.sum, 0) || ' is kept and ' || coalesce(added_up.sum, 0) || ' added up'
from (select account_no, currency, debit_minor - credit_minor as sum
      from ledger.kept_balances where tenant_id = $1) kept
full join (select account_no, currency, sum(amount_minor) as sum
           from ledger.legs where tenant_id = $1 group by 1, 2) added_up using (account_no, currency)
left join ledger.accounts a on a.account_no = coalesce(kept.account_no, added_up.account_no) and a.tenant_id = $1
where kept.sum is distinct from added_up.sum
order by a.account collate "C", currency collate "C")";

// Of each day as its entries say, and of each month as its days.
constexpr const char* kVerifyTurnovers = R"(
with kept as (
    select account_no, whole_month, starts, currency, debit_minor, credit_minor
    from ledger.turnovers where tenant_id = $1
    union all
    select w.lines[n][1], p.whole_month, p.starts, w.currency, greatest(w.lines[n][4], 0), greatest(-w.lines[n][4], 0)
    from ledger.new_legs w, generate_subscripts(w.lines, 1) as n
    cross join lateral (select date '2000-01-01' + w.lines[n][5]::integer as day) d
    cross join lateral (values (false, day), (true, day - extract(day from day)::integer + 1)) as p (whole_month, starts)
    where w.tenant_id = $1),
said as (
    select a.account_no, p.whole_month, p.starts, l.currency, sum(greatest(l.amount, 0)) as debit,
           sum(greatest(-l.amount, 0)) as credit
    from ledger.entries e
    cross join unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) as l (account, currency, amount)
    join ledger.accounts a on a.tenant_id = e.tenant_id and a.account = l.account
    cross join lateral (values (false, e.business_date), (true, e.business_date - extract(day from e.business_date)::integer + 1))
               as p (whole_month, starts)
    where e.tenant_id = $1
    group by 1, 2, 3, 4)
select coalesce(a.account, 'of no name'), currency || case when whole_month then ' in the month of ' else ' on ' end ||
       starts, format('turnover %s and %s is kept, %s and %s added up', coalesce(kept.debit, 0), coalesce(kept.credit, 0),
                      coalesce(said.debit, 0), coalesce(said.credit, 0))
from (select account_no, whole_month, starts, currency, sum(debit_minor) as debit, sum(credit_minor) as credit
      from kept group by 1, 2, 3, 4) kept
full join said using (account_no, whole_month, starts, currency)
left join ledger.accounts a on a.account_no = coalesce(kept.account_no, said.account_no) and a.tenant_id = $1
where (kept.debit, kept.credit) is distinct from (said.debit, said.credit)
order by a.account collate "C", currency collate "C", starts, whole_month)";

constexpr const char* kCounts = R"(
select (select count(*) from ledger.entries where tenant_id = $1),
       (select count(*) from ledger.legs where tenant_id = $1))";

core::Instant instant(std::int64_t milliseconds) { return core::Instant(std::chrono::milliseconds(milliseconds)); }

// As kEntry and kJournal give it.
StoredEntry without_legs(const pqxx::row& row) {
    return {core::EntryId(row[0].as<std::int64_t>()),
            row[1].as<std::string>(),
            row[2].as<std::string>(),
            row[3].as<std::string>(),
            row[4].as<std::string>(),
            instant(row[5].as<std::int64_t>()),
            row[6].as<std::string>(),
            instant(row[7].as<std::int64_t>()),
            {}};
}

std::optional<std::string> text_of(std::optional<core::BusinessDay> day) {
    return day ? std::optional(core::format_day(*day)) : std::nullopt;
}

std::vector<AccountBalance> balances(core::db::TenantTransaction& transaction,
                                     const std::optional<std::string>& account, const AsOf& as_of) {
    const auto recorded = as_of.recorded ? std::optional(core::format_rfc3339(*as_of.recorded)) : std::nullopt;
    std::vector<AccountBalance> found;
    for (const auto& row :
         core::db::run(transaction, kBalances, transaction.tenant().text(), account, text_of(as_of.until), recorded)) {
        found.push_back({row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::string>(),
                         row[3].as<std::int64_t>(), row[4].as<std::int64_t>()});
    }
    return found;
}

}  // namespace

std::optional<core::EntryId> post(core::db::TenantTransaction& transaction, const Entry& entry) {
    core::db::Trip first(transaction);
    const EntryNumbers numbers(first, 1, hold_days_open(first, {transaction.tenant()}));
    first.run();
    core::db::Trip second(transaction);
    AccountsToOpen accounts;
    const NewEntries posted(second, {{transaction.tenant(), entry}}, numbers.all(first), accounts);
    second.run();
    return posted.ids(second).front();
}

std::vector<AccountBalance> trial_balance(core::db::TenantTransaction& transaction, const AsOf& as_of) {
    return balances(transaction, std::nullopt, as_of);
}

std::vector<AccountBalance> account_balances(core::db::TenantTransaction& transaction, const std::string& account,
                                             const AsOf& as_of) {
    return balances(transaction, account, as_of);
}

std::optional<StoredEntry> find_entry(core::db::TenantTransaction& transaction, core::EntryId id) {
    const auto& tenant = transaction.tenant().text();
    const auto rows = core::db::run(transaction, kEntry, tenant, id.number());
    if (rows.empty()) {
        return std::nullopt;
    }
    auto entry = without_legs(rows[0]);
    for (const auto& leg : core::db::run(transaction, kLegs, tenant, id.number())) {
        entry.legs.push_back(
            {leg[0].as<int>(), leg[1].as<std::string>(), leg[2].as<std::string>(), leg[3].as<std::int64_t>()});
    }
    return entry;
}

std::optional<StoredEntry> find_entry(core::db::TenantTransaction& transaction, const std::string& source_key) {
    const auto rows = core::db::run(transaction, kEntryOfSource, transaction.tenant().text(), source_key);
    return rows.empty() ? std::nullopt : find_entry(transaction, core::EntryId(rows[0][0].as<std::int64_t>()));
}

std::vector<Leg> legs_of(const StoredEntry& entry) {
    std::vector<Leg> legs;
    for (const auto& leg : entry.legs) {
        const auto account = Account::from_name(leg.account);
        const auto currency = core::Currency::from_code(leg.currency);
        core::ensure(account.has_value() && currency.has_value(), "the books hold accounts and currencies we know");
        legs.push_back({*account, {leg.amount_minor, *currency}});
    }
    return legs;
}

void read_journal(core::db::TenantTransaction& transaction, const DayRange& range,
                  const std::function<void(const StoredEntry&)>& take) {
    core::db::run(transaction, kJournal, transaction.tenant().text(), text_of(range.from), text_of(range.until));
    std::optional<StoredEntry> entry;
    while (true) {
        const auto rows = core::db::run(transaction, kNextOfJournal);
        for (const auto& row : rows) {
            if (entry && entry->id.number() != row[0].as<std::int64_t>()) {
                take(*entry);
                entry.reset();
            }
            if (!entry) {
                entry = without_legs(row);
            }
            entry->legs.push_back(
                {row[8].as<int>(), row[9].as<std::string>(), row[10].as<std::string>(), row[11].as<std::int64_t>()});
        }
        if (rows.empty()) {
            break;
        }
    }
    if (entry) {
        take(*entry);
    }
}

std::vector<AccountLine> account_lines(core::db::TenantTransaction& transaction, const std::string& account,
                                       std::int64_t after, std::int64_t limit) {
    std::vector<AccountLine> lines;
    for (const auto& row :
         core::db::run(transaction, kAccountLines, transaction.tenant().text(), account, after, limit)) {
        lines.push_back({core::EntryId(row[0].as<std::int64_t>()), row[1].as<std::string>(), row[2].as<std::string>(),
                         row[3].as<std::string>(), row[4].as<std::string>(), row[5].as<std::int64_t>(),
                         row[6].as<std::string>("")});
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
    for (const char* kept : {kVerifyBalances, kVerifyTurnovers}) {
        for (const auto& row : core::db::run(transaction, kept, tenant)) {
            result.breaches.push_back("account " + row[0].as<std::string>() + " in " + row[1].as<std::string>() + ": " +
                                      row[2].as<std::string>());
        }
    }
    // Last, when this transaction's locks keep every policy as it was when the rows were read: a policy that hides rows
    // would make books of which little is seen look right.
    for (const auto& breach : core::db::wall_breaches(transaction)) {
        result.breaches.push_back("what was read can't be relied on: " + breach.text());
    }
    for (auto& breach : breaches_of_usage(transaction)) {
        result.breaches.push_back(std::move(breach));
    }
    return result;
}

}  // namespace ledger

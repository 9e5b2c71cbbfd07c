#include "audit/verifier/tables.h"

#include <array>
#include <set>

namespace verifier {
namespace {

constexpr const char* kAccounts =
    "select account, kind from ledger.accounts where tenant_id = $1 order by account collate \"C\"";
constexpr const char* kAccountNumbers = R"(
select min(account) from ledger.accounts where tenant_id = $1 group by account_no having count(*) > 1 order by 1)";

constexpr const char* kUnknownAccounts = R"(
select min(e.entry_id), l.account
from ledger.entries e, unnest(e.leg_accounts) as l (account)
where e.tenant_id = $1 and not exists (select from ledger.accounts a
                                       where a.tenant_id = $1 and a.account = l.account)
group by 2 order by 1)";

// A leg of an entry, and where the database entered it.
#define SAID                                                                                  \
    "(select e.entry_id, l.leg_no, a.account_no, l.currency, l.amount from ledger.entries e " \
    " cross join unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) with ordinality"     \
    "   as l (account, currency, amount, leg_no) "                                            \
    " left join ledger.accounts a on a.tenant_id = e.tenant_id and a.account = l.account where e.tenant_id = $1)"
#define ENTERED                                                                                                    \
    "(select p.lines[n][1], p.lines[n][2], p.account_no, p.currency, p.lines[n][3] "                               \
    " from ledger.pages p, generate_series(1, coalesce(array_length(p.lines, 1), 0)) as n where p.tenant_id = $1 " \
    " union all select w.lines[n][2], w.lines[n][3], w.lines[n][1], w.currency, w.lines[n][4] "                    \
    " from ledger.new_legs w, generate_series(1, coalesce(array_length(w.lines, 1), 0)) as n "                     \
    " where w.tenant_id = $1)"
constexpr const char* kNotEntered = SAID " except all " ENTERED " order by 1, 2 limit 1000";
constexpr const char* kNotSaid = "select * from (" ENTERED " except all " SAID
                                 ") as more (entry_id, leg_no, account_no, currency, amount) order by 1, 2 limit 1000";
#undef SAID
#undef ENTERED

// A page stands where its lines belong.
constexpr const char* kMisplacedPages = R"(
select p.account_no, p.first_entry_id from ledger.pages p
where p.tenant_id = $1
  and exists (select from generate_series(1, array_length(p.lines, 1)) as n
              where p.lines[n][1] < p.first_entry_id or p.lines[n][1] / 4096 <> p.first_entry_id / 4096)
order by 1, 2)";

constexpr const char* kBalances = R"(
select coalesce(a.account, 'number ' || k.account_no), k.currency, sum(k.debit)::bigint, sum(k.credit)::bigint
from (select account_no, currency, debit_minor as debit, credit_minor as credit
      from ledger.balances where tenant_id = $1
      union all
      select w.lines[n][1], w.currency, greatest(w.lines[n][4], 0), greatest(-w.lines[n][4], 0)
      from ledger.new_legs w, generate_series(1, coalesce(array_length(w.lines, 1), 0)) as n
      where w.tenant_id = $1) k
left join ledger.accounts a on a.tenant_id = $1 and a.account_no = k.account_no
group by 1, 2)";

// What is kept for business days and months, less what entries say of them: what is left is off.
constexpr const char* kTurnovers = R"(
with kept as (
    select account_no, whole_month, starts, currency, debit_minor::numeric as debit, credit_minor::numeric as credit
    from ledger.turnovers where tenant_id = $1
    union all
    select w.lines[n][1], p.whole_month, p.starts, w.currency, greatest(w.lines[n][4], 0), greatest(-w.lines[n][4], 0)
    from ledger.new_legs w, generate_series(1, coalesce(array_length(w.lines, 1), 0)) as n
    cross join lateral (select date '2000-01-01' + w.lines[n][5]::integer as day) d
    cross join lateral (values (false, d.day), (true, d.day - extract(day from d.day)::integer + 1))
               as p (whole_month, starts)
    where w.tenant_id = $1
    union all
    select a.account_no, p.whole_month, p.starts, l.currency, -greatest(l.amount, 0), -greatest(-l.amount, 0)
    from ledger.entries e
    cross join unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) as l (account, currency, amount)
    join ledger.accounts a on a.tenant_id = e.tenant_id and a.account = l.account
    cross join lateral (values (false, e.business_date),
                               (true, e.business_date - extract(day from e.business_date)::integer + 1))
               as p (whole_month, starts)
    where e.tenant_id = $1)
select coalesce(a.account, 'number ' || k.account_no) || ' in ' || k.currency,
       case when k.whole_month then 'the month of ' else '' end || k.starts, sum(k.debit), sum(k.credit)
from kept k left join ledger.accounts a on a.tenant_id = $1 and a.account_no = k.account_no
group by 1, k.whole_month, k.starts
having sum(k.debit) <> 0 or sum(k.credit) <> 0
order by 1, k.starts, k.whole_month)";

constexpr const char* kSourcesTwice = R"(
select max(entry_id), min(entry_id), source_key from ledger.entries where tenant_id = $1
group by source_key having count(*) > 1 order by 1)";

constexpr const char* kMovements = R"(
with movement as (
    select m.channel, m.type || ' ' || m.channel_txn_id as name, m.amount_minor, m.currency, m.entry_id,
           'movement:' || m.channel || ':' || m.type || ':' || m.channel_txn_id as source_key
    from payments.movements m where m.tenant_id = $1)
select 'movement ' || m.channel || ' ' || m.name,
       case when e.entry_id is null then 'is booked by entry ' || m.entry_id || ', which is not there'
            when e.source_key <> m.source_key then 'is booked by entry ' || m.entry_id || ', which is another one''s'
            else 'is of ' || m.amount_minor || ' ' || m.currency || ', and entry ' || m.entry_id || ' booked '
                 || b.amount end
from movement m left join ledger.entries e on e.tenant_id = $1 and e.entry_id = m.entry_id
cross join lateral (select coalesce(sum(l.amount), 0) as amount
                    from unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) as l (account, currency, amount)
                    where l.currency = m.currency and l.account in ('transit:payment:' || m.channel,
                                                                    'transit:funds:' || m.channel)) b
where m.entry_id is not null and (e.entry_id is null or e.source_key <> m.source_key or b.amount <> m.amount_minor)
union all
select 'entry ' || e.entry_id, 'books a movement that is not there, or that another entry booked'
from ledger.entries e
where e.tenant_id = $1 and e.source_key like 'movement:%' and e.source_key not like '%:again:%'
  and not exists (select from movement m where m.source_key = e.source_key and m.entry_id = e.entry_id)
order by 1)";

// What follows from the first words of an account's name.
std::string kind_of(const std::string& account) {
    struct Kind {
        const char* prefix;
        const char* kind;
    };
    constexpr std::array<Kind, 11> kKinds = {{{"receivable:", "asset"},
                                              {"transit:payment:", "asset"},
                                              {"transit:funds:", "asset"},
                                              {"transit:customer:", "liability"},
                                              {"transit:payout:", "liability"},
                                              {"bank:", "asset"},
                                              {"payable:", "liability"},
                                              {"deferred:", "liability"},
                                              {"income:", "income"},
                                              {"expense:", "expense"},
                                              {"prepaid:", "liability"}}};
    for (const auto& [prefix, kind] : kKinds) {
        if (account.starts_with(prefix)) {
            return kind;
        }
    }
    return {};
}

std::string text_of(const Sum& sum) {
    return std::to_string(sum.debit) + " debit and " + std::to_string(sum.credit) + " credit";
}

void check_pages(Snapshot& snapshot, const std::string& tenant, Findings& findings) {
    const auto each = [&](const char* sql, const char* what) {
        snapshot.each(sql, {tenant}, [&](const Row& row) {
            findings.add(tenant, "entry " + row.text(0),
                         std::string(what) + " leg " + row.text(1) + " of " + row.text(4) + " " + row.text(3) +
                             (row.is_null(2) ? "" : ", account number " + row.text(2)));
        });
    };
    each(kNotEntered, "is not on its account's pages with its");
    each(kNotSaid, "does not speak of what is on an account's pages: its");
    snapshot.each(kMisplacedPages, {tenant}, [&](const Row& row) {
        findings.add(tenant, "page " + row.text(1) + " of account number " + row.text(0), "has lines of other pages");
    });
}

void check_balances(Snapshot& snapshot, const std::string& tenant, const Sums& sums, Findings& findings) {
    Sums kept;
    snapshot.each(kBalances, {tenant}, [&](const Row& row) {
        kept[{row.text(0), row.text(1)}] = {row.number(2), row.number(3)};
    });
    std::set<std::pair<std::string, std::string>> all;
    for (const auto* side : {&sums, &std::as_const(kept)}) {
        for (const auto& [key, sum] : *side) {
            all.insert(key);
        }
    }
    for (const auto& key : all) {
        const auto said = sums.contains(key) ? sums.at(key) : Sum{};
        const auto stands = kept.contains(key) ? kept.at(key) : Sum{};
        if (said != stands) {
            findings.add(tenant, "account " + key.first + " in " + key.second,
                         "is kept with " + text_of(stands) + ", and its entries add up to " + text_of(said));
        }
    }
}

}  // namespace

void check_accounts(Snapshot& snapshot, const std::string& tenant, Findings& findings) {
    snapshot.each(kAccounts, {tenant}, [&](const Row& row) {
        const auto account = row.text(0);
        if (kind_of(account).empty()) {
            findings.add(tenant, "account " + account, "is none of the chart");
        } else if (kind_of(account) != row.text(1)) {
            findings.add(tenant, "account " + account, "is said to be of the kind " + row.text(1));
        }
    });
    snapshot.each(kAccountNumbers, {tenant}, [&](const Row& row) {
        findings.add(tenant, "account " + row.text(0), "shares its number with another");
    });
    snapshot.each(kUnknownAccounts, {tenant}, [&](const Row& row) {
        findings.add(tenant, "account " + row.text(1), "was never opened, and entry " + row.text(0) + " stands on it");
    });
}

void check_tables(Snapshot& snapshot, const std::string& tenant, const Sums& sums, Findings& findings) {
    check_pages(snapshot, tenant, findings);
    check_balances(snapshot, tenant, sums, findings);
    snapshot.each(kTurnovers, {tenant}, [&](const Row& row) {
        findings.add(tenant, "account " + row.text(0),
                     "has a turnover of " + row.text(1) + " that is " + row.text(2) + " debit and " + row.text(3) +
                         " credit off its entries");
    });
    snapshot.each(kSourcesTwice, {tenant}, [&](const Row& row) {
        findings.add(tenant, "entry " + row.text(0), "has the source key of entry " + row.text(1) + " again");
    });
    snapshot.each(kMovements, {tenant}, [&](const Row& row) { findings.add(tenant, row.text(0), row.text(1)); });
}

}  // namespace verifier

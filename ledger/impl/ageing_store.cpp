#include "ledger/ageing.h"

#include "core/db/work.h"
#include "core/failure.h"
#include "core/money.h"

namespace ledger {
namespace {

// A receivable's lines are read one by one, for their entries say whose they are; of other accounts the days' turnovers
// are enough. What balances an account is taken from its latest days until there is no more of it: what is left of the
// last one reached was cleared with all before it.
constexpr const char* kOpenItems = R"(
declare open_items no scroll cursor for
with asked as materialized (
    select a.account_no, a.account, starts_with(a.account, 'receivable:') as of_orders
    from ledger.accounts a
    where a.tenant_id = $1
      and exists (select from unnest(string_to_array($2, ',')) as name
                  where a.account = name or (right(name, 1) = ':' and starts_with(a.account, name)))),
by_day as (select array(select account_no from asked where not of_orders) as accounts),
by_order as (select array(select account_no from asked where of_orders) as accounts),
line as (
    select t.account_no, t.currency, '' as item, t.starts as day, t.debit_minor as debit, t.credit_minor as credit
    from ledger.turnovers t
    where t.account_no = any ((select accounts from by_day)::bigint[]) and t.tenant_id = $1
      and not t.whole_month and t.starts <= $3::date
    union all
    select w.lines[n][1], w.currency, '', date '2000-01-01' + w.lines[n][5]::integer, greatest(w.lines[n][4], 0),
           greatest(-w.lines[n][4], 0)
    from ledger.new_legs w, generate_subscripts(w.lines, 1) as n
    where w.tenant_id = $1 and w.lines[n][1] = any ((select accounts from by_day)::bigint[])
      and w.lines[n][5] <= $3::date - date '2000-01-01'
    union all
    select l.account_no, l.currency, e.group_key, e.business_date, greatest(l.amount_minor, 0),
           greatest(-l.amount_minor, 0)
    from ledger.legs l join ledger.entries e on e.entry_id = l.entry_id and e.tenant_id = $1
    where l.account_no = any ((select accounts from by_order)::bigint[]) and l.tenant_id = $1
      and e.business_date <= $3::date),
turned_over as (
    select account_no, currency, day, sum(debit) as debit, sum(credit) as credit
    from line where item = '' group by 1, 2, 3),
side as (
    select account_no, currency, day, balance, case when balance > 0 then debit else credit end as amount
    from (select *, sum(debit - credit) over (partition by account_no, currency) as balance from turned_over) stood),
reached as (
    select *, sum(amount) over (partition by account_no, currency order by day desc) - amount as later
    from side where amount > 0),
open as (
    select account_no, currency, '' as item, day, sign(balance) * least(amount, abs(balance) - later) as amount
    from reached where later < abs(balance)
    union all
    select account_no, currency, item, min(day), sum(debit - credit)
    from line where item <> '' group by 1, 2, 3 having sum(debit - credit) <> 0)
select a.account, o.currency, o.item, o.day::text, o.amount::bigint, coalesce(d.due_date, o.day)::text
from open o join asked a using (account_no) left join ledger.due_dates d on d.tenant_id = $1 and d.group_key = o.item
order by a.account collate "C", o.currency collate "C", o.day, o.item collate "C")";
constexpr const char* kNextItems = "fetch 5000 from open_items";

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) {
        text += (text.empty() ? "" : ",") + name;
    }
    return text;
}

core::BusinessDay day_in(const pqxx::field& field) {
    const auto day = core::parse_day(field.as<std::string>());
    core::ensure(day.has_value(), "the database holds days that exist");
    return *day;
}

OpenItem item_in(const pqxx::row& row) {
    return {row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::string>(),
            day_in(row[3]),           day_in(row[5]),           row[4].as<std::int64_t>()};
}

void add_up(std::int64_t& sum, std::int64_t minor) {
    const auto next = core::checked_add(sum, minor);
    core::ensure(next.has_value(), "what is open on an account fits 64 bits");
    sum = *next;
}

}  // namespace

void read_open_items(core::db::TenantTransaction& transaction, const OpenItemsQuestion& question,
                     const std::function<void(const OpenItem&)>& take) {
    core::db::run(transaction, kOpenItems, transaction.tenant().text(), joined(question.accounts),
                  core::format_day(question.until));
    while (true) {
        const auto rows = core::db::run(transaction, kNextItems);
        for (const auto& row : rows) {
            take(item_in(row));
        }
        if (rows.empty()) {
            break;
        }
    }
}

std::size_t bucket_of(int days) {
    std::size_t bucket = 0;
    for (const int most : {0, 30, 60, 90}) {
        bucket += days > most ? 1 : 0;
    }
    return bucket;
}

void Ageing::add(const OpenItem& item) {
    add_up(accounts_[{item.account, item.currency}].at(bucket_of(days_past_due(item))), item.amount_minor);
}

std::int64_t total_of(const Buckets& buckets) {
    std::int64_t sum = 0;
    for (const auto minor : buckets) {
        add_up(sum, minor);
    }
    return sum;
}

}  // namespace ledger

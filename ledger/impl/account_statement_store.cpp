#include "ledger/account_statement.h"

#include "core/db/work.h"
#include "core/failure.h"
#include "core/money.h"

namespace ledger {
namespace {

// What stood before the first day, a row a currency without an entry, and then the lines: one statement, so that both
// are of one moment.
constexpr const char* kStatement = R"(
declare statement_of_account no scroll cursor for
with own as (select account_no from ledger.accounts where tenant_id = $1 and account = $2),
before as (
    select currency, debit_minor - credit_minor as amount from ledger.turnovers
    where account_no = (select account_no from own) and tenant_id = $1 and not whole_month and starts < $3::date
    union all
    select w.currency, w.lines[n][4]
    from ledger.new_legs w, generate_subscripts(w.lines, 1) as n
    where w.tenant_id = $1 and w.lines[n][1] = (select account_no from own)
      and w.lines[n][5] < $3::date - date '2000-01-01')
select * from (
    select null as entry_id, '' as day, '' as event, '' as description, currency, sum(amount)::bigint, null as leg_no,
           null as due_date
    from before group by currency
    union all
    select e.entry_id, e.business_date::text, e.event, e.description, l.currency, l.amount_minor, l.leg_no,
           case when l.amount_minor > 0 and starts_with($2::text, 'receivable:') then (
               select d.due_date::text from ledger.due_dates d
               where d.tenant_id = $1 and d.group_key = e.group_key) end
    from ledger.legs l join ledger.entries e on e.entry_id = l.entry_id and e.tenant_id = $1
    where l.account_no = (select account_no from own) and l.tenant_id = $1
      and e.business_date >= coalesce($3::date, '-infinity') and e.business_date <= coalesce($4::date, 'infinity')) of_days
order by day collate "C", entry_id, leg_no)";
constexpr const char* kNextLines = "fetch 5000 from statement_of_account";

std::optional<std::string> text_of(const std::optional<core::BusinessDay>& day) {
    return day ? std::optional(core::format_day(*day)) : std::nullopt;
}

AccountLine line_in(const pqxx::row& row) {
    return {core::EntryId(row[0].as<std::int64_t>()),
            row[1].as<std::string>(),
            row[2].as<std::string>(),
            row[3].as<std::string>(),
            row[4].as<std::string>(),
            row[5].as<std::int64_t>(),
            row[7].as<std::string>("")};
}

void take_row(const pqxx::row& row, StatementEnds& ends, const std::function<void(const StatementLine&)>& take) {
    const auto code = row[4].as<std::string>();
    auto& balance = ends.closing[code];
    const auto next = core::checked_add(balance, row[5].as<std::int64_t>());
    core::ensure(next.has_value(), "what stands on an account fits 64 bits");
    balance = *next;
    if (row[0].is_null()) {
        ends.opening[code] = balance;
    } else {
        ends.opening.try_emplace(code, 0);
        take({line_in(row), balance});
    }
}

}  // namespace

StatementEnds read_statement(core::db::TenantTransaction& transaction, const std::string& account,
                             const DayRange& range, const std::function<void(const StatementLine&)>& take) {
    core::db::run(transaction, kStatement, transaction.tenant().text(), account, text_of(range.from),
                  text_of(range.until));
    StatementEnds ends;
    while (true) {
        const auto rows = core::db::run(transaction, kNextLines);
        for (const auto& row : rows) {
            take_row(row, ends, take);
        }
        if (rows.empty()) {
            break;
        }
    }
    return ends;
}

}  // namespace ledger

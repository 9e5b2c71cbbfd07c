#include "ledger/books.h"

#include "core/db/work.h"
#include "core/failure.h"
#include "ledger/batch.h"

namespace ledger {
namespace {

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
where l.tenant_id = $1 and l.account = $2 and l.amount_minor <> 0 and l.entry_id > $3
order by l.entry_id, l.leg_no limit $4)";

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

}  // namespace

std::optional<core::EntryId> post(core::db::TenantTransaction& transaction, const Entry& entry) {
    core::db::Trip first(transaction);
    const EntryNumbers numbers(first, 1);
    first.run();
    core::db::Trip second(transaction);
    AccountsToOpen accounts;
    const NewEntries posted(second, {{transaction.tenant(), entry}}, numbers.all(first), accounts);
    second.run();
    return posted.ids(second).front();
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

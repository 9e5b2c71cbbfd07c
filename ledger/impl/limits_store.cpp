#include "ledger/limits.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/db/column.h"
#include "core/db/work.h"
#include "core/failure.h"

namespace ledger {
namespace {

using core::db::Statement;
using core::db::TextColumn;

// In the order given, which is sorted: two transactions that want the same locks take them in the same order.
constexpr Statement kLock{"lock_accounts", R"(
select count(pg_advisory_xact_lock(hashtextextended(g.name, 0)))
from (select name from unnest($1::text[]) with ordinality as n (name, place) order by place) g)"};

constexpr Statement kEndLapsed{"end_lapsed_holds", R"(
update ledger.holds h set state = 'expired', ended_at = $4::timestamptz
from unnest($1::text[], $2::text[], $3::text[]) as a (tenant_id, account, currency)
where h.account = a.account and h.currency = a.currency and h.tenant_id = a.tenant_id and h.state = 'pending'
  and h.expires_at <= $4::timestamptz
returning h.hold_id)"};

// All of one snapshot. A row for each account asked for, with its place; and a row for each of their numbers that has
// legs waiting for balances, without one: those of a tenant are gone through once, however many accounts are asked for.
constexpr Statement kAvailable{"available_on_accounts", R"(
with asked as materialized (
    select a.place, a.tenant_id, a.account, a.currency, k.account_no
    from unnest($1::text[], $2::text[], $3::text[]) with ordinality as a (tenant_id, account, currency, place)
    left join ledger.accounts k on k.tenant_id = a.tenant_id and k.account = a.account)
select q.place, q.account_no, q.currency,
       coalesce((select b.debit_minor - b.credit_minor from ledger.balances b
                 where b.account_no = q.account_no and b.currency = q.currency and b.tenant_id = q.tenant_id), 0),
       coalesce((select sum(h.amount_minor)::bigint from ledger.holds h
                 where h.account = q.account and h.currency = q.currency and h.tenant_id = q.tenant_id
                   and h.state = 'pending' and h.expires_at > $4::timestamptz), 0),
       (select l.overdraft_minor from ledger.limits l
        where l.account = q.account and l.currency = q.currency and l.tenant_id = q.tenant_id
        order by l.limit_no desc limit 1)
from asked q
union all
select null, w.lines[n][1], w.currency, sum(w.lines[n][4])::bigint, null, null
from ledger.new_legs w, generate_subscripts(w.lines, 1) as n
where w.tenant_id = any (array(select distinct tenant_id from asked))
  and (w.lines[n][1] in (select account_no from asked where account_no is not null)) is true
group by 2, 3)"};

constexpr const char* kSetLimit = R"(
insert into ledger.limits (tenant_id, account, currency, overdraft_minor, set_at, set_by)
values ($1, $2, $3, $4, $5::timestamptz, $6))";

constexpr const char* kLimits = R"(
select limit_no, account, currency, overdraft_minor, (extract(epoch from set_at) * 1000)::bigint, set_by
from ledger.limits where tenant_id = $1
order by account collate "C", currency collate "C", limit_no desc)";

// Whoever posts by hand holds it in common, and whoever sets a limit alone: an entry that did not ask is committed
// before the account has its limit.
constexpr const char* kShareLimits = "select pg_advisory_xact_lock_shared(hashtextextended('limits of ' || $1, 0))";
constexpr const char* kOwnLimits = "select pg_advisory_xact_lock(hashtextextended('limits of ' || $1, 0))";

std::string lock_of(const AccountKey& key) {
    return "available " + key.tenant.text() + " " + std::string(key.currency.code()) + " " + key.account.name();
}

void lock(core::db::Trip& trip, const std::vector<AccountKey>& accounts) {
    std::set<std::string> sorted;
    for (const auto& key : accounts) {
        sorted.insert(lock_of(key));
    }
    TextColumn names;
    for (const auto& name : sorted) {
        names.add(name);
    }
    trip.add(kLock, std::move(names));
}

struct KeyColumns {
    TextColumn tenants, accounts, currencies;

    explicit KeyColumns(const std::vector<AccountKey>& keys) {
        for (const auto& key : keys) {
            tenants.add(key.tenant.text());
            accounts.add(key.account.name());
            currencies.add(key.currency.code());
        }
    }
};

std::size_t ask(core::db::Trip& trip, const std::vector<AccountKey>& accounts, core::Instant now) {
    KeyColumns columns(accounts);
    return trip.add(kAvailable, std::move(columns.tenants), std::move(columns.accounts), std::move(columns.currencies),
                    core::format_rfc3339(now));
}

std::int64_t sum(std::int64_t one, std::int64_t other) {
    const auto both = core::checked_add(one, other);
    core::ensure(both.has_value(), "a balance fits 64 bits");
    return *both;
}

std::map<AccountKey, Available> read(const core::db::Rows& rows, const std::vector<AccountKey>& accounts) {
    std::map<std::pair<std::string_view, std::string_view>, std::int64_t> waiting;  // by account's number and currency
    for (const auto& row : rows) {
        if (row.text(0).empty()) {
            waiting[{row.text(1), row.text(2)}] = row.integer(3);
        }
    }
    std::map<AccountKey, Available> all;
    for (const auto& row : rows) {
        if (row.text(0).empty()) {
            continue;
        }
        const auto& key = accounts.at(static_cast<std::size_t>(row.integer(0)) - 1);
        const auto found = waiting.find({row.text(1), row.text(2)});
        const auto debits = sum(row.integer(3), found == waiting.end() ? 0 : found->second);
        Available one{-taking_sign(key.account.kind()) * debits, row.integer(4), std::nullopt};
        if (!row.text(5).empty()) {
            one.overdraft = row.integer(5);
        }
        all.emplace(key, one);
    }
    return all;
}

}  // namespace

std::int64_t Available::available() const { return sum(posted, -held); }
std::int64_t Available::to_be_taken() const { return sum(available(), overdraft.value_or(0)); }

AvailableQuestion::AvailableQuestion(core::db::Trip& trip, std::vector<AccountKey> accounts, core::Instant now)
    : accounts_(std::move(accounts)) {
    std::sort(accounts_.begin(), accounts_.end());
    accounts_.erase(std::unique(accounts_.begin(), accounts_.end()), accounts_.end());
    lock(trip, accounts_);
    KeyColumns columns(accounts_);
    lapsed_ = trip.add(kEndLapsed, std::move(columns.tenants), std::move(columns.accounts),
                       std::move(columns.currencies), core::format_rfc3339(now));
    place_ = ask(trip, accounts_, now);
}

std::map<AccountKey, Available> AvailableQuestion::answer(const core::db::Trip& trip) const {
    return read(trip[place_], accounts_);
}

std::size_t AvailableQuestion::lapsed(const core::db::Trip& trip) const { return trip[lapsed_].size(); }

Available available(core::db::TenantTransaction& transaction, const Account& account, core::Currency currency,
                    core::Instant now) {
    const std::vector<AccountKey> keys{{transaction.tenant(), account, currency}};
    core::db::Trip trip(transaction);
    const auto place = ask(trip, keys, now);
    trip.run();
    return read(trip[place], keys).at(keys.front());
}

std::string beyond_limit(const AccountKey& key, const Available& before, std::int64_t taken) {
    return key.account.name() + ": " + std::to_string(taken) + " would be taken, and " +
           std::to_string(before.available()) + " is available with an overdraft of " +
           std::to_string(before.overdraft.value_or(0)) + " (minor units of " + std::string(key.currency.code()) +
           "); raise its limit, or take less";
}

void set_limit(core::db::TenantTransaction& transaction, const Account& account, core::Currency currency,
               std::optional<std::int64_t> overdraft_minor, core::Instant now, const std::string& set_by) {
    const auto& tenant = transaction.tenant().text();
    core::db::run(transaction, kOwnLimits, tenant);
    core::db::Trip trip(transaction);
    lock(trip, {{transaction.tenant(), account, currency}});
    trip.run();
    core::db::run(transaction, kSetLimit, tenant, account.name(), std::string(currency.code()), overdraft_minor,
                  core::format_rfc3339(now), set_by);
}

std::vector<Limit> limits(core::db::TenantTransaction& transaction) {
    std::vector<Limit> all;
    for (const auto& row : core::db::run(transaction, kLimits, transaction.tenant().text())) {
        all.push_back({row[0].as<std::int64_t>(), row[1].as<std::string>(), row[2].as<std::string>(),
                       row[3].is_null() ? std::nullopt : std::optional(row[3].as<std::int64_t>()),
                       core::Instant(std::chrono::milliseconds(row[4].as<std::int64_t>())), row[5].as<std::string>()});
    }
    return all;
}

LimitedAccounts::LimitedAccounts(core::db::TenantTransaction& transaction, const std::vector<Entry>& entries,
                                 core::Instant now)
    : tenant_(transaction.tenant()) {
    core::db::run(transaction, kShareLimits, tenant_.text());
    std::set<std::pair<std::string, std::string>> seen;
    std::set<std::pair<std::string, std::string>> limited;
    for (const auto& limit : limits(transaction)) {
        const std::pair key(limit.account, limit.currency);
        if (seen.insert(key).second && limit.overdraft_minor) {
            limited.insert(key);
        }
    }
    std::vector<AccountKey> accounts;
    for (const auto& entry : entries) {
        for (const auto& leg : entry.legs()) {
            if (limited.contains({leg.account.name(), std::string(leg.amount.currency().code())})) {
                accounts.push_back({tenant_, leg.account, leg.amount.currency()});
            }
        }
    }
    if (accounts.empty()) {
        return;
    }
    core::db::Trip trip(transaction);
    const AvailableQuestion question(trip, std::move(accounts), now);
    trip.run();
    before_ = question.answer(trip);
}

void LimitedAccounts::posted(const Entry& entry) {
    for (const auto& leg : entry.legs()) {
        const AccountKey key{tenant_, leg.account, leg.amount.currency()};
        if (before_.contains(key)) {
            taken_[key] = sum(taken_[key], taking_sign(leg.account.kind()) * leg.amount.minor());
        }
    }
}

std::optional<std::string> LimitedAccounts::complaint() const {
    for (const auto& [key, taken] : taken_) {
        const auto& before = before_.at(key);
        if (taken > 0 && !before.covers(taken)) {
            return beyond_limit(key, before, taken);
        }
    }
    return std::nullopt;
}

}  // namespace ledger

#include "core/db/work.h"
#include "ledger/journal.h"

namespace ledger {
namespace {

// A row for each leg, an entry's together.
constexpr const char* kEntries = R"(
with page as materialized (
    select * from ledger.entries
    where tenant_id = $1 and ($2::bigint is null or entry_id < $2) and ($3::text is null or event = $3)
      and ($4::text is null or source_key = $4)
      and business_date >= coalesce($5::date, '-infinity') and business_date <= coalesce($6::date, 'infinity')
    order by entry_id desc limit $7)
select e.entry_id, e.event, e.source_key, e.group_key, e.description,
       (extract(epoch from e.occurred_at) * 1000)::bigint, e.business_date::text,
       (extract(epoch from e.recorded_at) * 1000)::bigint, l.leg_no, l.account, l.currency, l.amount
from page e, unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) with ordinality
     as l (account, currency, amount, leg_no)
order by e.entry_id desc, l.leg_no)";

constexpr const char* kAccounts = R"(
select account, kind, (extract(epoch from opened_at) * 1000)::bigint
from ledger.accounts
where tenant_id = $1 and starts_with(account, $2) and account collate "C" > $3
order by account collate "C" limit $4)";

constexpr const char* kHasAccount = "select from ledger.accounts where tenant_id = $1 and account = $2";

core::Instant instant(const pqxx::field& field) {
    return core::Instant(std::chrono::milliseconds(field.as<std::int64_t>()));
}

StoredEntry without_legs(const pqxx::row& row) {
    return {core::EntryId(row[0].as<std::int64_t>()),
            row[1].as<std::string>(),
            row[2].as<std::string>(),
            row[3].as<std::string>(),
            row[4].as<std::string>(),
            instant(row[5]),
            row[6].as<std::string>(),
            instant(row[7]),
            {}};
}

}  // namespace

std::vector<StoredEntry> list_entries(core::db::TenantTransaction& transaction, const EntryFilter& filter,
                                      std::int64_t limit) {
    const auto day = [](const std::optional<core::BusinessDay>& one) {
        return one ? std::optional(core::format_day(*one)) : std::nullopt;
    };
    const auto before = filter.before ? std::optional(filter.before->number()) : std::nullopt;
    std::vector<StoredEntry> entries;
    for (const auto& row : core::db::run(transaction, kEntries, transaction.tenant().text(), before, filter.event,
                                         filter.source_key, day(filter.days.from), day(filter.days.until), limit)) {
        if (entries.empty() || entries.back().id.number() != row[0].as<std::int64_t>()) {
            entries.push_back(without_legs(row));
        }
        entries.back().legs.push_back(
            {row[8].as<int>(), row[9].as<std::string>(), row[10].as<std::string>(), row[11].as<std::int64_t>()});
    }
    return entries;
}

std::vector<StoredAccount> list_accounts(core::db::TenantTransaction& transaction, const std::string& prefix,
                                         const std::string& after, std::int64_t limit) {
    std::vector<StoredAccount> accounts;
    for (const auto& row : core::db::run(transaction, kAccounts, transaction.tenant().text(), prefix, after, limit)) {
        accounts.push_back({row[0].as<std::string>(), row[1].as<std::string>(), instant(row[2])});
    }
    return accounts;
}

bool has_account(core::db::TenantTransaction& transaction, const std::string& account) {
    return !core::db::run(transaction, kHasAccount, transaction.tenant().text(), account).empty();
}

}  // namespace ledger

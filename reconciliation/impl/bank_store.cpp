#include "reconciliation/impl/bank_store.h"

#include "core/db/array.h"
#include "core/db/work.h"
#include "core/failure.h"

namespace reconciliation {
namespace {

constexpr const char* kKnown = R"(
select 1 from reconciliation.bank_statements where tenant_id = $1 and bank = $2 and sha256 = $3)";
constexpr const char* kBefore = R"(
select day::text, opening_minor, closing_minor, number from reconciliation.bank_statements
where tenant_id = $1 and bank = $2 and day <= $3::date order by day desc, taken_in_at desc limit 1)";
constexpr const char* kAfter = R"(
select day::text, opening_minor, closing_minor, number from reconciliation.bank_statements
where tenant_id = $1 and bank = $2 and day > $3::date order by day, taken_in_at limit 1)";
constexpr const char* kStatement = R"(
insert into reconciliation.bank_statements (tenant_id, bank, sha256, day, currency, number, opening_minor,
    closing_minor, reference, file_name, file_sha256, entry_count)
values ($1, $2, $3, $4::date, $5, $6, $7, $8, $9, $10, $11, $12))";
constexpr const char* kEntries = R"(
insert into reconciliation.bank_entries (tenant_id, bank, sha256, entry_no, booked_on, value_on, amount_minor,
    reference, counterparty, description, evidence)
select $1, $2, $3, e.n, e.booked::date, nullif(e.value, '')::date, e.amount, e.reference, e.counterparty, e.description,
       e.evidence
from unnest($4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[])
     with ordinality as e (booked, value, amount, reference, counterparty, description, evidence, n))";

constexpr const char* kTurnover = R"(
select e.business_date::text, e.event in ('manual', 'reversal'), sum(l.amount_minor)::bigint
from ledger.accounts a
join ledger.legs l on l.account_no = a.account_no and l.tenant_id = a.tenant_id
join ledger.entries e on e.tenant_id = l.tenant_id and e.entry_id = l.entry_id
where a.tenant_id = $1 and a.account = $2 and l.currency = $3 and e.business_date <= $4::date
  and e.event <> 'settlement'
group by 1, 2 order by 1)";
constexpr const char* kSettled = R"(
select p.settled_day::text, sum(p.amount_minor)::bigint
from reconciliation.bank_settlements p
join reconciliation.bank_statements s on s.tenant_id = p.tenant_id and s.bank = p.bank and s.sha256 = p.sha256
where p.tenant_id = $1 and p.channel = $2 and p.currency = $3 and ($4::date is null or s.day <= $4::date)
group by 1 order by 1)";
constexpr const char* kExplaining = R"(
select e.entry_id
from ledger.accounts a
join ledger.legs l on l.account_no = a.account_no and l.tenant_id = a.tenant_id
join ledger.entries e on e.tenant_id = l.tenant_id and e.entry_id = l.entry_id
where a.tenant_id = $1 and a.account = 'bank:' || $2 and l.currency = $3 and e.event <> 'settlement'
  and e.business_date between $4::date - 7 and $4::date
  and not exists (select from reconciliation.bank_matches m
                  where m.tenant_id = $1 and m.bank = $2 and m.entry_id = e.entry_id)
group by e.entry_id, e.business_date having sum(l.amount_minor) = $5::bigint
order by e.business_date, e.entry_id limit 1)";
constexpr const char* kMatch = R"(
insert into reconciliation.bank_matches (tenant_id, bank, sha256, entry_no, entry_id) values ($1, $2, $3, $4, $5))";
constexpr const char* kSettlement = R"(
insert into reconciliation.bank_settlements (tenant_id, bank, sha256, entry_no, settled_day, channel, currency,
    amount_minor)
select $1, $2, $3, $4, d.day::date, $5, $6, d.amount from unnest($7::text[], $8::bigint[]) as d (day, amount))";

#define STATEMENTS                                                                          \
    "select s.sha256, s.file_name, s.file_sha256, s.day::text, s.number, s.opening_minor, " \
    "s.closing_minor, s.entry_count, "                                                      \
    "(select count(*) from reconciliation.bank_matches m "                                  \
    " where m.tenant_id = s.tenant_id and m.bank = s.bank and m.sha256 = s.sha256) "        \
    "from reconciliation.bank_statements s where s.tenant_id = $1 and s.bank = $2 "
constexpr const char* kStatements = STATEMENTS "order by s.day desc, s.taken_in_at desc limit $3";
constexpr const char* kStatementsOf = STATEMENTS "and s.day = $3::date order by s.taken_in_at, s.sha256";
#undef STATEMENTS

// Of the statements from one day to another; all, or what nothing explains.
constexpr const char* kEntriesOf = R"(
select e.sha256, e.entry_no, e.booked_on::text, e.amount_minor, e.reference, e.counterparty, e.description, e.evidence,
       m.entry_id, coalesce(p.channel, ''), p.first_day::text, p.last_day::text
from reconciliation.bank_statements s
join reconciliation.bank_entries e on e.tenant_id = s.tenant_id and e.bank = s.bank and e.sha256 = s.sha256
left join reconciliation.bank_matches m
    on m.tenant_id = e.tenant_id and m.bank = e.bank and m.sha256 = e.sha256 and m.entry_no = e.entry_no
left join lateral (
    select min(channel) as channel, min(settled_day) as first_day, max(settled_day) as last_day
    from reconciliation.bank_settlements p
    where p.tenant_id = e.tenant_id and p.bank = e.bank and p.sha256 = e.sha256 and p.entry_no = e.entry_no) p on true
where s.tenant_id = $1 and s.bank = $2 and s.day between $3::date and $4::date and ($5::boolean or m.entry_id is null)
order by s.taken_in_at, s.sha256, e.entry_no)";

template <typename T>
std::optional<T> maybe(const pqxx::field& field) {
    return field.is_null() ? std::nullopt : std::optional(field.as<T>());
}

core::BusinessDay stored_day(const pqxx::field& field) {
    const auto day = core::parse_day(field.as<std::string>());
    core::ensure(day.has_value(), "the database keeps days that exist");
    return *day;
}

std::vector<StoredBankEntry> read_entries(core::db::TenantTransaction& transaction, const std::string& bank,
                                          core::BusinessDay from, core::BusinessDay to, bool explained_too) {
    std::vector<StoredBankEntry> entries;
    for (const auto& row : core::db::run(transaction, kEntriesOf, transaction.tenant().text(), bank,
                                         core::format_day(from), core::format_day(to), explained_too)) {
        const auto day_at = [&](int column) {
            return row[column].is_null() ? std::nullopt : std::optional(stored_day(row[column]));
        };
        entries.push_back({row[0].as<std::string>(), row[1].as<std::int64_t>(), stored_day(row[2]),
                           row[3].as<std::int64_t>(), row[4].as<std::string>(), row[5].as<std::string>(),
                           row[6].as<std::string>(), row[7].as<std::string>(), maybe<std::int64_t>(row[8]),
                           row[9].as<std::string>(), day_at(10), day_at(11)});
    }
    return entries;
}

void require_fits(const payments::bank::Statement& statement, const std::optional<payments::bank::Break>& gap) {
    if (gap) {
        throw core::InputError(
            payments::StatementRefusal{statement.file, statement.line, gap->field, gap->what, gap->remedy}.message());
    }
}

std::optional<payments::bank::Link> neighbour(core::db::TenantTransaction& transaction, const char* sql,
                                              const std::string& bank, core::BusinessDay day) {
    const auto rows = core::db::run(transaction, sql, transaction.tenant().text(), bank, core::format_day(day));
    if (rows.empty()) {
        return std::nullopt;
    }
    return payments::bank::Link{stored_day(rows[0][0]), maybe<std::int64_t>(rows[0][1]),
                                maybe<std::int64_t>(rows[0][2]), maybe<std::int64_t>(rows[0][3])};
}

void require_follows(core::db::TenantTransaction& transaction, const config::Bank& bank,
                     const payments::bank::Statement& statement) {
    const auto own = payments::bank::link_of(statement);
    if (const auto before = neighbour(transaction, kBefore, bank.name, statement.day)) {
        require_fits(statement, payments::bank::break_between(*before, own, bank.currency));
    }
    if (const auto after = neighbour(transaction, kAfter, bank.name, statement.day)) {
        auto gap = payments::bank::break_between(own, *after, bank.currency);
        if (gap) {
            gap->what = "doesn't lead to the statement of " + core::format_day(after->day) + ", which is here already";
        }
        require_fits(statement, gap);
    }
}

void store_entries(core::db::TenantTransaction& transaction, const config::Bank& bank,
                   const payments::bank::Statement& statement) {
    std::vector<std::string> booked, value, reference, counterparty, description, evidence;
    std::vector<std::int64_t> amounts;
    for (const auto& entry : statement.entries) {
        booked.push_back(core::format_day(entry.booked));
        value.push_back(entry.value ? core::format_day(*entry.value) : "");
        amounts.push_back(entry.amount_minor);
        reference.push_back(entry.reference);
        counterparty.push_back(entry.counterparty);
        description.push_back(entry.description);
        evidence.push_back(statement.file + ":" + std::to_string(entry.line));
    }
    core::db::run(transaction, kEntries, transaction.tenant().text(), bank.name, statement.sha256,
                  core::db::text_array(booked), core::db::text_array(value), core::db::integer_array(amounts),
                  core::db::text_array(reference), core::db::text_array(counterparty),
                  core::db::text_array(description), core::db::text_array(evidence));
}

std::vector<StoredBankStatement> statements_from(const pqxx::result& rows) {
    std::vector<StoredBankStatement> statements;
    for (const auto& row : rows) {
        statements.push_back({row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::string>(),
                              stored_day(row[3]), maybe<std::int64_t>(row[4]), maybe<std::int64_t>(row[5]),
                              maybe<std::int64_t>(row[6]), row[7].as<std::int64_t>(), row[8].as<std::int64_t>()});
    }
    return statements;
}

}  // namespace

std::size_t store_statements(core::db::TenantTransaction& transaction, const config::Bank& bank,
                             const std::vector<const payments::bank::Statement*>& statements) {
    std::size_t fresh = 0;
    for (const auto* statement : statements) {
        const auto tenant = transaction.tenant().text();
        if (!core::db::run(transaction, kKnown, tenant, bank.name, statement->sha256).empty()) {
            continue;
        }
        require_follows(transaction, bank, *statement);
        const auto link = payments::bank::link_of(*statement);
        core::db::run(transaction, kStatement, tenant, bank.name, statement->sha256, core::format_day(statement->day),
                      std::string(bank.currency.code()), link.number, link.opening_minor, link.closing_minor,
                      statement->reference, statement->file, statement->file_sha256,
                      static_cast<std::int64_t>(statement->entries.size()));
        store_entries(transaction, bank, *statement);
        ++fresh;
    }
    return fresh;
}

Turnover turnover_of(core::db::TenantTransaction& transaction, const std::string& account, const std::string& currency,
                     core::BusinessDay until) {
    Turnover turnover;
    for (const auto& row : core::db::run(transaction, kTurnover, transaction.tenant().text(), account, currency,
                                         core::format_day(until))) {
        const auto minor = row[2].as<std::int64_t>();
        if (row[1].as<bool>()) {
            const auto sum = core::checked_add(turnover.by_hand_minor, minor);
            core::ensure(sum.has_value(), "what people posted fits 64 bits");
            turnover.by_hand_minor = *sum;
        } else {
            turnover.days.push_back({stored_day(row[0]), minor});
        }
    }
    return turnover;
}

std::vector<OpenDay> settled_days(core::db::TenantTransaction& transaction, const std::string& channel,
                                  const std::string& currency, std::optional<core::BusinessDay> until) {
    std::vector<OpenDay> days;
    const auto text = until ? std::optional(core::format_day(*until)) : std::nullopt;
    for (const auto& row : core::db::run(transaction, kSettled, transaction.tenant().text(), channel, currency, text)) {
        days.push_back({stored_day(row[0]), row[1].as<std::int64_t>()});
    }
    return days;
}

std::optional<std::int64_t> explaining_entry(core::db::TenantTransaction& transaction, const config::Bank& bank,
                                             const StoredBankEntry& entry) {
    const auto rows =
        core::db::run(transaction, kExplaining, transaction.tenant().text(), bank.name,
                      std::string(bank.currency.code()), core::format_day(entry.booked), entry.amount_minor);
    return rows.empty() ? std::nullopt : std::optional(rows[0][0].as<std::int64_t>());
}

void store_match(core::db::TenantTransaction& transaction, const std::string& bank, const StoredBankEntry& entry,
                 std::int64_t entry_id) {
    core::db::run(transaction, kMatch, transaction.tenant().text(), bank, entry.sha256, entry.number, entry_id);
}

void store_settlement(core::db::TenantTransaction& transaction, const config::Bank& bank, const StoredBankEntry& entry,
                      const std::string& channel, std::span<const OpenDay> days) {
    std::vector<std::string> names;
    std::vector<std::int64_t> amounts;
    for (const auto& day : days) {
        names.push_back(core::format_day(day.day));
        amounts.push_back(day.minor);
    }
    core::db::run(transaction, kSettlement, transaction.tenant().text(), bank.name, entry.sha256, entry.number, channel,
                  std::string(bank.currency.code()), core::db::text_array(names), core::db::integer_array(amounts));
}

std::vector<StoredBankStatement> bank_statements_of(core::db::TenantTransaction& transaction, const std::string& bank,
                                                    core::BusinessDay day) {
    return statements_from(
        core::db::run(transaction, kStatementsOf, transaction.tenant().text(), bank, core::format_day(day)));
}

std::vector<StoredBankStatement> list_bank_statements(core::db::TenantTransaction& transaction, const std::string& bank,
                                                      std::int64_t limit) {
    return statements_from(core::db::run(transaction, kStatements, transaction.tenant().text(), bank, limit));
}

std::vector<StoredBankEntry> bank_entries_of(core::db::TenantTransaction& transaction, const std::string& bank,
                                             core::BusinessDay day) {
    return read_entries(transaction, bank, day, day, true);
}

std::vector<StoredBankEntry> unexplained_entries(core::db::TenantTransaction& transaction, const std::string& bank,
                                                 core::BusinessDay from, core::BusinessDay until) {
    return read_entries(transaction, bank, from, core::day_before(until), false);
}

}  // namespace reconciliation

// What rules added up, by run.
#include <utility>

#include "core/db/array.h"
#include "core/db/work.h"
#include "core/failure.h"
#include "core/money.h"
#include "reconciliation/impl/day_store.h"

namespace reconciliation {
namespace {

constexpr const char* kUsedElsewhere = R"(
select side, type, item_key, business_date::text, rule, group_no, amount_minor, currency, evidence
from reconciliation.rule_matches
where tenant_id = $1 and channel = $2 and business_date <> $3::date and item_key = any ($4::text[]))";

constexpr const char* kOfDayElsewhere = R"(
select r.type, r.item_key
from reconciliation.rule_matches r
join payments.movements m on m.channel_txn_id = r.item_key and m.tenant_id = r.tenant_id and m.channel = r.channel
    and m.type = r.type
where r.tenant_id = $1 and r.channel = $2 and r.business_date <> $3::date and m.business_date = $3::date)";

constexpr const char* kForget =
    "delete from reconciliation.rule_matches where tenant_id = $1 and channel = $2 and business_date = $3::date";
constexpr const char* kUse = R"(
insert into reconciliation.rule_matches (tenant_id, channel, side, type, item_key, business_date, rule, group_no,
    amount_minor, currency, evidence)
select $1, $2, u.side, u.type, u.key, $3::date, u.rule, u.group_no, u.amount, u.currency, u.evidence
from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::int[], $9::bigint[], $10::text[], $11::text[])
    as u (side, type, key, rule, group_no, amount, currency, evidence))";

RuleUse read_use(const pqxx::row& row) {
    const auto type = payments::transaction_type_from(row[1].as<std::string>());
    const auto day = core::parse_day(row[3].as<std::string>());
    core::ensure(type && day, "the database holds types and days that we know");
    RuleUse use{row[0].as<std::string>() == "ledger" ? Side::ledger : Side::channel,
                *day,
                row[4].as<std::string>(),
                row[5].as<int>(),
                {}};
    use.record.type = *type;
    use.record.channel_txn_id = row[2].as<std::string>();
    use.record.amount = row[6].as<std::int64_t>();
    use.record.currency = row[7].as<std::string>();
    use.record.evidence = row[8].as<std::string>();
    use.record.business_day = *day;
    return use;
}

}  // namespace

std::vector<RuleUse> used_by_rules(core::db::TenantTransaction& transaction, std::string_view channel,
                                   core::BusinessDay day, const std::vector<std::string>& item_keys) {
    std::vector<RuleUse> uses;
    for (const auto& row : core::db::run(transaction, kUsedElsewhere, transaction.tenant().text(), std::string(channel),
                                         core::format_day(day), core::db::text_array(item_keys))) {
        uses.push_back(read_use(row));
    }
    return uses;
}

std::vector<std::pair<payments::TransactionType, std::string>> movements_in_rules(
    core::db::TenantTransaction& transaction, std::string_view channel, core::BusinessDay day) {
    std::vector<std::pair<payments::TransactionType, std::string>> names;
    for (const auto& row : core::db::run(transaction, kOfDayElsewhere, transaction.tenant().text(),
                                         std::string(channel), core::format_day(day))) {
        const auto type = payments::transaction_type_from(row[0].as<std::string>());
        core::ensure(type.has_value(), "the database holds types that we know");
        names.emplace_back(*type, row[1].as<std::string>());
    }
    return names;
}

void store_rule_uses(core::db::TenantTransaction& transaction, std::string_view channel, core::BusinessDay day,
                     const std::vector<RuleUse>& uses) {
    const std::string tenant = transaction.tenant().text();
    const std::string of_channel(channel);
    const std::string of_day = core::format_day(day);
    core::db::run(transaction, kForget, tenant, of_channel, of_day);
    if (uses.empty()) {
        return;
    }
    std::vector<std::string> sides, types, keys, rules, currencies, evidence;
    std::vector<std::int64_t> groups, amounts;
    for (const auto& use : uses) {
        sides.emplace_back(use.side == Side::ledger ? "ledger" : "channel");
        types.emplace_back(payments::name_of(use.record.type));
        keys.push_back(item_key(use.record));
        rules.push_back(use.rule);
        groups.push_back(use.group_no);
        amounts.push_back(use.record.amount);
        currencies.push_back(use.record.currency);
        evidence.push_back(use.record.evidence);
    }
    using core::db::integer_array;
    using core::db::text_array;
    core::db::run(transaction, kUse, tenant, of_channel, of_day, text_array(sides), text_array(types), text_array(keys),
                  text_array(rules), integer_array(groups), integer_array(amounts), text_array(currencies),
                  text_array(evidence));
}

}  // namespace reconciliation

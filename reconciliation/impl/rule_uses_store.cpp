// What rules added up, by run.
#include <utility>

#include "core/db/array.h"
#include "core/db/work.h"
#include "core/failure.h"
#include "core/money.h"
#include "reconciliation/impl/day_store.h"

namespace reconciliation {
namespace {

constexpr core::db::Statement kUsedElsewhere{"rules_used_elsewhere", R"(
select side, type, item_key, business_date::text, rule, group_no, amount_minor, currency, evidence
from reconciliation.rule_matches
where tenant_id = $1 and channel = $2 and business_date <> $3::date and item_key = any ($4::text[]))"};

constexpr core::db::Statement kOfDayElsewhere{"rules_of_day_elsewhere", R"(
select r.type, r.item_key
from reconciliation.rule_matches r
join payments.movements m on m.channel_txn_id = r.item_key and m.tenant_id = r.tenant_id and m.channel = r.channel
    and m.type = r.type
where r.tenant_id = $1 and r.channel = $2 and r.business_date <> $3::date and m.business_date = $3::date)"};

constexpr core::db::Statement kForget{
    "rules_forget",
    "delete from reconciliation.rule_matches where tenant_id = $1 and channel = $2 and business_date = $3::date"};
constexpr core::db::Statement kUse{"rules_use", R"(
insert into reconciliation.rule_matches (tenant_id, channel, side, type, item_key, business_date, rule, group_no,
    amount_minor, currency, evidence)
select $1, $2, u.side, u.type, u.key, $3::date, u.rule, u.group_no, u.amount, u.currency, u.evidence
from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::int[], $9::bigint[], $10::text[], $11::text[])
    as u (side, type, key, rule, group_no, amount, currency, evidence))"};

RuleUse read_use(core::db::Rows::Row row) {
    const auto type = payments::transaction_type_from(row.text(1));
    const auto day = core::parse_day(row.text(3));
    core::ensure(type && day, "the database holds types and days that we know");
    RuleUse use{row.text(0) == "ledger" ? Side::ledger : Side::channel,
                *day,
                std::string(row.text(4)),
                static_cast<int>(row.integer(5)),
                {}};
    use.record.type = *type;
    use.record.channel_txn_id = row.text(2);
    use.record.amount = row.integer(6);
    use.record.currency = row.text(7);
    use.record.evidence = row.text(8);
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
        const auto type = payments::transaction_type_from(row.text(0));
        core::ensure(type.has_value(), "the database holds types that we know");
        names.emplace_back(*type, row.text(1));
    }
    return names;
}

void store_rule_uses(core::db::Trip& trip, const std::string& tenant, std::string_view channel, core::BusinessDay day,
                     const std::vector<RuleUse>& uses) {
    const std::string of_channel(channel);
    const std::string of_day = core::format_day(day);
    trip.add(kForget, tenant, of_channel, of_day);
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
    trip.add(kUse, tenant, of_channel, of_day, text_array(sides), text_array(types), text_array(keys),
             text_array(rules), integer_array(groups), integer_array(amounts), text_array(currencies),
             text_array(evidence));
}

}  // namespace reconciliation

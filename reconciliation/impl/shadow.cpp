#include "reconciliation/shadow.h"

#include <map>
#include <utility>

#include "core/json/writer.h"
#include "reconciliation/impl/day_run.h"
#include "reconciliation/impl/day_store.h"

namespace reconciliation {
namespace {

std::vector<ReviewList> pass(const JobContext& context, const Day& day, const config::TenantSettings& tenant,
                             const std::vector<ShadowInput>& inputs) {
    std::vector<ReviewList> lists;
    core::db::TenantTransaction transaction(context.database, tenant.id);  // never committed
    lock_channel(transaction, day.channel.name());
    core::db::take_time(transaction);
    // What rules have added up on these days is open again for what they may find now.
    core::db::Trip forgetting(transaction);
    for (const auto& input : inputs) {
        store_rule_uses(forgetting, tenant.id.text(), day.channel.name(), input.day, {});
    }
    forgetting.run();
    for (const auto& input : inputs) {
        const Day one{tenant, day.channel, day.fees, input.day, day.calendar};
        const auto files = input.files();
        DayRun run(context, one, files);
        run.compare(transaction);
        run.store(transaction);
        lists.push_back(std::move(run.list()));
    }
    return lists;
}

std::vector<ShadowChange> changes_of(const ReviewList& before, const ReviewList& after) {
    std::map<std::string, const Discrepancy*> others;
    for (const auto& row : after.discrepancies) {
        others.emplace(row.id, &row);
    }
    std::vector<ShadowChange> changes;
    std::map<std::string, bool> known;
    for (const auto& row : before.discrepancies) {
        known[row.id] = true;
        const auto other = others.find(row.id);
        if (other == others.end()) {
            changes.push_back({ShadowChange::Kind::newly_matched, row, {}});
        } else if (other->second->kind != row.kind) {
            changes.push_back({ShadowChange::Kind::changed_kind, row, *other->second});
        }
    }
    for (const auto& row : after.discrepancies) {
        if (!known.contains(row.id)) {
            changes.push_back({ShadowChange::Kind::no_longer_matched, {}, row});
        }
    }
    return changes;
}

void add_optional(core::json::Writer& json, std::string_view name, const std::optional<std::int64_t>& number) {
    if (number) {
        json.member(name, *number);
    }
}

void add_change(core::json::Writer& json, const ShadowChange& change) {
    const Discrepancy& row = change.before ? *change.before : *change.after;
    json.begin_object().member("change", name_of(change.kind)).member("discrepancy_id", row.id);
    if (change.before) {
        json.member("kind", name_of(change.before->kind));
    }
    if (change.after) {
        json.member("kind_then", name_of(change.after->kind));
    }
    if (row.type) {
        json.member("type", payments::name_of(*row.type));
    }
    json.member("channel_txn_id", row.channel_txn_id).member("merchant_order_id", row.merchant_order_id);
    add_optional(json, "ledger_amount", row.ledger_amount);
    add_optional(json, "channel_amount", row.channel_amount);
    json.member("currency", row.currency()).end_object();
}

void add_rules(core::json::Writer& json, std::string_view name, const Summary& summary) {
    json.key(name).begin_object();
    for (const auto& [rule, pairs] : summary.matched_by_rule) {
        json.member(rule, pairs);
    }
    json.end_object();
}

}  // namespace

std::string_view name_of(ShadowChange::Kind kind) {
    switch (kind) {
        case ShadowChange::Kind::newly_matched:
            return "newly_matched";
        case ShadowChange::Kind::no_longer_matched:
            return "no_longer_matched";
        case ShadowChange::Kind::changed_kind:
            return "changed_kind";
    }
    return "";
}

std::vector<ShadowDay> shadow_days(const JobContext& context, const Day& day, const std::vector<ShadowInput>& inputs,
                                   const std::vector<config::MatchRule>& rules) {
    auto other = day.tenant;
    for (auto& channel : other.channels) {
        if (channel.name == day.channel.name()) {
            channel.rules = rules;
        }
    }
    const auto before = pass(context, day, day.tenant, inputs);
    const auto after = pass(context, day, other, inputs);
    std::vector<ShadowDay> days;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        days.push_back({before[i].summary, after[i].summary, changes_of(before[i], after[i])});
    }
    return days;
}

std::string shadow_json(const std::vector<ShadowDay>& days) {
    core::json::Writer json(1);
    json.begin_object().key("days").begin_array();
    for (const auto& day : days) {
        json.begin_object()
            .member("business_date", core::format_day(day.before.business_date))
            .member("matched", day.before.matched)
            .member("matched_then", day.after.matched);
        add_rules(json, "matched_by_rule", day.before);
        add_rules(json, "matched_by_rule_then", day.after);
        json.key("changes").begin_array();
        for (const auto& change : day.changes) {
            add_change(json, change);
        }
        json.end_array().end_object();
    }
    return json.end_array().end_object().text() + "\n";
}

}  // namespace reconciliation

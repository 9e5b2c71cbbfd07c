#include "reconciliation/match.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "core/crypto/digest.h"
#include "reconciliation/matching/collector.h"
#include "reconciliation/matching/content.h"
#include "reconciliation/matching/grouping.h"
#include "reconciliation/matching/rules/groups.h"

namespace reconciliation {

namespace {

using matching::Collector;
using matching::Group;
using matching::Grouping;
using matching::Indices;

bool is_alone(Indices here, Indices there) { return here.size() == 1 && there.empty(); }

matching::RuleGroups groups_by_rules(const Grouping& grouping, const std::vector<Record>& ledger,
                                     const std::vector<Record>& channel, const MatchOptions& options) {
    const bool any = std::any_of(options.rules.begin(), options.rules.end(), [](const auto& r) { return r.adds_up(); });
    if (!any) {
        return {};
    }
    matching::AloneRecords alone;
    for (const Group& group : grouping.groups) {
        const Indices booked = grouping.ledger_of(group);
        const Indices listed = grouping.channel_of(group);
        if (is_alone(booked, listed)) {
            alone.ledger.push_back(booked.front());
        } else if (is_alone(listed, booked)) {
            alone.channel.push_back(listed.front());
        }
    }
    return matching::group_by_rules(ledger, channel, alone, options);
}

// The records that rules have taken.
class Taken {
public:
    explicit Taken(const std::vector<RuleGroup>& groups) {
        for (const auto& group : groups) {
            ledger_.insert(group.ledger.begin(), group.ledger.end());
            channel_.insert(group.channel.begin(), group.channel.end());
        }
    }
    bool has(const Grouping& grouping, const Group& group) const {
        const Indices booked = grouping.ledger_of(group);
        const Indices listed = grouping.channel_of(group);
        return (is_alone(booked, listed) && ledger_.contains(booked.front())) ||
               (is_alone(listed, booked) && channel_.contains(listed.front()));
    }

private:
    std::set<std::size_t> ledger_;
    std::set<std::size_t> channel_;
};

void tell_ids(const Record& record, Discrepancy& row) {
    if (row.channel_txn_id.empty()) {
        row.channel_txn_id = record.channel_txn_id;
    }
    if (row.merchant_order_id.empty()) {
        row.merchant_order_id = record.merchant_order_id;
    }
}

}  // namespace

void tell_ledger(const Record& record, Discrepancy& row) {
    tell_ids(record, row);
    row.ledger_amount = record.amount;
    row.ledger_currency = record.currency;
    row.ledger_exponent = record.exponent;
    row.ledger_status = record.status_text;
    if (row.ledger_status.empty() && record.status) {
        row.ledger_status = payments::name_of(*record.status);
    }
    row.occurred_at = record.occurred_at;
    if (record.order == Record::Order::differs) {
        row.order_amount = record.order_amount;
        row.order_currency = record.order_currency;
    }
}

void tell_channel(const Record& record, Discrepancy& row) {
    tell_ids(record, row);
    row.channel_amount = record.amount;
    row.channel_currency = record.currency;
    row.channel_exponent = record.exponent;
    row.channel_fee = record.fee;
    row.channel_status = record.status_text;
    row.channel_occurred_at = record.occurred_at;
}

MatchResult match(const std::vector<Record>& ledger, const std::vector<Record>& channel, const MatchOptions& options) {
    const Grouping grouping = matching::group_records(ledger, channel);
    Collector collector(ledger, channel, options);
    auto by_rules = groups_by_rules(grouping, ledger, channel, options);
    const Taken taken(by_rules.groups);
    for (const Group& group : grouping.groups) {
        if (!taken.has(grouping, group)) {
            collector.add(grouping, group);
        }
    }
    collector.add(std::move(by_rules));
    return collector.finish();
}

std::string discrepancy_id(const MatchOptions& options, payments::TransactionType type,
                           const std::string& channel_txn_id, const std::string& merchant_order_id) {
    std::string text = "discrepancy,";
    matching::append_text(text, options.tenant);
    matching::append_text(text, options.channel);
    matching::append_text(text, payments::name_of(type));
    matching::append_text(text, channel_txn_id.empty() ? "order" : "channel");
    matching::append_text(text, channel_txn_id.empty() ? merchant_order_id : channel_txn_id);
    return core::crypto::sha256_hex(text).substr(0, 16);
}

}  // namespace reconciliation
// Records of the two sides as the tests of the matching engine need them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "reconciliation/match.h"

namespace reconciliation::matching_test {

using payments::TransactionStatus;
using payments::TransactionType;
using Kind = DiscrepancyKind;

inline const core::BusinessDay kDay{date::year{2026} / 11 / 18};
inline const core::BusinessDay kDayBefore{date::year{2026} / 11 / 17};

inline MatchOptions options() {
    MatchOptions o;
    o.tenant = "acme";
    o.channel = "wechatpay";
    o.day = kDay;
    o.statement_files = {"bill.csv"};
    return o;
}

inline Record booked(const std::string& id, std::int64_t amount) {
    Record r;
    r.type = amount < 0 ? TransactionType::refund : TransactionType::payment;
    r.channel_txn_id = id;
    r.merchant_order_id = "order-" + id;
    r.amount = amount;
    r.currency = "CNY";
    r.status = TransactionStatus::captured;
    r.occurred_at = core::Instant(std::chrono::hours(1));
    r.business_day = kDay;
    r.evidence = "entry:" + std::to_string(100 + id.size());
    r.order = Record::Order::agrees;
    return r;
}

inline Record listed(const std::string& id, std::int64_t amount) {
    Record r = booked(id, amount);
    r.order = Record::Order::not_judged;
    r.status_text = "SUCCESS";
    r.occurred_at = core::Instant(std::chrono::hours(2));
    r.evidence = "bill.csv:7";
    return r;
}

inline std::vector<Kind> kinds(const MatchResult& result) {
    std::vector<Kind> out;
    for (const auto& row : result.discrepancies) {
        out.push_back(row.kind);
    }
    return out;
}

inline Record carried(Record record) {
    record.carried_in = true;
    record.near_cut = true;
    record.business_day = kDayBefore;
    return record;
}

inline Record without_id(Record record) {
    record.channel_txn_id.clear();
    return record;
}

inline Record of_order(Record record, const std::string& order) {
    record.merchant_order_id = order;
    return record;
}

}  // namespace reconciliation::matching_test

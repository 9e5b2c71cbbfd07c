// A review list with a row of every kind, for the tests of its four files.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "reconciliation/review_list.h"

namespace reconciliation::sample {

using payments::TransactionType;

inline const core::BusinessDay kDay = date::year(2026) / 11 / 18;

inline core::Instant at(const char* text) { return core::parse_rfc3339(text).value(); }

// A payment that both sides have with 254.18 USD; each row changes what makes it a discrepancy.
inline Discrepancy row(DiscrepancyKind kind, std::string id) {
    Discrepancy out;
    out.id = std::move(id);
    out.kind = kind;
    out.type = TransactionType::payment;
    out.channel_txn_id = "ch_39EPRD3QzkFY3sofbmWkbxEL";
    out.merchant_order_id = "S26111800000N7112";
    out.ledger_amount = 25418;
    out.channel_amount = 25418;
    out.ledger_currency = "USD";
    out.channel_currency = "USD";
    out.ledger_status = "captured";
    out.occurred_at = at("2026-11-18T16:05:27Z");
    out.item_day = kDay;
    out.evidence = {"bill.csv.gz:5", "entry:1"};
    return out;
}

inline Discrepancy missing_in_ledger() {
    auto out = row(DiscrepancyKind::missing_in_ledger, "af82b956b8a68ea2");
    out.type = TransactionType::refund;
    out.channel_txn_id = "re_3ILP8qhJKYyfkhNqWC0gODcC";
    out.ledger_amount.reset();
    out.ledger_currency.clear();
    out.ledger_status.clear();
    out.occurred_at.reset();
    out.channel_amount = -5297;
    out.channel_currency = "JPY";
    out.channel_exponent = 0;
    out.channel_fee = 0;
    out.channel_occurred_at = at("2026-11-18T14:54:55Z");
    out.evidence = {"bill.csv.gz:18"};
    return out;
}

inline Discrepancy missing_in_channel() {
    auto out = row(DiscrepancyKind::missing_in_channel, "ccdffdfb75b1e53c");
    out.channel_amount.reset();
    out.channel_currency.clear();
    out.age_days = 2;
    out.item_day = date::year(2026) / 11 / 16;
    return out;
}

inline Discrepancy amount_mismatch() {
    auto out = row(DiscrepancyKind::amount_mismatch, "6ab055079bdc769a");
    out.channel_amount = 25417;
    out.channel_fee = 767;
    return out;
}

inline Discrepancy currency_mismatch() {
    auto out = row(DiscrepancyKind::currency_mismatch, "a704ec00d06366f9");
    out.channel_currency = "EUR";
    return out;
}

inline Discrepancy fee_mismatch() {
    auto out = row(DiscrepancyKind::fee_mismatch, "9d191a70d482e5e2");
    out.ledger_fee = 245;
    out.channel_fee = 231;
    return out;
}

inline Discrepancy status_mismatch() {
    auto out = row(DiscrepancyKind::status_mismatch, "9e2af134b51fa157");
    out.channel_status = "REVOKED";
    out.also = {DiscrepancyKind::fee_mismatch};
    return out;
}

inline Discrepancy total_mismatch() {
    Discrepancy out;
    out.id = "8faf34e584f91059";
    out.kind = DiscrepancyKind::total_mismatch;
    out.channel_currency = "CNY";
    out.totals = {{"应结订单总金额", "4001.57", "4001.56"}};
    out.evidence = {"1982158722All2026-11-18.csv"};
    return out;
}

inline Discrepancy order_mismatch() {
    auto out = row(DiscrepancyKind::order_mismatch, "3c8ef18e60c94e0a");
    out.order_amount = 30000;
    out.order_currency = "USD";
    return out;
}

inline Discrepancy timing() {
    auto out = row(DiscrepancyKind::timing, "75bff5bfdd66e52e");
    out.channel_amount.reset();
    out.channel_currency.clear();
    return out;
}

inline Discrepancy twice_at_channel() {
    auto out = row(DiscrepancyKind::duplicate_in_channel, "57ab89287e1659ec");
    out.evidence = {"bill.csv.gz:28", "bill.csv.gz:40", "entry:1"};
    return out;
}

inline Discrepancy twice_in_ledger() {
    auto out = row(DiscrepancyKind::duplicate_in_ledger, "57ab89287e1659ed");
    out.evidence = {"bill.csv.gz:28", "entry:1", "entry:2"};
    return out;
}

inline Discrepancy nobodys() { return row(DiscrepancyKind::unexpected_payment, "0123456789abcdef"); }

inline Summary empty_summary() {
    Summary summary;
    summary.tenant = "acme";
    summary.tenant_name = "acme 商城";
    summary.channel = "stripe";
    summary.business_date = kDay;
    summary.day_cut.zone = "Asia/Shanghai";
    summary.statements = {{"bill.csv.gz", std::string(64, 'a'), 32}};
    summary.ledger_count = 29;
    summary.ledger_amount = {{"JPY", 32531}, {"USD", 10399459}};
    summary.channel_count = 32;
    summary.channel_amount = {{"JPY", 39921}, {"KWD", -1500}, {"USD", 10399459}};
    summary.channel_fee = {{"USD", 35898}};
    summary.matched = 22;
    summary.carried_in = 1;
    summary.cleared = 1;
    summary.digest = "d1";
    summary.started_at = at("2026-11-19T01:00:00Z");
    summary.finished_at = at("2026-11-19T01:00:01Z");
    return summary;
}

inline ReviewList list_of(std::vector<Discrepancy> rows) {
    ReviewList list{empty_summary(), std::move(rows)};
    for (const auto& discrepancy : list.discrepancies) {
        ++list.summary.discrepancies[discrepancy.kind];
    }
    return list;
}

inline ReviewList every_kind() {
    return list_of({total_mismatch(), twice_at_channel(), twice_in_ledger(), missing_in_ledger(), missing_in_channel(),
                    timing(), currency_mismatch(), amount_mismatch(), status_mismatch(), nobodys(), order_mismatch(),
                    fee_mismatch()});
}

}  // namespace reconciliation::sample

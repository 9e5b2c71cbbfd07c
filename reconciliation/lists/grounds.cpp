#include "reconciliation/lists/grounds.h"

#include <algorithm>

namespace reconciliation::lists {
namespace {

void write_money(core::json::Writer& json, std::int64_t minor, const std::string& currency) {
    json.key("amount").begin_object().member("amount", minor).member("currency", currency).end_object();
}

void write_evidence(core::json::Writer& json, const Discrepancy& row) {
    json.key("evidence").begin_array();
    for (const auto& place : row.evidence) {
        json.begin_object().member("at", place);
        const auto range = std::find_if(row.evidence_bytes.begin(), row.evidence_bytes.end(),
                                        [&](const auto& known) { return known.evidence == place; });
        if (range != row.evidence_bytes.end()) {
            json.member("begin", static_cast<std::int64_t>(range->begin))
                .member("bytes", static_cast<std::int64_t>(range->bytes));
        }
        json.end_object();
    }
    json.end_array();
}

void write_leftover(core::json::Writer& json, const Discrepancy& row) {
    json.begin_object()
        .member("discrepancy_id", row.id)
        .member("kind", name_of(row.kind))
        .member("side", row.ledger_amount ? "ledger" : "channel")
        .member("type", row.type ? payments::name_of(*row.type) : std::string_view())
        .member("channel_txn_id", row.channel_txn_id)
        .member("merchant_order_id", row.merchant_order_id);
    write_money(json, row.ledger_amount ? *row.ledger_amount : *row.channel_amount, row.currency());
    write_grounds(json, row);
    json.end_object();
}

}  // namespace

void write_grounds(core::json::Writer& json, const Discrepancy& row) {
    write_evidence(json, row);
    json.key("candidates").begin_array();
    for (const auto& candidate : row.candidates) {
        json.begin_object()
            .member("failed", name_of(candidate.failed))
            .member("evidence", candidate.evidence)
            .member("type", payments::name_of(candidate.type))
            .member("channel_txn_id", candidate.channel_txn_id)
            .member("merchant_order_id", candidate.merchant_order_id);
        write_money(json, candidate.amount, candidate.currency);
        json.end_object();
    }
    json.end_array();
}

void write_leftovers(core::json::Writer& json, const std::vector<Discrepancy>& rows) {
    json.key("leftovers").begin_array();
    for (const auto& row : rows) {
        if (row.ledger_amount.has_value() != row.channel_amount.has_value()) {
            write_leftover(json, row);
        }
    }
    json.end_array();
}

}  // namespace reconciliation::lists

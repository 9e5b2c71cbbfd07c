#include "reconciliation/impl/records.h"

#include <cstdlib>

namespace reconciliation {
namespace {

using payments::StatementLine;
using payments::TransactionType;

}  // namespace

const config::FeeRate* rate_for(const std::vector<config::FeeRate>& fees, const core::Currency& currency,
                                core::BusinessDay day) {
    const config::FeeRate* best = nullptr;
    for (const auto& rate : fees) {
        const bool applies = rate.currency == currency && (!rate.valid_from || *rate.valid_from <= day);
        const bool newer =
            best == nullptr || !best->valid_from || (rate.valid_from && *rate.valid_from >= *best->valid_from);
        if (applies && newer) {
            best = &rate;
        }
    }
    return best;
}

bool is_on_funds(const StatementLine& line) {
    if (line.type == TransactionType::reversal) {
        const auto reversed = line.attributes.find("reverses");
        return reversed != line.attributes.end() && reversed->second != "refund";
    }
    return line.type != TransactionType::payment && line.type != TransactionType::refund;
}

std::optional<std::int64_t> expected_fee(const StatementLine& line, const std::vector<config::FeeRate>& fees,
                                         const payments::Channel& channel, core::BusinessDay day) {
    const bool judged = line.type == TransactionType::payment || line.type == TransactionType::refund;
    if (!judged || !line.fee || line.fee->currency() != line.amount.currency()) {
        return std::nullopt;
    }
    const auto* rate = rate_for(fees, line.amount.currency(), day);
    if (rate == nullptr) {
        return std::nullopt;
    }
    const auto proportional = core::scaled(line.amount.minor(), rate->basis_points, 10'000, rate->rounding);
    if (!proportional) {
        return std::nullopt;
    }
    if (line.type == TransactionType::payment) {
        return core::checked_add(*proportional, rate->fixed_minor);
    }
    // The amount of a refund is negative, and so is the fee that comes back.
    return rate->returned_on_refund.value_or(channel.returns_fee_on_refund()) ? *proportional : 0;
}

std::string evidence_of(const StatementLine& line, const payments::Statement& statement) {
    std::string place = statement.files.at(line.file_index).name;
    if (!line.member.empty()) {
        place += "!" + line.member;
    }
    return place + ":" + std::to_string(line.line);
}

Record record_of_line(const StatementLine& line, const payments::Statement& statement) {
    Record record;
    record.type = line.type;
    record.channel_txn_id = line.channel_txn_id.text();
    record.merchant_order_id = line.merchant_order_id.text();
    record.own_order_id = line.own_order_id;
    if (const auto alias = line.attributes.find("balance_transaction"); alias != line.attributes.end()) {
        record.alias = alias->second;
    }
    record.on_funds = is_on_funds(line);
    record.amount = line.amount.minor();
    record.currency = std::string(line.amount.currency().code());
    record.exponent = line.amount.currency().exponent();
    if (line.fee) {
        record.fee = line.fee->minor();
    }
    record.status = line.status;
    record.status_text = line.channel_status;
    record.occurred_at = line.occurred_at;
    record.evidence = evidence_of(line, statement);
    record.begin = line.begin;
    record.bytes = line.bytes;
    return record;
}

bool is_near_cut(const Record& record, const core::DayCut& cut, std::chrono::minutes window) {
    if (!record.occurred_at) {
        return false;
    }
    const auto distance = *record.occurred_at - core::day_end(record.business_day, cut);
    return std::chrono::abs(distance) <= window;
}

}  // namespace reconciliation

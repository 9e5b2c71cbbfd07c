#include "payments/channels/unionpay/settlement_rows.h"

#include <optional>
#include <utility>
#include <vector>

#include "payments/channels/unionpay/dates.h"
#include "payments/channels/unionpay/vocabulary.h"

namespace payments::unionpay {

namespace {

core::Currency yuan() {
    static const auto currency = *core::Currency::from_number("156");
    return currency;
}

// The first problem of a row wins; until there is one, fields are read one after the other.
class Row {
public:
    Row(std::vector<std::string_view> fields, const Layout& layout) : fields_(std::move(fields)), layout_(layout) {}

    std::string text(std::size_t field) {
        auto text = text_of_field(fields_[field]);
        if (!text) {
            complain(field, "the bytes are no GBK text");
        }
        return text ? *std::move(text) : std::string();
    }

    std::int64_t amount(std::size_t field) {
        const auto value = fen(fields_[field]);
        if (!value || *value == 0) {
            complain(field, "must be an amount in fen above zero");
        }
        return value.value_or(0);
    }

    std::int64_t directed(std::size_t field) {
        const auto value = directed_fen(fields_[field]);
        if (!value) {
            complain(field, "must be C or D and 12 digits (a blank instead of the letter for zero)");
        }
        return value.value_or(0);
    }

    core::Instant instant(std::size_t field, core::BusinessDay anchor) {
        const auto value = instant_near(fields_[field], anchor);
        if (!value) {
            complain(field, "must be a time MMDDhhmmss that exists");
        }
        return value.value_or(core::Instant{});
    }

    void expect_merchant(std::size_t field, const std::string& merchant_id) {
        if (text(field) != merchant_id) {
            complain(field, "is not the configured merchant " + merchant_id);
        }
    }

    void complain(std::size_t field, std::string what) {
        if (!problem_) {
            problem_ = RowProblem{std::string(layout_.names[field]), std::move(what)};
        }
    }

    const std::optional<RowProblem>& problem() const { return problem_; }

private:
    std::vector<std::string_view> fields_;
    const Layout& layout_;
    std::optional<RowProblem> problem_;
};

struct Named {
    std::size_t field;
    std::string_view key;
};

Attributes attributes_of(Row& row, std::initializer_list<Named> names) {
    Attributes attributes;
    for (const auto& [field, key] : names) {
        if (auto text = row.text(field); !text.empty()) {
            attributes.emplace(key, std::move(text));
        }
    }
    return attributes;
}

StatementLine line_of(core::Money amount) {
    return {.channel_status = {},
            .channel_txn_id = {},
            .merchant_order_id = {},
            .own_order_id = {},
            .related_txn_id = {},
            .amount = amount,
            .fee = std::nullopt,
            .occurred_at = std::nullopt,
            .attributes = {},
            .masked_card = {},
            .card_fingerprint = {},
            .member = {}};
}

void set_card(StatementLine& line, const std::string& account, const ChannelContext& context) {
    auto card = card_from(account, context);
    line.masked_card = std::move(card.masked);
    line.card_fingerprint = std::move(card.fingerprint);
}

// Type, signed amount and status of a transaction, out of txnType and the directions it was settled in.
StatementLine judged(std::int64_t amount, std::string_view txn_type, std::int64_t settled, std::int64_t net) {
    const auto movement = movement_of(txn_type);
    const bool outgoing = movement ? movement->gives_back : settled < 0;
    auto line = line_of(core::Money(outgoing ? -amount : amount, yuan()));
    line.type = movement ? movement->type : TransactionType::adjustment;
    const auto fits = [&](std::int64_t direction) { return direction == 0 || (direction < 0) == outgoing; };
    if (!movement || !fits(settled) || !fits(net)) {
        line.status = TransactionStatus::abnormal;
        line.channel_status = "txnType " + std::string(txn_type) + (settled < 0 ? " D" : " C");
    }
    return line;
}

void set_ids(StatementLine& line, Row& row, const ChannelContext& context) {
    auto query_id = row.text(zm::kQueryId);
    if (query_id.empty()) {
        row.complain(zm::kQueryId, "is empty");
    }
    line.channel_txn_id = core::ChannelTxnId(context.redact(query_id));
    line.related_txn_id = core::ChannelTxnId(context.redact(row.text(zm::kOrigQueryId)));
    auto order = context.redact(row.text(zm::kOrderId));
    const auto original = context.redact(row.text(zm::kOrigOrderId));
    if (line.type == TransactionType::refund || line.type == TransactionType::reversal) {
        line.own_order_id = std::move(order);
        line.merchant_order_id = core::MerchantOrderId(original);
    } else {
        line.merchant_order_id = core::MerchantOrderId(std::move(order));
    }
}

}  // namespace

core::Result<SettlementRow, RowProblem> read_zm_row(std::string_view row, const SettlementDay& settlement,
                                                    const ChannelContext& context) {
    auto fields = cut(row, zm_layout());
    if (!fields) {
        return core::Refused{fields.error()};
    }
    Row read(*std::move(fields), zm_layout());
    read.expect_merchant(zm::kMerchantId, settlement.merchant_id);
    const auto amount = read.amount(zm::kAmount);
    const auto fee = -read.directed(zm::kFee);  // D, from the merchant, is a fee that costs
    const auto settled = read.directed(zm::kSettled);
    const auto txn_type = read.text(zm::kTxnType);
    auto line = judged(amount, txn_type, settled, read.directed(zm::kNet));
    line.fee = core::Money(fee, yuan());
    line.occurred_at = read.instant(zm::kTraceTime, settlement.day);
    set_ids(line, read, context);
    set_card(line, read.text(zm::kAccount), context);
    line.attributes = attributes_of(read, {{zm::kTraceNo, "trace_no"},
                                           {zm::kTraceTime, "trace_time"},
                                           {zm::kTxnType, "txn_type"},
                                           {zm::kCode, "transaction_code"}});
    if (read.problem()) {
        return core::Refused{*read.problem()};
    }
    return SettlementRow{std::move(line), settled, !only_reserves(txn_type) || settled != 0};
}

core::Result<StatementLine, RowProblem> read_zme_row(std::string_view row, const SettlementDay& settlement,
                                                     const ChannelContext& context) {
    auto fields = cut(row, zme_layout());
    if (!fields) {
        return core::Refused{fields.error()};
    }
    Row read(*std::move(fields), zme_layout());
    read.expect_merchant(zme::kMerchantId, settlement.merchant_id);
    const auto amount = read.amount(zme::kAmount);
    const auto settled = read.directed(zme::kSettled);
    auto line = line_of(core::Money(settled < 0 ? -amount : amount, yuan()));
    line.type = TransactionType::adjustment;
    line.fee = core::Money(-read.directed(zme::kFee), yuan());
    line.occurred_at = read.instant(zme::kTraceTime, settlement.day);
    line.channel_status = read.text(zme::kCode);
    set_card(line, read.text(zme::kAccount), context);
    line.attributes = attributes_of(read, {{zme::kTraceNo, "trace_no"},
                                           {zme::kTraceTime, "trace_time"},
                                           {zme::kCode, "transaction_code"},
                                           {zme::kOrigTraceNo, "orig_trace_no"},
                                           {zme::kOrigTraceTime, "orig_trace_time"},
                                           {zme::kOrigSettleDate, "orig_settle_date"}});
    if (read.problem()) {
        return core::Refused{*read.problem()};
    }
    return line;
}

}  // namespace payments::unionpay

#include "payments/channels/wechatpay/resource.h"

#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

namespace payments::wechatpay {
namespace {

using core::json::Value;

constexpr std::string_view kDefaultCurrency = "CNY";

core::Refused<CallbackRefusal> bad_content(std::string_view reason) {
    return {CallbackRefusal{CallbackRefusal::Kind::bad_content, std::string(reason)}};
}

// Takes fields out of one object and remembers the first thing that was wrong, so that the callers below read as the
// list of fields they take. What it gives after a refusal is never used.
class FieldReader {
public:
    FieldReader(const Value& object, const ChannelContext& context) : object_(object), context_(context) {}

    std::string identifier(std::string_view key) {
        const auto text = object_.string_at(key);
        if (!text || !is_identifier(*text)) {
            refuse("identifier_malformed");
            return {};
        }
        return context_.redact(*text);
    }

    // The channel's word for a state.
    std::string word(std::string_view key) {
        const auto text = object_.string_at(key);
        if (!text || !is_identifier(*text)) {
            refuse("identifier_malformed");
            return {};
        }
        return std::string(*text);
    }

    // What is good to know, but no reason to refuse money that has moved: left out when it is not as it should be.
    void note(std::string_view key, Attributes& attributes) const {
        const auto text = object_.string_at(key);
        if (text && is_identifier(*text)) {
            attributes.emplace(key, context_.redact(*text));
        }
    }

    core::Instant time(std::string_view key) {
        const auto text = object_.string_at(key);
        const auto instant = text ? core::parse_rfc3339(*text) : std::nullopt;
        if (!instant) {
            refuse("time_malformed");
            return {};
        }
        return *instant;
    }

    core::Instant time_or(std::string_view key, core::Instant otherwise) const {
        const auto text = object_.string_at(key);
        return text ? core::parse_rfc3339(*text).value_or(otherwise) : otherwise;
    }

    // amount.KEY in the currency of amount.currency; above zero.
    std::optional<core::Money> amount(std::string_view key) {
        const auto* minor_value = object_.path(std::string_view("amount"), key);
        const auto minor = minor_value != nullptr ? minor_value->integer() : std::nullopt;
        if (!minor) {
            refuse("amount_malformed");
            return std::nullopt;
        }
        if (*minor <= 0 || *minor > core::kMinorMax) {
            refuse("amount_out_of_range");
            return std::nullopt;
        }
        const auto currency = this->currency();
        if (!currency) {
            refuse("currency_unknown");
            return std::nullopt;
        }
        return core::Money(*minor, *currency);
    }

    // Every one of the keys that is there must say `expected`, and one of them must be there.
    void must_be(std::initializer_list<std::string_view> keys, std::string_view expected, std::string_view reason) {
        bool said = false;
        for (const auto key : keys) {
            const auto* value = object_.find(key);
            if (value == nullptr) {
                continue;
            }
            said = true;
            if (value->string() != expected) {
                refuse(reason);
            }
        }
        if (!said) {
            refuse(reason);
        }
    }

    // As must_be(), for the sub-merchant, where the tenant's are named.
    void must_be_of(const Merchant& merchant) {
        if (!merchant.has(object_.string_at("sub_mchid").value_or(""))) {
            refuse("sub_merchant_differs");
        }
    }

    bool has(std::string_view key) const { return object_.find(key) != nullptr; }
    bool has_refused() const { return !reason_.empty(); }
    core::Refused<CallbackRefusal> refusal() const { return bad_content(reason_); }

private:
    void refuse(std::string_view reason) {
        if (reason_.empty()) {
            reason_ = reason;
        }
    }

    std::optional<core::Currency> currency() const {
        const auto* code = object_.path(std::string_view("amount"), std::string_view("currency"));
        if (code == nullptr) {
            return core::Currency::from_code(kDefaultCurrency);
        }
        const auto text = code->string();
        return text ? core::Currency::from_code(*text) : std::nullopt;
    }

    const Value& object_;
    const ChannelContext& context_;
    std::string_view reason_;
};

core::BusinessDay business_day_of(core::Instant instant) {
    return core::day_of(instant, core::DayCut{std::string(kZone), std::chrono::minutes{0}});
}

using Transactions = std::vector<Transaction>;

// Adds the order's payment. A payment that did not go through may come without an amount, and then there is nothing
// to record but the message itself.
std::optional<core::Refused<CallbackRefusal>> add_payment(const Value& order, std::string_view amount_key,
                                                          const Envelope& envelope, const ChannelContext& context,
                                                          Transactions& transactions) {
    FieldReader fields(order, context);
    const TransactionStatus status = status_of_trade_state(fields.word("trade_state"));
    if (!fields.has_refused() && status != TransactionStatus::captured && !fields.has("amount")) {
        return std::nullopt;
    }
    const auto amount = fields.amount(amount_key);
    const std::string transaction_id = fields.identifier("transaction_id");
    const std::string order_id = fields.identifier("out_trade_no");
    // Only money that moved must say when.
    const core::Instant when = status == TransactionStatus::captured
                                   ? fields.time("success_time")
                                   : fields.time_or("success_time", envelope.created_at);
    Attributes attributes;
    for (const std::string_view key : {"trade_state", "trade_type", "bank_type", "sub_mchid"}) {
        fields.note(key, attributes);
    }
    if (fields.has_refused() || !amount) {
        return fields.refusal();
    }
    transactions.push_back(Transaction{.type = TransactionType::payment,
                                       .status = status,
                                       .channel_txn_id = core::ChannelTxnId(transaction_id),
                                       .merchant_order_id = core::MerchantOrderId(order_id),
                                       .own_order_id = {},
                                       .related_txn_id = {},
                                       .amount = *amount,
                                       .occurred_at = when,
                                       .business_day = business_day_of(when),
                                       .date_rank = 1,
                                       .attributes = std::move(attributes),
                                       .masked_card = {},
                                       .card_fingerprint = {}});
    return std::nullopt;
}

core::Result<Transactions, CallbackRefusal> read_refund(const Envelope& envelope, const Options& options,
                                                        const ChannelContext& context) {
    FieldReader fields(envelope.resource, context);
    fields.must_be({"mchid", "sp_mchid"}, options.merchant.id, "merchant_differs");
    fields.must_be_of(options.merchant);
    const TransactionStatus status = status_of_refund_status(fields.word("refund_status"));
    const auto amount = fields.amount("refund");
    const std::string refund_id = fields.identifier("refund_id");
    const std::string own_id = fields.identifier("out_refund_no");
    const std::string transaction_id = fields.identifier("transaction_id");
    const std::string order_id = fields.identifier("out_trade_no");
    // success_time means something only where the refund went through.
    const core::Instant when =
        status == TransactionStatus::captured ? fields.time("success_time") : envelope.created_at;
    Attributes attributes;
    fields.note("refund_status", attributes);
    fields.note("sub_mchid", attributes);
    if (fields.has_refused() || !amount) {
        return fields.refusal();
    }
    return Transactions{Transaction{.type = TransactionType::refund,
                                    .status = status,
                                    .channel_txn_id = core::ChannelTxnId(refund_id),
                                    .merchant_order_id = core::MerchantOrderId(order_id),
                                    .own_order_id = own_id,
                                    .related_txn_id = core::ChannelTxnId(transaction_id),
                                    .amount = core::Money(-amount->minor(), amount->currency()),
                                    .occurred_at = when,
                                    .business_day = business_day_of(when),
                                    .date_rank = 1,
                                    .attributes = std::move(attributes),
                                    .masked_card = {},
                                    .card_fingerprint = {}}};
}

core::Result<Transactions, CallbackRefusal> read_payment(const Envelope& envelope, const Options& options,
                                                         const ChannelContext& context) {
    FieldReader fields(envelope.resource, context);
    fields.must_be({"mchid", "sp_mchid"}, options.merchant.id, "merchant_differs");
    fields.must_be_of(options.merchant);
    if (options.app_id) {
        fields.must_be({"appid", "sp_appid"}, *options.app_id, "app_id_differs");
    }
    if (fields.has_refused()) {
        return fields.refusal();
    }
    Transactions transactions;
    if (const auto refusal = add_payment(envelope.resource, "total", envelope, context, transactions)) {
        return *refusal;
    }
    return transactions;
}

// Each part of a combined order is a payment of its own, with its own line on the bill.
core::Result<Transactions, CallbackRefusal> read_combined(const Envelope& envelope, const Options& options,
                                                          const ChannelContext& context) {
    FieldReader fields(envelope.resource, context);
    fields.must_be({"combine_mchid"}, options.merchant.id, "merchant_differs");
    if (options.app_id) {
        fields.must_be({"combine_appid"}, *options.app_id, "app_id_differs");
    }
    if (fields.has_refused()) {
        return fields.refusal();
    }
    const auto* orders = envelope.resource.find("sub_orders");
    if (orders == nullptr || orders->items().empty()) {
        return bad_content("resource_shape_unknown");
    }
    Transactions transactions;
    for (const auto& order : orders->items()) {
        // Money of another merchant would be in these books and on no statement of theirs.
        FieldReader part(order, context);
        part.must_be({"mchid"}, options.merchant.id, "merchant_differs");
        part.must_be_of(options.merchant);
        if (part.has_refused()) {
            return part.refusal();
        }
        if (const auto refusal = add_payment(order, "total_amount", envelope, context, transactions)) {
            return *refusal;
        }
    }
    return transactions;
}

bool is_profit_sharing(const Value& resource) {
    return resource.find("order_id") != nullptr && resource.find("out_order_no") != nullptr &&
           resource.find("receiver") != nullptr;
}

template <std::size_t N>
TransactionStatus status_from(const std::array<std::pair<std::string_view, TransactionStatus>, N>& words,
                              std::string_view word) {
    for (const auto& [name, status] : words) {
        if (name == word) {
            return status;
        }
    }
    return TransactionStatus::abnormal;
}

}  // namespace

TransactionStatus status_of_trade_state(std::string_view state) {
    static constexpr std::array<std::pair<std::string_view, TransactionStatus>, 8> kWords = {{
        {"SUCCESS", TransactionStatus::captured},
        // Paid, and being refunded since: the money of the payment has moved, the refund is a movement of its own.
        {"REFUND", TransactionStatus::captured},
        {"NOTPAY", TransactionStatus::processing},
        {"USERPAYING", TransactionStatus::processing},
        {"ACCEPT", TransactionStatus::processing},
        {"CLOSED", TransactionStatus::closed},
        {"REVOKED", TransactionStatus::revoked},
        {"PAYERROR", TransactionStatus::failed},
    }};
    return status_from(kWords, state);
}

TransactionStatus status_of_refund_status(std::string_view status) {
    static constexpr std::array<std::pair<std::string_view, TransactionStatus>, 5> kWords = {{
        {"SUCCESS", TransactionStatus::captured},
        {"PROCESSING", TransactionStatus::processing},
        {"ABNORMAL", TransactionStatus::abnormal},
        {"CLOSED", TransactionStatus::closed},
        {"CLOSE", TransactionStatus::closed},  // so spelled in one of the official SDKs
    }};
    return status_from(kWords, status);
}

core::Result<std::vector<Transaction>, CallbackRefusal> read_resource(const Envelope& envelope, const Options& options,
                                                                      const ChannelContext& context) {
    if (is_profit_sharing(envelope.resource)) {
        return Transactions{};
    }
    if (envelope.event_type.starts_with("REFUND.")) {
        return read_refund(envelope, options, context);
    }
    if (!envelope.event_type.starts_with("TRANSACTION.")) {
        return Transactions{};
    }
    if (envelope.resource.find("sub_orders") != nullptr) {
        return read_combined(envelope, options, context);
    }
    return read_payment(envelope, options, context);
}

}  // namespace payments::wechatpay

#include "payments/channels/unionpay/callback.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "core/crypto/digest.h"
#include "core/json/writer.h"
#include "payments/channels/unionpay/dates.h"
#include "payments/channels/unionpay/vocabulary.h"

namespace payments::unionpay {

namespace {

template <typename T>
using Read = core::Result<T, std::string_view>;

// Fields that may be stored. Everything else is card data (accNo, customerInfo, tokenPayData), the merchant's own
// (reqReserved can hold anything) or signatures.
constexpr std::array<std::string_view, 23> kStored = {
    "accessType", "bizType",    "currencyCode",       "encoding", "exchangeDate", "exchangeRate", "merId",
    "orderId",    "origQryId",  "payCardType",        "payType",  "queryId",      "respCode",     "respMsg",
    "settleAmt",  "settleDate", "settleCurrencyCode", "traceNo",  "traceTime",    "txnAmt",       "txnSubType",
    "txnTime",    "txnType",
};

std::string redacted_body(const Fields& fields, const ChannelContext& context) {
    core::json::Writer json;
    json.begin_object();
    for (const auto name : kStored) {
        if (const auto value = value_of(fields, name)) {
            json.member(name, context.redact(*value));
        }
    }
    json.end_object();
    return json.text();
}

// Ids end up in files, tables and pages: printable ASCII without blanks, at most 64 characters.
bool is_identifier(std::string_view text) {
    constexpr std::size_t kLengthMax = 64;
    return !text.empty() && text.size() <= kLengthMax &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

Read<std::string> identifier(const Fields& fields, std::string_view name, std::string_view reason,
                             const ChannelContext& context) {
    const auto value = value_of(fields, name);
    if (!value || !is_identifier(*value)) {
        return core::Refused{reason};
    }
    return context.redact(*value);
}

Read<core::Currency> currency_of(const Fields& fields) {
    // Refund and cancel messages may leave it out (section 4); the settlement's is the same, and always yuan.
    const auto number =
        value_of(fields, "currencyCode").value_or(value_of(fields, "settleCurrencyCode").value_or("156"));
    const auto currency = core::Currency::from_number(number);
    if (!currency) {
        return core::Refused{std::string_view("currency_unknown")};
    }
    return *currency;
}

Read<core::Money> amount_of(const Fields& fields, bool gives_back) {
    constexpr std::size_t kDigitsMax = 12;
    const auto text = value_of(fields, "txnAmt").value_or("");
    if (!all_digits(text) || text.size() > kDigitsMax) {
        return core::Refused{std::string_view("amount_malformed")};
    }
    const auto minor = core::minor_from_integer(text);
    if (!minor || *minor <= 0 || *minor > core::kMinorMax) {
        return core::Refused{std::string_view("amount_out_of_range")};
    }
    const auto currency = currency_of(fields);
    if (!currency) {
        return core::Refused{currency.error()};
    }
    return core::Money(gives_back ? -*minor : *minor, *currency);
}

struct Dates {
    core::Instant occurred_at;
    core::BusinessDay business_day;
    int rank;
};

Read<Dates> dates_of(const Fields& fields) {
    const auto occurred_at = instant_from_text(value_of(fields, "txnTime").value_or(""));
    if (!occurred_at) {
        return core::Refused{std::string_view("time_impossible")};
    }
    const auto told = value_of(fields, "settleDate");
    if (!told) {
        return Dates{*occurred_at, core::day_of(*occurred_at, day_cut()), 0};
    }
    const auto business_day = day_near(*told, local_day(*occurred_at));
    if (!business_day) {
        return core::Refused{std::string_view("settle_date_impossible")};
    }
    return Dates{*occurred_at, *business_day, 1};
}

Attributes attributes_of(const Fields& fields, const ChannelContext& context) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kKept = {{
        {"traceNo", "trace_no"},
        {"traceTime", "trace_time"},
        {"txnType", "txn_type"},
        {"respCode", "resp_code"},
    }};
    Attributes attributes;
    for (const auto& [field, key] : kKept) {
        if (const auto value = value_of(fields, field); value && is_identifier(*value)) {
            attributes.emplace(key, context.redact(*value));
        }
    }
    return attributes;
}

void set_order(Transaction& transaction, const Movement& movement, std::string order) {
    if (movement.gives_back) {
        transaction.own_order_id = std::move(order);
    } else {
        transaction.merchant_order_id = core::MerchantOrderId(std::move(order));
    }
}

Read<Transaction> transaction_of(const Fields& fields, const Movement& movement, TransactionStatus status,
                                 const ChannelContext& context) {
    const auto id = identifier(fields, "queryId", "query_id_missing", context);
    if (!id) {
        return core::Refused{id.error()};
    }
    auto order = identifier(fields, "orderId", "order_id_missing", context);
    if (!order) {
        return core::Refused{order.error()};
    }
    const auto amount = amount_of(fields, movement.gives_back);
    if (!amount) {
        return core::Refused{amount.error()};
    }
    const auto dates = dates_of(fields);
    if (!dates) {
        return core::Refused{dates.error()};
    }
    auto card = card_from(value_of(fields, "accNo").value_or(""), context);
    Transaction transaction{.type = movement.type,
                            .status = status,
                            .channel_txn_id = core::ChannelTxnId(*id),
                            .merchant_order_id = {},
                            .own_order_id = {},
                            .related_txn_id = {},
                            .amount = *amount,
                            .occurred_at = dates->occurred_at,
                            .business_day = dates->business_day,
                            .date_rank = dates->rank,
                            .attributes = attributes_of(fields, context),
                            .masked_card = std::move(card.masked),
                            .card_fingerprint = std::move(card.fingerprint)};
    set_order(transaction, movement, *std::move(order));
    if (const auto original = identifier(fields, "origQryId", "", context)) {
        transaction.related_txn_id = core::ChannelTxnId(*original);
    }
    return transaction;
}

constexpr std::size_t kEventIdMax = 160;

// The message has no id of its own. Told again it must get the same, and told with another outcome a different one.
std::string event_id_of(const Fields& fields, const ChannelContext& context) {
    std::string id;
    for (const auto name : {"txnType", "queryId", "orderId", "txnTime", "respCode"}) {
        id.append(id.empty() ? "" : ":").append(value_of(fields, name).value_or(""));
    }
    // A message that moves nothing may carry anything in these fields; the id stays of a length one can index.
    return id.size() <= kEventIdMax ? context.redact(id) : core::crypto::sha256_hex(id);
}

CallbackRefusal bad_content(std::string_view reason) {
    return {CallbackRefusal::Kind::bad_content, std::string(reason)};
}

}  // namespace

core::Result<CallbackMessage, CallbackRefusal> read_notification(const Fields& fields, const ChannelContext& context) {
    const auto txn_type = value_of(fields, "txnType");
    const auto resp_code = value_of(fields, "respCode");
    if (!txn_type || !resp_code) {
        return core::Refused{bad_content(txn_type ? "resp_code_missing" : "txn_type_missing")};
    }
    CallbackMessage message{
        event_id_of(fields, context), context.redact(*txn_type), {}, redacted_body(fields, context)};
    const auto movement = movement_of(*txn_type);
    const auto status = status_of(*resp_code);
    // A transaction that failed early has no query id: it is recorded as a message, and there is nothing to book.
    const bool nameless = status != TransactionStatus::captured && !value_of(fields, "queryId");
    if (!movement || nameless) {
        return message;
    }
    auto transaction = transaction_of(fields, *movement, status, context);
    if (!transaction) {
        return core::Refused{bad_content(transaction.error())};
    }
    message.transactions.push_back(*std::move(transaction));
    return message;
}

}  // namespace payments::unionpay

#include "payments/impl/excerpt.h"

#include <algorithm>
#include <array>

#include "core/json/reader.h"
#include "core/text/encoding.h"

namespace payments {
namespace {

constexpr std::size_t kBodyMax = std::size_t{64} * 1024;
constexpr std::size_t kValueMax = 64;

// Stripe: Event and Charge objects; WeChat Pay: the notification around its sealed resource;
// UnionPay: notification fields. Sorted.
constexpr std::array<std::string_view, 44> kKept = {
    "account",        "algorithm",      "amount",        "api_version", "bizType",       "captured",
    "certId",         "channelType",    "charge",        "create_time", "created",       "currency",
    "currencyCode",   "encoding",       "event_type",    "id",          "livemode",      "mchid",
    "merId",          "object",         "orderId",       "origQryId",   "original_type", "out_trade_no",
    "payment_intent", "queryId",        "resource_type", "respCode",    "settleAmt",     "settleCurrencyCode",
    "settleDate",     "signMethod",     "sp_mchid",      "status",      "sub_mchid",     "traceNo",
    "traceTime",      "transaction_id", "txnAmt",        "txnSubType",  "txnTime",       "txnType",
    "type",           "version"};

static_assert(std::is_sorted(kKept.begin(), kKept.end()));

class Excerpt {
public:
    Excerpt(const std::function<std::string(std::string_view)>& redact, std::size_t bytes_max)
        : redact_(redact), bytes_max_(bytes_max) {}

    void add(std::string_view name, std::string_view value) {
        if (!std::binary_search(kKept.begin(), kKept.end(), name)) {
            ++others_;
            return;
        }
        const auto shown =
            value.size() > kValueMax ? "(" + std::to_string(value.size()) + " bytes)" : printable(redact_(value));
        if (text_.size() + name.size() + shown.size() + 2 <= bytes_max_) {
            text_ += (text_.empty() ? "" : " ") + std::string(name) + "=" + shown;
        }
    }

    void add(const std::string& name, const core::json::Value& value) {
        if (value.is_object() || value.is_array()) {
            for (const auto& [key, member] : value.members()) {
                add(key, member);
            }
            for (const auto& item : value.items()) {
                add(name, item);
            }
            return;
        }
        const auto boolean = value.boolean();
        add(std::string_view(name),
            value.string() ? *value.string()
                           : value.number_text().value_or(boolean ? (*boolean ? "true" : "false") : "null"));
    }

    std::string text() && {
        const auto others = others_ == 0 ? "" : "(" + std::to_string(others_) + " other fields)";
        if (!others.empty() && text_.size() + others.size() + 1 <= bytes_max_) {
            text_ += (text_.empty() ? "" : " ") + others;
        }
        return std::move(text_);
    }

private:
    // Whatever isn't a printable ASCII character becomes a dot: nobody knows what encoding a forger meant.
    static std::string printable(std::string text) {
        std::replace_if(
            text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '.');
        return text;
    }

    const std::function<std::string(std::string_view)>& redact_;
    std::size_t bytes_max_;
    std::string text_;
    std::size_t others_ = 0;
};

}  // namespace

std::string excerpt_of(std::string_view body, const std::function<std::string(std::string_view)>& redact,
                       std::size_t bytes_max) {
    if (body.size() > kBodyMax) {
        return "(too large to look into)";
    }
    Excerpt excerpt(redact, bytes_max);
    if (const auto json = core::json::parse(body); json && json->is_object()) {
        excerpt.add("", *json);
    } else if (const auto form = core::text::parse_form(body)) {
        for (const auto& [name, value] : *form) {
            excerpt.add(std::string_view(name), std::string_view(value));
        }
    } else {
        return "(neither a form nor a JSON object)";
    }
    return std::move(excerpt).text();
}

}  // namespace payments

// Reading Stripe's objects: the fields that several kinds share, and the balance transaction.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/json/reader.h"
#include "core/money.h"
#include "core/time.h"

namespace payments::stripe {

using Redact = std::function<std::string(std::string_view)>;

// The id a field refers to, be it the text or the expanded object; "" when absent, null, or longer than 255 bytes.
std::string id_at(const core::json::Value& object, std::string_view key);
// metadata[key], "" when absent.
std::string metadata_at(const core::json::Value& object, std::string_view key);
// Unix seconds of the years 1970 to 9999.
std::optional<core::Instant> instant_at(const core::json::Value& object, std::string_view key);
// The integer under `key` in the object's `currency`.
std::optional<core::Money> money_at(const core::json::Value& object, std::string_view key);
// The same, above zero.
std::optional<core::Money> positive_at(const core::json::Value& object, std::string_view key);

// A change of the account's balance, in the settlement currency: net = amount - fee, checked. The fee is positive
// when it costs and negative when it is given back.
struct BalanceTransaction {
    std::string id;
    core::Money amount;
    core::Money fee;
    core::Instant created;
    std::string category;  // reporting_category, "dispute" ...
    std::string source;    // id of the object behind it; "" for account fees
};

// Nothing when a field is missing or the identity doesn't hold.
std::optional<BalanceTransaction> read_balance_transaction(const core::json::Value& object);

}  // namespace payments::stripe

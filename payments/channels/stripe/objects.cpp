#include "payments/channels/stripe/objects.h"

#include <chrono>

#include "payments/channels/stripe/amounts.h"

namespace payments::stripe {
namespace {

constexpr std::size_t kIdBytesMax = 255;
constexpr std::int64_t kEndOfYear9999 = 253402300799;

}  // namespace

std::string id_at(const core::json::Value& object, std::string_view key) {
    const auto* field = object.find(key);
    if (field == nullptr) {
        return {};
    }
    const auto id = field->is_object() ? field->string_at("id") : field->string();
    return id && id->size() <= kIdBytesMax ? std::string(*id) : std::string();
}

std::string metadata_at(const core::json::Value& object, std::string_view key) {
    const auto* metadata = object.find("metadata");
    return metadata == nullptr ? std::string() : std::string(metadata->string_at(key).value_or(""));
}

std::optional<core::Instant> instant_at(const core::json::Value& object, std::string_view key) {
    const auto seconds = object.integer_at(key);
    if (!seconds || *seconds < 0 || *seconds > kEndOfYear9999) {
        return std::nullopt;
    }
    const core::Instant instant{std::chrono::seconds(*seconds)};
    return core::is_in_calendar(instant) ? std::optional(instant) : std::nullopt;
}

std::optional<core::Money> money_at(const core::json::Value& object, std::string_view key) {
    const auto units = object.integer_at(key);
    const auto currency = core::Currency::from_code(object.string_at("currency").value_or(""));
    if (!units || !currency) {
        return std::nullopt;
    }
    return money_from_api(*units, *currency);
}

std::optional<core::Money> positive_at(const core::json::Value& object, std::string_view key) {
    const auto money = money_at(object, key);
    return money && money->minor() > 0 ? money : std::nullopt;
}

std::optional<BalanceTransaction> read_balance_transaction(const core::json::Value& object) {
    const auto amount = money_at(object, "amount");
    const auto fee = money_at(object, "fee");
    const auto net = money_at(object, "net");
    const auto created = instant_at(object, "created");
    auto id = id_at(object, "id");
    if (!amount || !fee || !net || !created || id.empty()) {
        return std::nullopt;
    }
    const auto expected = amount->minus(*fee);
    if (!expected || *expected != *net) {
        return std::nullopt;
    }
    return BalanceTransaction{std::move(id),
                              *amount,
                              *fee,
                              *created,
                              std::string(object.string_at("reporting_category").value_or("")),
                              id_at(object, "source")};
}

}  // namespace payments::stripe

#include "server/api/body.h"

#include <algorithm>

#include "ledger/given_account.h"
#include "server/api/problem.h"

namespace server::api {
namespace {

using core::json::Value;

Value parsed_object(std::string_view json) {
    auto value = core::json::parse(json);
    if (!value || !value->is_object()) {
        throw bad_field("", value ? "must be a JSON object" : std::string(core::json::describe(value.error())));
    }
    return *std::move(value);
}

std::string list_of(std::initializer_list<std::string_view> names) {
    std::string text;
    for (const auto name : names) {
        text += (text.empty() ? "" : ", ") + std::string(name);
    }
    return text.empty() ? "none" : text;
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; });
}

}  // namespace

Body::Body(std::string_view json, std::initializer_list<std::string_view> known, Redact redact)
    : object_(parsed_object(json)), redact_(std::move(redact)) {
    for (const auto& [name, value] : object_.members()) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            throw bad_field(redact_(name), "unknown field; known are " + list_of(known));
        }
    }
}

bool Body::has(std::string_view name) const {
    const auto* value = object_.find(name);
    return value != nullptr && !value->is_null();
}

std::string Body::text(std::string_view name, std::size_t bytes_max) const {
    const auto text = object_.string_at(name).value_or("");
    if (text.empty() || text.size() > bytes_max || has_control(text)) {
        throw bad_field(std::string(name),
                        "must have 1 to " + std::to_string(bytes_max) + " bytes and no control characters");
    }
    return redact_(text);
}

ledger::Account Body::account(std::string_view name) const {
    const auto account = ledger::given_account(std::string(object_.string_at(name).value_or("")));
    if (!account) {
        throw bad_field(
            std::string(name),
            std::string("must be an account of the chart, e.g. payable:seller or bank:main") + ledger::kNoCardNames);
    }
    return *account;
}

core::Currency Body::currency(std::string_view name) const {
    const auto currency = core::Currency::from_code(object_.string_at(name).value_or(""));
    if (!currency) {
        throw bad_field(std::string(name), "must be an ISO 4217 code, e.g. CNY");
    }
    return *currency;
}

core::Money Body::money(std::string_view name, std::int64_t least) const {
    const std::string field(name);
    const auto* value = object_.find(name);
    const bool is_money = value != nullptr && value->is_object();
    if (is_money) {
        for (const auto& [member, ignored] : value->members()) {
            if (member != "amount" && member != "currency") {
                throw bad_field(field, R"(must be {"amount": 12345, "currency": "CNY"})");
            }
        }
    }
    const auto& object = is_money ? *value : object_;
    const auto currency = core::Currency::from_code(object.string_at("currency").value_or(""));
    if (!currency) {
        throw bad_field(is_money ? field + ".currency" : "currency", "must be an ISO 4217 code, e.g. CNY");
    }
    const auto minor = object.integer_at(is_money ? "amount" : name);
    if (!minor || *minor < least || *minor > core::kMinorMax) {
        throw bad_field(
            is_money ? field + ".amount" : field,
            "must be whole minor units, from " + std::to_string(least) + " to " + std::to_string(core::kMinorMax));
    }
    return {*minor, *currency};
}

std::int64_t Body::integer(std::string_view name, std::int64_t least, std::int64_t most) const {
    const auto number = object_.integer_at(name);
    if (!number || *number < least || *number > most) {
        throw bad_field(std::string(name),
                        "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return *number;
}

core::BusinessDay Body::day(std::string_view name) const {
    const auto day = core::parse_day(object_.string_at(name).value_or(""));
    if (!day) {
        throw bad_field(std::string(name), "must be a day that exists, YYYY-MM-DD");
    }
    return *day;
}

core::Instant Body::time(std::string_view name) const {
    const auto instant = core::parse_rfc3339(object_.string_at(name).value_or(""));
    if (!instant) {
        throw bad_field(std::string(name), "must be a time with its zone, 2026-11-30T09:00:00Z");
    }
    return *instant;
}

bool Body::flag(std::string_view name) const {
    const auto flag = object_.boolean_at(name);
    if (has(name) && !flag) {
        throw bad_field(std::string(name), "must be true or false");
    }
    return flag.value_or(false);
}

}  // namespace server::api

#include "ledger/entry_file.h"

#include <map>
#include <optional>

#include "core/failure.h"
#include "ledger/given_account.h"
#include "ledger/impl/json_lines.h"

namespace ledger {
namespace {

using core::json::Value;

constexpr std::size_t kKeyBytesMax = 128;
constexpr std::size_t kDescriptionBytesMax = 512;
constexpr std::size_t kLegsMax = 1000;

Leg leg_of(const JsonLine& line, const Value& item, const std::string& where) {
    if (!item.is_object()) {
        line.refuse(where, "must be {\"account\", \"currency\", \"amount\"}");
    }
    // Money may stand as it does in JSON elsewhere, {"amount": 12345, "currency": "CNY"}.
    const auto* amount = item.find("amount");
    const bool is_money = amount != nullptr && amount->is_object();
    if (is_money) {
        line.check_names(item, {"account", "amount"});
        line.check_names(*amount, {"amount", "currency"});
    } else {
        line.check_names(item, {"account", "currency", "amount"});
    }
    const auto& money = is_money ? *amount : item;
    const auto account = given_account(std::string(item.string_at("account").value_or("")));
    if (!account) {
        line.refuse(where + ".account",
                    std::string("is no account of the chart, e.g. expense:rent or bank:main") + kNoCardNames);
    }
    const auto currency = core::Currency::from_code(money.string_at("currency").value_or(""));
    if (!currency) {
        line.refuse(where + ".currency", "is no currency, e.g. CNY");
    }
    const auto minor = money.integer_at("amount");
    if (!minor || *minor > core::kMinorMax || *minor < -core::kMinorMax) {
        line.refuse(where + ".amount", "must be a whole number of minor units, debit above zero, credit below");
    }
    return {*account, {*minor, *currency}};
}

std::vector<Leg> legs_of(const JsonLine& line, const Value& object) {
    const auto* items = object.find("legs");
    if (items == nullptr || !items->is_array() || items->items().size() > kLegsMax) {
        line.refuse("legs", "must be a list of at most " + std::to_string(kLegsMax) + " legs");
    }
    std::vector<Leg> legs;
    for (std::size_t i = 0; i < items->items().size(); ++i) {
        legs.push_back(leg_of(line, items->items()[i], "legs[" + std::to_string(i) + "]"));
    }
    return legs;
}

// Under the key it says itself, or the one given (redacted), beside which it may say none.
Entry entry_of(const JsonLine& line, std::string_view text, core::Instant now,
               const std::optional<std::string>& given_key = std::nullopt) {
    const auto object = line.object(text);
    std::vector<std::string_view> names = {"business_date", "occurred_at", "description", "legs"};
    if (!given_key) {
        names.insert(names.begin(), "source_key");
    }
    line.check_names(object, names);
    const auto day = core::parse_day(line.text(object, "business_date", 10));
    if (!day) {
        line.refuse("business_date", "must be a day that exists, YYYY-MM-DD");
    }
    const auto key = given_key ? *given_key : line.redacted_text(object, "source_key", kKeyBytesMax);
    const auto description = line.redacted_text(object, "description", kDescriptionBytesMax);
    const auto entry =
        Entry::make({"manual", "manual:" + key, "", description, line.time(object, "occurred_at", now), *day},
                    legs_of(line, object));
    if (!entry) {
        line.refuse("legs", std::string(describe(entry.error())));
    }
    return *entry;
}

}  // namespace

Entry read_entry(std::string_view json, const std::string& source_key, core::Instant now,
                 const std::function<std::string(std::string_view)>& redact) {
    core::ensure(!source_key.empty(), "an entry has a source key");
    const std::string name = "entry";
    return entry_of(JsonLine(name, 1, redact), json, now, redact(source_key));
}

std::vector<EntryInFile> read_entries(const std::string& shown_name, std::string_view text, core::Instant now,
                                      const std::function<std::string(std::string_view)>& redact) {
    std::vector<EntryInFile> entries;
    std::map<std::string, std::uint64_t> seen;
    for_each_line(shown_name, text, redact, [&](const JsonLine& line, std::string_view row) {
        entries.push_back({line.number(), entry_of(line, row, now)});
        const auto [at, fresh] = seen.emplace(entries.back().entry.head().source_key, line.number());
        if (!fresh) {
            line.refuse("source_key", "stands in line " + std::to_string(at->second) + " already");
        }
    });
    if (entries.empty()) {
        throw core::InputError(shown_name + ": has no entry; a line is one, as JSON");
    }
    return entries;
}

}  // namespace ledger

#include "ledger/entry_file.h"

#include <algorithm>
#include <map>

#include "core/failure.h"
#include "core/json/reader.h"
#include "core/text/encoding.h"

namespace ledger {
namespace {

using core::json::Value;
using Redact = std::function<std::string(std::string_view)>;

constexpr std::size_t kKeyBytesMax = 128;
constexpr std::size_t kDescriptionBytesMax = 512;
constexpr std::size_t kLegsMax = 1000;

class LineReader {
public:
    LineReader(const std::string& file, std::uint64_t line, const Redact& redact)
        : file_(file), line_(line), redact_(redact) {}

    Entry entry(std::string_view text, core::Instant now) const {
        const auto value = core::json::parse(text);
        if (!value || !value->is_object()) {
            refuse("", value ? "is no JSON object" : std::string(core::json::describe(value.error())));
        }
        check_names(*value, {"source_key", "business_date", "occurred_at", "description", "legs"});
        const auto day = core::parse_day(this->text(*value, "business_date", 10));
        if (!day) {
            refuse("business_date", "must be a day that exists, YYYY-MM-DD");
        }
        const auto entry =
            Entry::make({"manual", "manual:" + redact_(this->text(*value, "source_key", kKeyBytesMax)), "",
                         redact_(this->text(*value, "description", kDescriptionBytesMax)), time(*value, now), *day},
                        legs(*value));
        if (!entry) {
            refuse("legs", std::string(describe(entry.error())));
        }
        return *entry;
    }

    [[noreturn]] void refuse(const std::string& field, const std::string& what) const {
        throw core::InputError(file_ + ":" + std::to_string(line_) + ": " +
                               redact_((field.empty() ? "" : field + ": ") + what));
    }

private:
    void check_names(const Value& object, const std::vector<std::string_view>& known) const {
        for (const auto& [name, member] : object.members()) {
            if (std::find(known.begin(), known.end(), name) == known.end()) {
                std::string names;
                for (const auto one : known) {
                    names += (names.empty() ? "" : ", ") + std::string(one);
                }
                refuse(name, "unknown field; known are " + names);
            }
        }
    }

    std::string text(const Value& object, std::string_view name, std::size_t bytes_max) const {
        const auto text = object.string_at(name);
        if (!text || text->empty()) {
            refuse(std::string(name), "is missing, or no text; every entry needs it");
        }
        const bool has_control = std::any_of(text->begin(), text->end(),
                                             [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; });
        if (text->size() > bytes_max || has_control) {
            refuse(std::string(name),
                   "must have at most " + std::to_string(bytes_max) + " bytes and no control characters");
        }
        return std::string(*text);
    }

    core::Instant time(const Value& object, core::Instant now) const {
        if (object.find("occurred_at") == nullptr) {
            return now;
        }
        const auto instant = core::parse_rfc3339(object.string_at("occurred_at").value_or(""));
        if (!instant) {
            refuse("occurred_at", "must be a time with its zone, 2026-11-30T09:00:00Z");
        }
        return *instant;
    }

    std::vector<Leg> legs(const Value& object) const {
        const auto* items = object.find("legs");
        if (items == nullptr || !items->is_array() || items->items().size() > kLegsMax) {
            refuse("legs", "must be a list of at most " + std::to_string(kLegsMax) + " legs");
        }
        std::vector<Leg> legs;
        for (std::size_t i = 0; i < items->items().size(); ++i) {
            legs.push_back(leg(items->items()[i], "legs[" + std::to_string(i) + "]"));
        }
        return legs;
    }

    Leg leg(const Value& item, const std::string& where) const {
        if (!item.is_object()) {
            refuse(where, "must be {\"account\", \"currency\", \"amount\"}");
        }
        check_names(item, {"account", "currency", "amount"});
        const auto account = Account::from_name(std::string(item.string_at("account").value_or("")));
        if (!account) {
            refuse(where + ".account", "is no account of the chart, e.g. expense:rent or bank:main");
        }
        const auto currency = core::Currency::from_code(item.string_at("currency").value_or(""));
        if (!currency) {
            refuse(where + ".currency", "is no currency, e.g. CNY");
        }
        const auto minor = item.integer_at("amount");
        if (!minor || *minor > core::kMinorMax || *minor < -core::kMinorMax) {
            refuse(where + ".amount", "must be a whole number of minor units, debit above zero, credit below");
        }
        return {*account, {*minor, *currency}};
    }

    const std::string& file_;
    std::uint64_t line_;
    const Redact& redact_;
};

}  // namespace

std::vector<EntryInFile> read_entries(const std::string& shown_name, std::string_view text, core::Instant now,
                                      const Redact& redact) {
    if (text.starts_with("\xEF\xBB\xBF")) {
        text.remove_prefix(3);
    }
    std::vector<EntryInFile> entries;
    std::map<std::string, std::uint64_t> seen;
    for (std::uint64_t line = 1; !text.empty(); ++line) {
        const auto end = text.find('\n');
        auto row = core::text::trimmed(text.substr(0, end));
        if (row.ends_with('\r')) {
            row.remove_suffix(1);
        }
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (row.empty()) {
            continue;
        }
        const LineReader reader(shown_name, line, redact);
        entries.push_back({line, reader.entry(row, now)});
        const auto [at, fresh] = seen.emplace(entries.back().entry.head().source_key, line);
        if (!fresh) {
            reader.refuse("source_key", "stands in line " + std::to_string(at->second) + " already");
        }
    }
    if (entries.empty()) {
        throw core::InputError(shown_name + ": has no entry; a line is one, as JSON");
    }
    return entries;
}

}  // namespace ledger

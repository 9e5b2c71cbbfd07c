// Orders files: JSON lines or CSV, contract section 5.
#include <map>
#include <set>

#include "core/failure.h"
#include "core/json/reader.h"
#include "core/text/csv.h"
#include "core/text/encoding.h"
#include "ledger/split.h"
#include "payments/order.h"

namespace payments {
namespace {

constexpr std::size_t kIdBytesMax = 64;
constexpr std::size_t kDescriptionBytesMax = 512;
const std::set<std::string, std::less<>> kFields = {"merchant_order_id", "amount", "currency",
                                                    "created_at",        "split",  "description"};

// One order as text, whatever the file's form; absent fields are absent.
using Fields = std::map<std::string, std::string, std::less<>>;

using Redact = std::function<std::string(std::string_view)>;

struct Place {
    const std::string& file;
    std::uint64_t line;
    const Redact& redact;

    // Names of columns and splits are quoted; in a file without a header they can be anything, card numbers too.
    [[noreturn]] void refuse(std::string_view field, const std::string& what) const {
        throw core::InputError(file + ":" + std::to_string(line) + ": " +
                               redact((field.empty() ? "" : std::string(field) + ": ") + what));
    }
};

const std::string& required(const Fields& fields, std::string_view name, const Place& place) {
    const auto found = fields.find(name);
    if (found == fields.end() || found->second.empty()) {
        place.refuse(name, "is missing; every order needs it");
    }
    return found->second;
}

std::string optional_text(const Fields& fields, std::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
}

std::string split_shares(const std::string& name, const config::TenantSettings& tenant, const Place& place) {
    if (name.empty()) {
        return {};
    }
    for (const auto& policy : tenant.splits) {
        if (policy.name == name) {
            return ledger::shares_to_text(policy.shares);
        }
    }
    place.refuse("split", "\"" + name + "\" is not configured; add [[tenant.split]] or leave the field out");
}

Order order_from(const Fields& fields, const config::TenantSettings& tenant, const Place& place) {
    const auto& id = required(fields, "merchant_order_id", place);
    if (id.size() > kIdBytesMax) {
        place.refuse("merchant_order_id", "is longer than " + std::to_string(kIdBytesMax) + " bytes");
    }
    const auto currency = core::Currency::from_code(required(fields, "currency", place));
    if (!currency) {
        place.refuse("currency", "is no ISO 4217 code; write e.g. CNY");
    }
    const auto minor = core::minor_from_integer(required(fields, "amount", place));
    if (!minor) {
        place.refuse("amount",
                     std::string(core::describe(minor.error())) + "; write whole minor units, e.g. 12345 for 123.45");
    }
    if (*minor <= 0 || *minor > core::kMinorMax) {
        place.refuse("amount", "must be from 1 to " + std::to_string(core::kMinorMax) + " minor units");
    }
    const auto created = core::parse_rfc3339(required(fields, "created_at", place));
    if (!created) {
        place.refuse("created_at", "is no RFC 3339 time; write e.g. 2026-11-17T08:52:12Z");
    }
    const std::string description = optional_text(fields, "description");
    if (description.size() > kDescriptionBytesMax) {
        place.refuse("description", "is longer than " + std::to_string(kDescriptionBytesMax) + " bytes");
    }
    const std::string split = optional_text(fields, "split");
    return {core::MerchantOrderId(place.redact(id)), core::Money(*minor, *currency), *created, split,
            split_shares(split, tenant, place),      place.redact(description)};
}

Fields fields_of_json(std::string_view text, const Place& place) {
    const auto value = core::json::parse(text);
    if (!value) {
        place.refuse("", std::string(core::json::describe(value.error())) + "; each line is one JSON object");
    }
    if (!value->is_object()) {
        place.refuse("", "each line is one JSON object");
    }
    Fields fields;
    for (const auto& [name, member] : value->members()) {
        if (!kFields.contains(name)) {
            place.refuse(name,
                         "unknown field; known are merchant_order_id, amount, currency, created_at, split, "
                         "description");
        }
        if (member.is_null()) {
            continue;
        }
        const auto content = name == "amount" ? member.number_text() : member.string();
        if (!content) {
            place.refuse(name, name == "amount" ? "must be a whole number of minor units" : "must be a text");
        }
        fields.emplace(name, *content);
    }
    return fields;
}

template <typename Take>
void each_json_line(const std::string& file, std::string_view text, const Redact& redact, Take take) {
    std::uint64_t line = 0;
    while (!text.empty()) {
        ++line;
        const auto end = text.find('\n');
        auto row = core::text::trimmed(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (row.ends_with('\r')) {
            row.remove_suffix(1);
        }
        if (!row.empty()) {
            const Place place{file, line, redact};
            take(fields_of_json(row, place), place);
        }
    }
}

void check_header(const std::vector<std::string>& cells, const Place& place) {
    std::set<std::string_view> names;
    for (const auto& name : cells) {
        if (!kFields.contains(name)) {
            place.refuse(name,
                         "unknown column; known are merchant_order_id, amount, currency, created_at, split, "
                         "description");
        }
        if (!names.insert(name).second) {
            place.refuse(name, "is a column twice; leave one out");
        }
    }
}

template <typename Take>
void each_csv_row(const std::string& file, std::string_view text, const Redact& redact, Take take) {
    core::text::CsvReader reader(text);
    std::vector<std::string> header;
    while (true) {
        const auto row = reader.next();
        if (!row) {
            Place{file, row.error().line, redact}.refuse("", row.error().what);
        }
        if (!*row) {
            return;
        }
        const auto& [line, cells] = **row;
        const Place place{file, line, redact};
        if (header.empty()) {
            check_header(cells, place);
            header = cells;
            continue;
        }
        if (cells.size() != header.size()) {
            place.refuse(
                "", "has " + std::to_string(cells.size()) + " cells, the header has " + std::to_string(header.size()));
        }
        Fields fields;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            fields.emplace(header[i], cells[i]);
        }
        take(fields, place);
    }
}

}  // namespace

std::vector<Order> read_orders(const std::string& shown_name, std::string_view text,
                               const config::TenantSettings& tenant,
                               const std::function<std::string(std::string_view)>& redact) {
    if (text.starts_with("\xEF\xBB\xBF")) {
        text.remove_prefix(3);
    }
    if (!core::text::is_valid_utf8(text)) {
        throw core::InputError(shown_name + ": is not UTF-8; save it as UTF-8 and import it again");
    }
    std::vector<Order> orders;
    std::map<std::string, std::uint64_t> seen;
    const auto take = [&](const Fields& fields, const Place& place) {
        orders.push_back(order_from(fields, tenant, place));
        const auto [at, fresh] = seen.emplace(orders.back().id.text(), place.line);
        if (!fresh) {
            place.refuse("merchant_order_id", "stands in line " + std::to_string(at->second) + " already");
        }
    };
    const auto first = core::text::trimmed(text).substr(0, 1);
    if (first == "{") {
        each_json_line(shown_name, text, redact, take);
    } else {
        each_csv_row(shown_name, text, redact, take);
    }
    return orders;
}

}  // namespace payments

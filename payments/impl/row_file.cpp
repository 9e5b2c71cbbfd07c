#include "payments/impl/row_file.h"

#include <algorithm>
#include <set>

#include "core/field_error.h"
#include "core/json/reader.h"
#include "core/text/csv.h"
#include "core/text/encoding.h"

namespace payments {
namespace {

constexpr std::size_t kIdBytesMax = 64;

using Take = std::function<void(const Fields&, const Place&)>;

bool is_known(std::string_view name, const RowForm& form) {
    return std::find(form.names.begin(), form.names.end(), name) != form.names.end();
}

std::string known_names(const RowForm& form) {
    std::string names;
    for (const auto name : form.names) {
        names += (names.empty() ? "" : ", ") + std::string(name);
    }
    return names;
}

// {"amount": 12345, "currency": "CNY"}, as money stands in JSON elsewhere.
void add_money(Fields& fields, const core::json::Value& money, const Place& place) {
    const auto* minor = money.find("amount");
    const auto currency = money.string_at("currency");
    if (minor == nullptr || !minor->number_text() || !currency || money.members().size() != 2) {
        place.refuse("amount", R"(must be a whole number of minor units, or {"amount": 12345, "currency": "CNY"})");
    }
    fields.emplace("amount", *minor->number_text());
    if (!fields.emplace("currency", *currency).second) {
        place.refuse("currency", "stands twice; leave one out");
    }
}

}  // namespace

Fields fields_of_json(std::string_view text, const RowForm& form, const Place& place) {
    const auto value = core::json::parse(text);
    if (!value) {
        place.refuse("", std::string(core::json::describe(value.error())) + "; each line is one JSON object");
    }
    if (!value->is_object()) {
        place.refuse("", "each line is one JSON object");
    }
    Fields fields;
    for (const auto& [name, member] : value->members()) {
        if (!is_known(name, form)) {
            place.refuse(name, "unknown field; known are " + known_names(form));
        }
        if (member.is_null()) {
            continue;
        }
        if (name == "amount" && form.number == name && member.is_object()) {
            add_money(fields, member, place);
            continue;
        }
        const auto content = name == form.number ? member.number_text() : member.string();
        if (!content) {
            place.refuse(name, name == form.number ? "must be a whole number of minor units" : "must be a text");
        }
        if (!fields.emplace(name, *content).second) {
            place.refuse(name, "stands twice; leave one out");
        }
    }
    return fields;
}

namespace {

void each_json_line(const std::string& file, std::string_view text, const RowForm& form, const Redact& redact,
                    const Take& take) {
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
            take(fields_of_json(row, form, place), place);
        }
    }
}

void check_header(const std::vector<std::string>& cells, const RowForm& form, const Place& place) {
    std::set<std::string_view> names;
    for (const auto& name : cells) {
        if (!is_known(name, form)) {
            place.refuse(name, "unknown column; known are " + known_names(form));
        }
        if (!names.insert(name).second) {
            place.refuse(name, "is a column twice; leave one out");
        }
    }
}

void each_csv_row(const std::string& file, std::string_view text, const RowForm& form, const Redact& redact,
                  const Take& take) {
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
        const std::uint64_t line = (*row)->line;
        const auto& cells = (*row)->cells;
        const Place place{file, line, redact};
        if (header.empty()) {
            check_header(cells, form, place);
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

void Place::refuse(std::string_view field, const std::string& what) const {
    throw core::FieldError(
        file + ":" + std::to_string(line) + ": " + redact((field.empty() ? "" : std::string(field) + ": ") + what),
        redact(field), redact(what));
}

const std::string& required(const Fields& fields, std::string_view name, const RowForm& form, const Place& place) {
    const auto found = fields.find(name);
    if (found == fields.end() || found->second.empty()) {
        place.refuse(name, "is missing; every " + std::string(form.noun) + " needs it");
    }
    return found->second;
}

std::string optional_text(const Fields& fields, std::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
}

std::string order_number(const Fields& fields, const RowForm& form, const Place& place) {
    const auto& id = required(fields, "merchant_order_id", form, place);
    if (id.size() > kIdBytesMax) {
        place.refuse("merchant_order_id", "is longer than " + std::to_string(kIdBytesMax) + " bytes");
    }
    return place.redact(id);
}

core::Instant required_time(const Fields& fields, std::string_view name, const RowForm& form, const Place& place) {
    const auto time = core::parse_rfc3339(required(fields, name, form, place));
    if (!time) {
        place.refuse(name, "is no RFC 3339 time; write e.g. 2026-11-17T08:52:12Z");
    }
    return *time;
}

void each_row(const std::string& file, std::string_view text, const RowForm& form, const Redact& redact,
              const Take& take) {
    if (text.starts_with("\xEF\xBB\xBF")) {
        text.remove_prefix(3);
    }
    if (!core::text::is_valid_utf8(text)) {
        throw core::InputError(file + ": is not UTF-8; save it as UTF-8 and import it again");
    }
    const auto first = core::text::trimmed(text).substr(0, 1);
    if (first == "{") {
        each_json_line(file, text, form, redact, take);
    } else {
        each_csv_row(file, text, form, redact, take);
    }
}

}  // namespace payments

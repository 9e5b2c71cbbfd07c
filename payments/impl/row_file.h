// Files of rows that people write: JSON lines or CSV with the same names, told apart by the first byte. What is wrong
// is said with file, line and field.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"

namespace payments {

using Redact = std::function<std::string(std::string_view)>;

// One row as text, whatever the file's form; absent fields are absent.
using Fields = std::map<std::string, std::string, std::less<>>;

struct Place {
    const std::string& file;
    std::uint64_t line;
    const Redact& redact;

    // Names of columns and splits are quoted; in a file without a header they can be anything, card numbers too.
    [[noreturn]] void refuse(std::string_view field, const std::string& what) const;
};

struct RowForm {
    std::string_view noun;                // "order"
    std::vector<std::string_view> names;  // of the fields there are
    std::string_view number;              // the one that JSON writes as a number; empty for none
};

const std::string& required(const Fields& fields, std::string_view name, const RowForm& form, const Place& place);
std::string optional_text(const Fields& fields, std::string_view name);
// The order's number, as it stands in the database: redacted.
std::string order_number(const Fields& fields, const RowForm& form, const Place& place);
core::Instant required_time(const Fields& fields, std::string_view name, const RowForm& form, const Place& place);

// One JSON object; "amount" may bring its currency along.
Fields fields_of_json(std::string_view text, const RowForm& form, const Place& place);

// Throws core::FieldError.
void each_row(const std::string& file, std::string_view text, const RowForm& form, const Redact& redact,
              const std::function<void(const Fields&, const Place&)>& take);

}  // namespace payments

// One row of a file of `diff` as a record: the exact way, which says of every field what is wrong with it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/text/csv.h"
#include "core/time.h"
#include "reconciliation/diff.h"
#include "reconciliation/matching/diff_layout.h"
#include "reconciliation/record.h"

namespace reconciliation::matching {

using Redact = std::function<std::string(std::string_view)>;

// Without blanks, and without spreadsheets' marks for "this is text", which channels write too.
std::string_view bare(std::string_view cell);

class RowReader {
public:
    // All of them outlive the reader. `file` is what messages and evidence call it.
    RowReader(const SideMapping& mapping, const Layout& layout, const Redact& redact, const std::string& file,
              DiffUnits units)
        : mapping_(mapping), layout_(layout), redact_(redact), file_(file), units_(units) {}

    // Amounts in minor units with the currency's own exponent, signs as in the file. Throws core::InputError
    // ("FILE:LINE: field: what; remedy").
    Record read(const core::text::CsvRow& row) const;

    // The type that a word means, of this file; nothing for one that isn't known.
    std::optional<payments::TransactionType> type_of(std::string_view word) const;
    std::optional<payments::TransactionStatus> status_of(std::string_view word, payments::TransactionType type) const;

private:
    class Row;

    const SideMapping& mapping_;
    const Layout& layout_;
    const Redact& redact_;
    const std::string& file_;
    DiffUnits units_;
};

// An instant as files write it: RFC 3339, "YYYY-MM-DD hh:mm:ss" or "YYYY/MM/DD hh:mm:ss" or "YYYYMMDDhhmmss" in
// `zone`, a day alone (its beginning), or whole seconds since 1970 (10 digits). Nothing for anything else.
std::optional<core::Instant> instant_from_text(std::string_view text, const std::string& zone);

}  // namespace reconciliation::matching

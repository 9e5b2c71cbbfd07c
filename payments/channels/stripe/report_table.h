// A report CSV as a table: header by name, rows of the header's width (specs, Stripe section 3.3).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/text/csv.h"
#include "payments/channel.h"

namespace payments::stripe {

// A refusal that names no file yet.
StatementRefusal report_refusal(std::uint64_t line, std::string field, std::string what, std::string remedy);

// Rows one by one, each checked for its width; quoted or bare, with or without a byte-order mark, LF or CRLF.
class ReportTable {
public:
    // Reads the header; refuses text that isn't UTF-8, an empty file, and a column that is there twice.
    static core::Result<ReportTable, StatementRefusal> open(std::string_view text);

    std::size_t width() const { return header_.size(); }
    std::optional<std::size_t> column(std::string_view name) const;
    // The first of `names` that isn't a column.
    std::optional<std::string> missing(const std::vector<std::string>& names) const;

    // The next row, nothing at the end. Refuses a row of another width, a quote that isn't closed, a last row that
    // may be cut (no line end follows, and it is the header or its last cell is bare), and the header once more.
    core::Result<std::optional<core::text::CsvRow>, StatementRefusal> next();
    // Where the last row's bytes begin and end.
    std::size_t begin() const { return begin_; }
    std::size_t end() const { return reader_.offset(); }

private:
    ReportTable(std::string_view text, core::text::CsvReader reader) : text_(text), reader_(reader) {}

    std::string_view text_;
    core::text::CsvReader reader_;
    std::vector<std::string> header_;
    std::map<std::string, std::size_t, std::less<>> columns_;
    std::uint64_t last_line_ = 1;
    std::size_t begin_ = 0;
    bool has_rows_ = false;
};

}  // namespace payments::stripe

// Delimited text by RFC 4180: reading with positions, writing safely for spreadsheets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace core::text {

struct CsvError {
    std::uint64_t line;  // from 1
    std::string what;    // "a quote is not closed", "text after a closing quote", "NUL byte", "row is too long"
};

// One record and the line (from 1) it begins on; a quoted field may hold line breaks.
struct CsvRow {
    std::uint64_t line = 0;
    std::size_t offset = 0;  // of its first byte in the text
    std::vector<std::string> cells;
};

// Reads rows one by one from a text held in memory by the caller. A byte-order mark is skipped; LF, CRLF and CR
// end a record; an empty line is skipped; the last record needs no line end. A quote counts only as the first
// character of a field. After an error next() says the same error again.
class CsvReader {
public:
    struct Limits {
        std::size_t row_bytes_max = 1U << 20U;
        std::size_t cells_max = 1024;
        bool skips_mark = true;  // not where the text is a later part of a file
    };

    explicit CsvReader(std::string_view text, char separator = ',') : CsvReader(text, separator, Limits{}) {}
    CsvReader(std::string_view text, char separator, Limits limits);

    // The next record, nothing at the end, or what is wrong.
    Result<std::optional<CsvRow>, CsvError> next();

    // Where the record after the last one begins, and its line.
    std::size_t offset() const { return at_; }
    std::uint64_t line() const { return line_; }

private:
    std::string_view text_;
    char separator_;
    Limits limits_;
    std::size_t at_ = 0;
    std::uint64_t line_ = 1;
};

// How many bytes of `text`, which begins with a record, are whole records with their line ends: what CsvReader would
// have read of a longer text. A CR at the very end may be half a line end and doesn't count.
std::size_t whole_records(std::string_view text, char separator);

// A cell for other people's spreadsheets. Text that could start a formula (= + - @ TAB CR, full-width ＝＋－＠ too,
// also after leading blanks) gets a leading apostrophe. Numbers are ours and stay numbers: use csv_raw_cell for them.
std::string csv_text_cell(std::string_view text);
// A cell as it is, quoted when it must be (also for semicolons and tabs, where other countries' settings split).
std::string csv_raw_cell(std::string_view text);

}  // namespace core::text

#include "core/text/csv.h"

#include <algorithm>
#include <array>

namespace core::text {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Reads one record from `text` at `at`, counting lines in `line`. Works on copies of the reader's position, so that
// a record that is refused leaves the reader where it was and the next call says the same again.
class RecordScanner {
public:
    RecordScanner(std::string_view text, char separator, std::size_t at, std::uint64_t line)
        : text_(text), separator_(separator), begin_(at), at_(at), line_(line) {}

    std::size_t at() const { return at_; }
    std::uint64_t line() const { return line_; }
    bool at_end() const { return at_ >= text_.size(); }

    // Passes one line end (LF, CRLF or CR) if there is one.
    bool skip_line_end() {
        if (at_end() || (text_[at_] != '\n' && text_[at_] != '\r')) {
            return false;
        }
        at_ += text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n' ? 2 : 1;
        ++line_;
        return true;
    }

    Result<CsvRow, CsvError> record(const CsvReader::Limits& limits) {
        CsvRow row{line_, begin_, {}};
        while (true) {
            std::string cell;
            const auto error = !at_end() && text_[at_] == '"' ? quoted_cell(cell, limits) : plain_cell(cell);
            if (error) {
                return Refused{*error};
            }
            row.cells.push_back(std::move(cell));
            if (at_ - begin_ > limits.row_bytes_max || row.cells.size() > limits.cells_max) {
                return Refused{CsvError{row.line, "row is too long"}};
            }
            if (at_end() || skip_line_end()) {
                return row;
            }
            ++at_;  // the separator: cells end at nothing else
        }
    }

private:
    std::optional<CsvError> plain_cell(std::string& cell) {
        const std::size_t begin = at_;
        while (!at_end() && text_[at_] != separator_ && text_[at_] != '\n' && text_[at_] != '\r') {
            if (text_[at_] == '\0') {
                return CsvError{line_, "NUL byte"};
            }
            ++at_;
        }
        cell.assign(text_.substr(begin, at_ - begin));
        return std::nullopt;
    }

    std::optional<CsvError> quoted_cell(std::string& cell, const CsvReader::Limits& limits) {
        const std::uint64_t opened_on = line_;
        ++at_;
        while (true) {
            auto error = copy_until_quote(cell, opened_on, limits);
            if (error) {
                return error;
            }
            ++at_;
            if (at_end() || text_[at_] != '"') {
                return after_closing_quote();
            }
            cell.push_back('"');
            ++at_;
        }
    }

    std::optional<CsvError> copy_until_quote(std::string& cell, std::uint64_t opened_on,
                                             const CsvReader::Limits& limits) {
        while (!at_end() && text_[at_] != '"') {
            if (text_[at_] == '\0') {
                return CsvError{line_, "NUL byte"};
            }
            // Judged here too: one quote that is never closed would otherwise take in the rest of the file.
            if (at_ - begin_ > limits.row_bytes_max) {
                return CsvError{opened_on, "row is too long"};
            }
            const std::size_t before = at_;
            if (!skip_line_end()) {
                ++at_;
            }
            cell.append(text_.substr(before, at_ - before));
        }
        return at_end() ? std::optional(CsvError{opened_on, "a quote is not closed"}) : std::nullopt;
    }

    std::optional<CsvError> after_closing_quote() const {
        if (at_end() || text_[at_] == separator_ || text_[at_] == '\n' || text_[at_] == '\r') {
            return std::nullopt;
        }
        return CsvError{line_, "text after a closing quote"};
    }

    std::string_view text_;
    char separator_;
    std::size_t begin_;
    std::size_t at_;
    std::uint64_t line_;
};

bool starts_with_one_of(std::string_view text, const auto& candidates, std::size_t& length) {
    const auto found = std::find_if(candidates.begin(), candidates.end(),
                                    [&](std::string_view candidate) { return text.starts_with(candidate); });
    if (found == candidates.end()) {
        return false;
    }
    length = found->size();
    return true;
}

// What a spreadsheet passes over before it looks for a formula: blanks of ASCII, no-break and ideographic space,
// a stray byte-order mark, zero-width space, and quotes that a careless import strips.
constexpr std::array<std::string_view, 6> kPassedOver{" ",           "\"", "\xC2\xA0", "\xE3\x80\x80", "\xEF\xBB\xBF",
                                                      "\xE2\x80\x8B"};
constexpr std::array<std::string_view, 11> kFormulaStarts{
    "=", "+", "-", "@", "\t", "\r", "\n", "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};

bool could_start_formula(std::string_view text) {
    std::size_t length = 0;
    while (starts_with_one_of(text, kPassedOver, length)) {
        text.remove_prefix(length);
    }
    return starts_with_one_of(text, kFormulaStarts, length);
}

}  // namespace

CsvReader::CsvReader(std::string_view text, char separator, Limits limits)
    : text_(text), separator_(separator), limits_(limits) {
    if (limits_.skips_mark && text_.starts_with(kByteOrderMark)) {
        at_ = kByteOrderMark.size();
    }
}

Result<std::optional<CsvRow>, CsvError> CsvReader::next() {
    RecordScanner scanner(text_, separator_, at_, line_);
    while (scanner.skip_line_end()) {
    }
    if (scanner.at_end()) {
        return std::optional<CsvRow>();
    }
    RecordScanner from_here(text_, separator_, scanner.at(), scanner.line());
    auto row = from_here.record(limits_);
    if (!row) {
        return Refused{row.error()};
    }
    at_ = from_here.at();
    line_ = from_here.line();
    return std::optional(*std::move(row));
}

std::size_t whole_records(std::string_view text, char separator) {
    // Without quotes a line end ends a record.
    if (text.find('"') == std::string_view::npos) {
        auto end = text.find_last_of("\r\n");
        end = end != std::string_view::npos && text[end] == '\r' && end + 1 == text.size()
                  ? text.find_last_of("\r\n", end == 0 ? 0 : end - 1)
                  : end;
        return end == std::string_view::npos || (text[end] == '\r' && end + 1 == text.size()) ? 0 : end + 1;
    }
    std::size_t whole = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '"') {
            std::size_t quote = text.find('"', at + 1);
            while (quote != std::string_view::npos && quote + 1 < text.size() && text[quote + 1] == '"') {
                quote = text.find('"', quote + 2);
            }
            if (quote == std::string_view::npos) {
                return whole;
            }
            at = quote + 1;
        }
        while (at < text.size() && text[at] != separator && text[at] != '\n' && text[at] != '\r') {
            ++at;
        }
        if (at == text.size() || (text[at] == '\r' && at + 1 == text.size())) {
            return whole;
        }
        at += text[at] == '\r' && text[at + 1] == '\n' ? 2 : 1;
        if (text[at - 1] != separator) {
            whole = at;
        }
    }
    return whole;
}

std::string csv_text_cell(std::string_view text) {
    if (!could_start_formula(text)) {
        return csv_raw_cell(text);
    }
    std::string guarded = "'";
    guarded.append(text);
    return csv_raw_cell(guarded);
}

std::string csv_raw_cell(std::string_view text) {
    // Semicolons and tabs too: a spreadsheet set to another country splits there, and what follows would then
    // stand at the start of a cell of its own.
    const bool plain =
        text.find_first_of(",;\t\"\r\n") == std::string_view::npos && !text.starts_with(' ') && !text.ends_with(' ');
    if (plain) {
        return std::string(text);
    }
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') {
            out.push_back('"');
        }
        out.push_back(c);
    }
    out.push_back('"');
    return out;
}

}  // namespace core::text

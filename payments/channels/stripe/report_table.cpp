#include "payments/channels/stripe/report_table.h"

#include <utility>

#include "core/text/encoding.h"

namespace payments::stripe {
namespace {

constexpr const char* kFetchAgain = "download the report again";

StatementRefusal csv_refusal(const core::text::CsvError& error) {
    return report_refusal(error.line, "", error.what, kFetchAgain);
}

// From 1. No byte of a longer character is a line end, so a text that isn't UTF-8 has a line that isn't.
std::uint64_t first_line_not_utf8(std::string_view text) {
    std::uint64_t line = 1;
    for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        if (!core::text::is_valid_utf8(text.substr(0, end))) {
            break;
        }
        text.remove_prefix(end + 1);
        ++line;
    }
    return line;
}

}  // namespace

StatementRefusal report_refusal(std::uint64_t line, std::string field, std::string what, std::string remedy) {
    StatementRefusal refusal;
    refusal.line = line;
    refusal.field = std::move(field);
    refusal.what = std::move(what);
    refusal.remedy = std::move(remedy);
    return refusal;
}

core::Result<ReportTable, StatementRefusal> ReportTable::open(std::string_view text) {
    if (!core::text::is_valid_utf8(text)) {
        return core::Refused{report_refusal(first_line_not_utf8(text), "", "the text is not UTF-8", kFetchAgain)};
    }
    ReportTable table(text, core::text::CsvReader(text));
    auto first = table.reader_.next();
    if (!first) {
        return core::Refused{csv_refusal(first.error())};
    }
    if (!*first) {
        return core::Refused{report_refusal(0, "", "the file is empty, not even a header", kFetchAgain)};
    }
    table.header_ = std::move((*first)->cells);
    for (std::size_t i = 0; i < table.header_.size(); ++i) {
        if (!table.columns_.emplace(table.header_[i], i).second) {
            return core::Refused{report_refusal((*first)->line, table.header_[i], "the column is there twice",
                                                "run the report with each column once")};
        }
    }
    return table;
}

std::optional<std::size_t> ReportTable::column(std::string_view name) const {
    const auto found = columns_.find(name);
    return found == columns_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string> ReportTable::missing(const std::vector<std::string>& names) const {
    for (const auto& name : names) {
        if (!column(name)) {
            return name;
        }
    }
    return std::nullopt;
}

core::Result<std::optional<core::text::CsvRow>, StatementRefusal> ReportTable::next() {
    begin_ = reader_.offset();
    auto row = reader_.next();
    if (!row) {
        return core::Refused{csv_refusal(row.error())};
    }
    if (!*row) {
        // A closing quote shows that the last cell is whole, and the row's width that it is the last one of the row;
        // a bare cell may have lost its end, a header any number of columns.
        const char last = text_.back();
        if (last != '\n' && last != '\r' && (last != '"' || !has_rows_)) {
            return core::Refused{
                report_refusal(last_line_, "", "no line end follows the last row; the file may be cut", kFetchAgain)};
        }
        return std::optional<core::text::CsvRow>();
    }
    last_line_ = (*row)->line;
    has_rows_ = true;
    const auto& cells = (*row)->cells;
    if (cells.size() != header_.size()) {
        return core::Refused{report_refusal((*row)->line, "",
                                            "the row has " + std::to_string(cells.size()) +
                                                " cells where the header has " + std::to_string(header_.size()) +
                                                "; the file may be cut short",
                                            kFetchAgain)};
    }
    if (cells == header_) {
        return core::Refused{report_refusal((*row)->line, "", "the header comes once more: two reports in one file",
                                            "deliver one report for the day")};
    }
    return std::move(*row);
}

}  // namespace payments::stripe

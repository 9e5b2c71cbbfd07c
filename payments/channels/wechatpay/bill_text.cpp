#include "payments/channels/wechatpay/bill_text.h"

#include <algorithm>
#include <utility>

#include "core/json/reader.h"
#include "core/text/encoding.h"

namespace payments::wechatpay {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kErrorBodyBytesMax = 65536;
constexpr const char* kDownloadAgain = "download the bill again";

std::string_view without_mark(std::string_view text) {
    if (text.starts_with(kByteOrderMark)) {
        text.remove_prefix(kByteOrderMark.size());
    }
    return text;
}

// Lines with their numbers; LF or CRLF ends one, the last needs no end.
class Lines {
public:
    // `before`: how many bytes of the file stand before the text.
    explicit Lines(std::string_view text, std::uint64_t before = 0) : rest_(text), end_(before) {}

    std::optional<std::string_view> next() {
        if (rest_.empty()) {
            return std::nullopt;
        }
        const auto end = rest_.find('\n');
        auto line = rest_.substr(0, end);
        const std::size_t bytes = end == std::string_view::npos ? rest_.size() : end + 1;
        rest_.remove_prefix(bytes);
        begin_ = end_;
        end_ += bytes;
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        ++number_;
        return line;
    }

    std::uint64_t number() const { return number_; }
    // Where the line stands in the file.
    std::uint64_t begin() const { return begin_; }
    std::uint64_t bytes() const { return end_ - begin_; }

private:
    std::string_view rest_;
    std::uint64_t begin_ = 0;
    std::uint64_t end_;
    std::uint64_t number_ = 0;
};

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> cells;
    for (;;) {
        const auto end = text.find(separator);
        cells.push_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return cells;
        }
        text.remove_prefix(end + 1);
    }
}

// By a comma with a backtick behind it; a comma alone is part of a cell.
void split_values(std::string_view text, std::vector<std::string_view>& cells) {
    cells.clear();
    std::size_t begin = 0;
    for (auto comma = text.find(','); comma != std::string_view::npos; comma = text.find(',', comma + 1)) {
        if (comma + 1 < text.size() && text[comma + 1] == '`') {
            cells.push_back(text.substr(begin, comma - begin));
            begin = comma + 2;
            ++comma;
        }
    }
    cells.push_back(text.substr(begin));
}

BillRow header_row(std::string_view line, const Lines& lines) {
    return {lines.number(), lines.begin(), lines.bytes(), split(line, ',')};
}

// Every value has one backtick before it, and only that one is taken away.
void read_values(std::string_view line, const Lines& lines, BillRow& row) {
    line.remove_prefix(1);
    row.line = lines.number();
    row.begin = lines.begin();
    row.bytes = lines.bytes();
    split_values(line, row.cells);
}

BillFault cut_short(std::uint64_t line) {
    return {line, "", "the file ends before its summary: it is cut short", kDownloadAgain};
}

BillFault wrong_count(const BillRow& row, std::size_t expected) {
    return {row.line, "",
            "has " + std::to_string(row.cells.size()) + " cells where the header has " + std::to_string(expected),
            kDownloadAgain};
}

std::uint64_t first_line_not_utf8(std::string_view text) {
    Lines lines(text);
    while (const auto line = lines.next()) {
        if (!core::text::is_valid_utf8(*line)) {
            break;
        }
    }
    return lines.number();
}

// The channel's error code, if the text is one of its error messages; only ever letters, digits and underscores.
std::string error_code_of(std::string_view text) {
    const auto json = core::json::parse(text);
    const auto code = json ? json->string_at("code") : std::nullopt;
    const bool printable =
        code && !code->empty() && code->size() <= 64 && std::all_of(code->begin(), code->end(), [](char c) {
            return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        });
    return printable ? std::string(*code) : std::string();
}

// An answer of the interface that was saved under the bill's name.
std::optional<BillFault> fault_of_error_body(std::string_view text) {
    const auto start = text.find_first_not_of(" \t\r\n");
    const char first = start == std::string_view::npos ? '\0' : text[start];
    if (first == '<') {
        return BillFault{1, "", "is an XML or HTML message, not a bill", kDownloadAgain};
    }
    if (first != '{') {
        return std::nullopt;
    }
    const std::string code = text.size() <= kErrorBodyBytesMax ? error_code_of(text) : std::string();
    if (code == "NO_STATEMENT_EXIST") {
        return BillFault{1, "", "is WeChat Pay's message NO_STATEMENT_EXIST, not a bill",
                         "the day had no transactions, or the bill was asked for too early: ask again after 10:00"};
    }
    if (code == "STATEMENT_CREATING") {
        return BillFault{1, "", "is WeChat Pay's message STATEMENT_CREATING, not a bill",
                         "the bill is still being made: ask again in half an hour"};
    }
    return BillFault{1, "", "is a JSON message" + (code.empty() ? "" : " (" + code + ")") + ", not a bill",
                     kDownloadAgain};
}

std::optional<BillFault> fault_of_text(std::string_view text) {
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        return BillFault{0, "", "is empty", kDownloadAgain};
    }
    if (auto fault = fault_of_error_body(text)) {
        return fault;
    }
    if (!core::text::is_valid_utf8(text)) {
        return BillFault{first_line_not_utf8(text), "", "is not UTF-8",
                         "use the bill as downloaded, not one saved again by another program"};
    }
    if (text.find('\0') != std::string_view::npos) {
        return BillFault{0, "", "holds a NUL byte", kDownloadAgain};
    }
    return std::nullopt;
}

// The summary's values and what may follow them: nothing.
core::Result<BillSummary, BillFault> finish(Lines& lines, BillRow summary_header) {
    const auto line = lines.next();
    if (!line) {
        return core::Refused{cut_short(lines.number())};
    }
    if (!line->starts_with('`')) {
        return core::Refused{BillFault{lines.number(), "", "is not the summary's row of values", kDownloadAgain}};
    }
    BillRow values;
    read_values(*line, lines, values);
    if (values.cells.size() != summary_header.cells.size()) {
        return core::Refused{wrong_count(values, summary_header.cells.size())};
    }
    while (const auto rest = lines.next()) {
        if (!rest->empty()) {
            return core::Refused{BillFault{lines.number(), "", "comes after the summary",
                                           "one bill is one file: don't join or edit bills"}};
        }
    }
    return BillSummary{std::move(summary_header), std::move(values)};
}

}  // namespace

core::Result<BillSummary, BillFault> walk_bill(std::string_view text, std::string_view summary_begins_with,
                                               RowPick& pick, const BillRowHandler& on_header,
                                               const BillRowHandler& on_row) {
    const std::size_t whole = text.size();
    text = without_mark(text);
    if (auto fault = fault_of_text(text)) {
        return core::Refused{*std::move(fault)};
    }
    Lines lines(text, whole - text.size());
    const auto first = lines.next().value_or("");
    const BillRow header = header_row(first, lines);
    if (auto fault = on_header(header)) {
        return core::Refused{*std::move(fault)};
    }
    BillRow row;
    while (const auto line = lines.next()) {
        if (line->starts_with('`')) {
            if (!pick.wants_next()) {
                continue;
            }
            read_values(*line, lines, row);
            if (row.cells.size() != header.cells.size()) {
                return core::Refused{wrong_count(row, header.cells.size())};
            }
            if (auto fault = on_row(row)) {
                return core::Refused{*std::move(fault)};
            }
            continue;
        }
        BillRow summary = header_row(*line, lines);
        if (summary.cells.front() != summary_begins_with) {
            return core::Refused{
                BillFault{lines.number(), "", "is neither a detail row nor the summary's header", kDownloadAgain}};
        }
        return finish(lines, std::move(summary));
    }
    return core::Refused{cut_short(lines.number())};
}

std::vector<std::string_view> first_line_cells(std::string_view text) {
    return split(Lines(without_mark(text)).next().value_or(""), ',');
}

}  // namespace payments::wechatpay

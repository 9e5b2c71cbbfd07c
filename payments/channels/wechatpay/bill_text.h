// The text of a WeChat Pay bill, trade or fund flow: its four parts and its cells (spec 3.4), nothing about columns.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "payments/channel.h"

namespace payments::wechatpay {

// One line, cut into cells without their backticks. The cells are views into the bill's text.
struct BillRow {
    std::uint64_t line = 0;   // from 1
    std::uint64_t begin = 0;  // its bytes, with what ends the line
    std::uint64_t bytes = 0;
    std::vector<std::string_view> cells;
};

// What is wrong with a bill, and where; the file's name is added by who knows it.
struct BillFault {
    std::uint64_t line = 0;  // 0: the file as a whole
    std::string field;
    std::string what;
    std::string remedy;
};

struct BillSummary {
    BillRow header;
    BillRow values;
};

// Called with the detail header, then with each detail row; a fault ends the reading.
using BillRowHandler = std::function<std::optional<BillFault>(const BillRow& row)>;

// Walks a bill: detail header, detail rows (each with as many cells as the header), a summary header that begins with
// `summary_begins_with`, one summary row, and nothing after it. With or without byte-order mark, LF or CRLF.
// Refuses what is cut short, what is not UTF-8, an error message saved as a bill, and rows whose cells don't fit the
// header: a merchant's text may hold anything but the two characters that separate cells, so a wrong count means
// that the row can't be read with certainty. Detail rows that `pick` doesn't want are passed over.
core::Result<BillSummary, BillFault> walk_bill(std::string_view text, std::string_view summary_begins_with,
                                               RowPick& pick, const BillRowHandler& on_header,
                                               const BillRowHandler& on_row);

// The cells of the first line, for telling what kind of bill this is; empty when there is no such line.
std::vector<std::string_view> first_line_cells(std::string_view text);

}  // namespace payments::wechatpay

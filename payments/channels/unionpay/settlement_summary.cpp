#include "payments/channels/unionpay/settlement_summary.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/money.h"

namespace payments::unionpay {

namespace {

constexpr int kExponent = 2;
constexpr std::size_t kColumns = 7;
constexpr std::array<std::string_view, kColumns> kColumnNames = {
    "交易笔数", "交易金额(借)", "交易金额(贷)", "费用(借)", "费用(贷)", "资金清算差额(借)", "资金清算差额(贷)"};
constexpr std::string_view kTotalLabel = "总计";

std::vector<std::string_view> words_of(std::string_view line) {
    constexpr std::string_view kBlanks = " \t\r";
    std::vector<std::string_view> words;
    std::size_t from = line.find_first_not_of(kBlanks);
    while (from != std::string_view::npos) {
        const auto to = std::min(line.find_first_of(kBlanks, from), line.size());
        words.push_back(line.substr(from, to - from));
        from = line.find_first_not_of(kBlanks, to);
    }
    return words;
}

bool is_number(std::string_view word) { return word.find_first_not_of("0123456789.,-") == std::string_view::npos; }

// Numbers with thousands separators or without decimals say the same; anything else is kept as it stands and then
// agrees with nothing.
std::optional<std::int64_t> number(std::string_view word, std::size_t column) {
    std::string plain(word);
    std::erase(plain, ',');
    const auto value = column == 0 ? core::minor_from_integer(plain) : core::minor_from_decimal(plain, kExponent);
    return value ? std::optional(*value) : std::nullopt;
}

std::string shown(std::int64_t value, std::size_t column) {
    return column == 0 ? std::to_string(value) : core::decimal_from_minor(value, kExponent);
}

std::array<std::int64_t, kColumns> columns_of(const SettlementTotals& t) {
    return {t.count, t.amount_debit, t.amount_credit, t.fee_debit, t.fee_credit, t.settled_debit, t.settled_credit};
}

std::string after_label(const std::vector<std::string_view>& words, std::string_view label) {
    for (const auto word : words) {
        if (word.starts_with(label)) {
            return std::string(word.substr(label.size()));
        }
    }
    return {};
}

// A total that is cut short would be none, and the day would go without it: no other row of the table begins so.
void read_row(const std::vector<std::string_view>& words, std::uint64_t line, Summary& summary) {
    if (words.size() <= kColumns || !std::all_of(words.end() - kColumns, words.end(), is_number)) {
        summary.torn_line = words.front() == kTotalLabel && summary.torn_line == 0 ? line : summary.torn_line;
        return;
    }
    Summary::Row row;
    for (auto word = words.begin(); word != words.end() - kColumns; ++word) {
        row.label.append(row.label.empty() ? "" : " ").append(*word);
    }
    row.values.assign(words.end() - kColumns, words.end());
    summary.tables.back().rows.push_back(std::move(row));
}

void compare_total(const Summary::Table& table, const Summary::Row& total,
                   const std::array<std::int64_t, kColumns>& actual, std::vector<TotalCheck>& checks) {
    for (std::size_t column = 0; column < kColumns; ++column) {
        const auto stated = number(total.values[column], column);
        checks.push_back({"RD2010 " + table.title + " 总计 " + std::string(kColumnNames[column]),
                          stated ? shown(*stated, column) : total.values[column], shown(actual[column], column)});
    }
}

// The sum of the table's rows but its 总计; nothing when a number doesn't read or the sum is out of range.
std::optional<std::int64_t> sum_of_rows(const Summary::Table& table, std::size_t column) {
    std::optional<std::int64_t> sum = 0;
    for (const auto& row : table.rows) {
        if (row.label == kTotalLabel) {
            continue;
        }
        const auto value = number(row.values[column], column);
        sum = sum && value ? core::checked_add(*sum, *value) : std::nullopt;
    }
    return sum;
}

void compare_rows(const Summary::Table& table, const Summary::Row& total,
                  const std::array<std::int64_t, kColumns>& actual, std::vector<TotalCheck>& checks) {
    for (std::size_t column = 0; column < kColumns; ++column) {
        const auto sum = sum_of_rows(table, column);
        if (sum == number(total.values[column], column)) {
            continue;
        }
        checks.push_back({"RD2010 " + table.title + " 各行合计 " + std::string(kColumnNames[column]),
                          sum ? shown(*sum, column) : "?", shown(actual[column], column)});
    }
}

void add_directed(std::int64_t value, std::int64_t& debit, std::int64_t& credit) {
    (value < 0 ? debit : credit) += value < 0 ? -value : value;
}

}  // namespace

void SettlementTotals::add(const SettlementRow& row) {
    ++count;
    add_directed(row.line.amount.minor(), amount_debit, amount_credit);
    add_directed(row.line.fee ? -row.line.fee->minor() : 0, fee_debit, fee_credit);
    add_directed(row.settled, settled_debit, settled_credit);
}

Summary read_summary(std::string_view text) {
    Summary summary;
    std::uint64_t line = 0;
    for (std::size_t from = 0; from < text.size();) {
        const auto to = std::min(text.find('\n', from), text.size());
        const auto words = words_of(text.substr(from, to - from));
        from = to + 1;
        ++line;
        if (words.empty()) {
            continue;
        }
        if (words.front() == "交易类型" || words.front() == "卡性质") {
            summary.tables.push_back({std::string(words.front()), {}});
        } else if (summary.tables.empty()) {
            summary.merchant_id.append(after_label(words, "商户代码:"));
            summary.settlement_date.append(after_label(words, "清算日期:"));
        } else {
            read_row(words, line, summary);
        }
    }
    return summary;
}

std::vector<TotalCheck> compare(const Summary& summary, const SettlementTotals& totals) {
    const auto actual = columns_of(totals);
    std::vector<TotalCheck> checks;
    for (const auto& table : summary.tables) {
        const auto total = std::find_if(table.rows.begin(), table.rows.end(),
                                        [](const Summary::Row& row) { return row.label == kTotalLabel; });
        if (total == table.rows.end()) {
            continue;
        }
        compare_total(table, *total, actual, checks);
        compare_rows(table, *total, actual, checks);
    }
    return checks;
}

}  // namespace payments::unionpay

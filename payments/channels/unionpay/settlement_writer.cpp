#include "payments/channels/unionpay/settlement_writer.h"

#include <algorithm>
#include <utility>

#include "core/failure.h"
#include "core/money.h"
#include "core/text/encoding.h"

namespace payments::unionpay {

namespace {

constexpr std::size_t kLabelBytes = 12;
constexpr std::size_t kCountBytes = 16;
constexpr std::size_t kAmountBytes = 16;
constexpr std::size_t kRuleBytes = 136;
constexpr std::size_t kHeadBytes = 64;

std::string gbk(const std::string& utf8) {
    auto bytes = core::text::gbk_from_utf8(utf8);
    core::ensure(bytes.has_value(), "settlement texts can be written in GBK");
    return *std::move(bytes);
}

std::string padded_right(std::string bytes, std::size_t width) {
    bytes.resize(std::max(bytes.size(), width), ' ');
    return bytes;
}

std::string padded_left(const std::string& bytes, std::size_t width, char with = ' ') {
    return std::string(width - std::min(width, bytes.size()), with) + bytes;
}

std::string compact(core::BusinessDay day) {
    auto text = core::format_day(day);
    std::erase(text, '-');
    return text;
}

// The longest beginning in whole characters that fits. In UTF-8 a character's further bytes are 10xxxxxx.
std::string fitting_gbk(std::string utf8, std::size_t width) {
    auto bytes = gbk(utf8);
    while (bytes.size() > width) {
        while ((static_cast<unsigned char>(utf8.back()) & 0xC0U) == 0x80U) {
            utf8.pop_back();
        }
        utf8.pop_back();
        bytes = gbk(utf8);
    }
    return bytes;
}

std::string summary_row(const std::string& label, const SettlementTotals& t) {
    auto row = padded_right(gbk(label), kLabelBytes) + padded_left(std::to_string(t.count), kCountBytes);
    for (const auto amount :
         {t.amount_debit, t.amount_credit, t.fee_debit, t.fee_credit, t.settled_debit, t.settled_credit}) {
        row += padded_left(core::decimal_from_minor(amount, 2), kAmountBytes);
    }
    return row + "\r\n";
}

std::string head_row(const std::string& left, const std::string& right) {
    return padded_right(gbk(left), kHeadBytes) + gbk(right) + "\r\n";
}

// Titles stand over their columns as in UnionPay's own file; readers go by the labels.
std::string table_head() {
    const auto at = [](const std::string& title, std::size_t from, std::string line) {
        return padded_right(std::move(line), from) + gbk(title);
    };
    auto titles = at("资金清算差额", 110, at("费用", 76, at("交易金额", 43, at("交易笔数", 20, gbk("交易类型")))));
    auto sides = at("贷", 126, at("借", 106, at("贷", 89, at("借", 73, at("贷", 57, at("借", 41, ""))))));
    return titles + "\r\n" + sides + "\r\n" + std::string(kRuleBytes, '_') + "\r\n";
}

}  // namespace

RowWriter::RowWriter(const Layout& layout) : layout_(layout) {
    for (const auto width : layout.widths) {
        fields_.emplace_back(width, ' ');
    }
}

RowWriter& RowWriter::text(std::size_t field, const std::string& value) {
    const std::size_t width = layout_.widths[field];
    fields_[field] = padded_right(fitting_gbk(value, width), width);
    return *this;
}

RowWriter& RowWriter::fen(std::size_t field, std::int64_t value) {
    fields_[field] = padded_left(std::to_string(value), layout_.widths[field], '0');
    core::ensure(value >= 0 && fields_[field].size() == layout_.widths[field], "an amount fits its field");
    return *this;
}

RowWriter& RowWriter::directed(std::size_t field, std::int64_t value) {
    const char direction = value == 0 ? ' ' : (value > 0 ? 'C' : 'D');
    const auto digits = std::to_string(value < 0 ? -value : value);
    fields_[field] = direction + padded_left(digits, std::size_t{layout_.widths[field]} - 1, '0');
    core::ensure(fields_[field].size() == layout_.widths[field], "an amount fits its field");
    return *this;
}

std::string RowWriter::row() const {
    std::string bytes;
    for (const auto& field : fields_) {
        bytes.append(bytes.empty() ? "" : " ").append(field);
    }
    return bytes + "\r\n";
}

std::string write_summary(const SettlementDay& settlement, const std::string& merchant_name,
                          const std::vector<SummaryLine>& lines, const SettlementTotals& total) {
    const auto rule = std::string(kRuleBytes, '_') + "\r\n";
    auto text = std::string(73, ' ') + gbk("中国银联全渠道商户交易汇总表") + std::string(12, ' ') + "\r\n\r\n";
    text += head_row("商户代码:" + settlement.merchant_id, "清算币种:人民币");
    text += head_row("收单机构:88022900", "清算日期:" + compact(settlement.day));
    text += head_row("商户名称:" + merchant_name, "生成日期:" + compact(core::day_after(settlement.day)));
    text += "\r\n\r\n" + table_head();
    for (const auto& line : lines) {
        text += summary_row(line.label, line.totals);
    }
    return text + rule + summary_row("总计", total);
}

std::string transactions_name(const SettlementDay& settlement) {
    return "INN" + compact(settlement.day).substr(2) + "88ZM_" + settlement.merchant_id;
}

std::string disputes_name(const SettlementDay& settlement) {
    return "INN" + compact(settlement.day).substr(2) + "88ZME_" + settlement.merchant_id;
}

std::string summary_name(const SettlementDay& settlement) {
    return "RD2010" + compact(settlement.day).substr(2) + "01_" + settlement.merchant_id;
}

std::string archive_name(const SettlementDay& settlement) {
    return settlement.merchant_id + "_" + compact(settlement.day) + ".zip";
}

}  // namespace payments::unionpay

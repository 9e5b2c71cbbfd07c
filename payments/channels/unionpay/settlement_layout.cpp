#include "payments/channels/unionpay/settlement_layout.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "core/money.h"
#include "core/text/encoding.h"
#include "payments/channels/unionpay/dates.h"

namespace payments::unionpay {

namespace {

constexpr std::array<std::uint8_t, 42> kZmWidths = {3,  11, 11, 6,  10, 19, 12, 4,  2,  21, 2,  32, 2,  6,
                                                    10, 13, 13, 4,  15, 2,  2,  6,  2,  4,  32, 1,  21, 15,
                                                    1,  15, 32, 13, 13, 8,  32, 13, 13, 12, 2,  1,  32, 98};
constexpr std::array<std::string_view, 42> kZmNames = {
    "交易代码",     "代理机构标识码", "发送机构标识码", "系统跟踪号", "交易传输时间",   "帐号",
    "交易金额",     "商户类别",       "终端类型",       "查询流水号", "支付方式（旧）", "商户订单号",
    "支付卡类型",   "原系统跟踪号",   "原交易日期时间", "商户手续费", "结算金额",       "支付方式",
    "集团商户代码", "交易类型",       "交易子类",       "业务类型",   "帐号类型",       "账单类型",
    "账单号码",     "交互方式",       "原查询流水号",   "商户代码",   "分账入账方式",   "二级商户代码",
    "二级商户简称", "分账入账金额",   "清算净额",       "终端号",     "商户自定义域",   "优惠金额",
    "发票金额",     "分期附加手续费", "分期付款期数",   "交易介质",   "原始交易订单号", "保留"};

constexpr std::array<std::uint8_t, 22> kZmeWidths = {3,  11, 11, 6,  10, 19, 12, 4, 2,  2, 6,
                                                     10, 4,  12, 13, 13, 15, 15, 1, 12, 2, 135};
constexpr std::array<std::string_view, 22> kZmeNames = {
    "交易代码",     "代理机构标识码", "发送机构标识码", "系统跟踪号", "交易传输时间", "帐号",
    "交易金额",     "商户类别",       "终端类型",       "支付卡类型", "原系统跟踪号", "原交易日期时间",
    "原清算日期",   "原交易金额",     "商户手续费",     "结算金额",   "集团商户代码", "商户代码",
    "分账清算标识", "分期附加手续费", "分期付款期数",   "保留"};

// In GBK no character has such a byte but the control characters themselves. Of these none belongs into a field, and
// the database takes no NUL.
bool is_control(char c) { return (c >= '\0' && c < ' ') || c == '\x7f'; }

}  // namespace

const Layout& zm_layout() {
    static const Layout layout{kZmWidths, kZmNames};
    return layout;
}

const Layout& zme_layout() {
    static const Layout layout{kZmeWidths, kZmeNames};
    return layout;
}

std::size_t row_bytes_min(const Layout& layout) {
    const auto before_reserve = layout.widths.first(layout.widths.size() - 1);
    return std::accumulate(before_reserve.begin(), before_reserve.end(), before_reserve.size() - 1);
}

core::Result<std::vector<std::string_view>, RowProblem> cut(std::string_view row, const Layout& layout) {
    if (row.size() < row_bytes_min(layout)) {
        return core::Refused{RowProblem{"", "the row has " + std::to_string(row.size()) + " bytes, at least " +
                                                std::to_string(row_bytes_min(layout)) + " are needed"}};
    }
    std::vector<std::string_view> fields;
    fields.reserve(layout.widths.size());
    std::size_t at = 0;
    for (std::size_t i = 0; i + 1 < layout.widths.size(); ++i) {
        fields.push_back(row.substr(at, layout.widths[i]));
        at += layout.widths[i];
        if (at < row.size() && row[at] != ' ') {
            return core::Refused{RowProblem{std::string(layout.names[i]),
                                            "no blank at byte " + std::to_string(at + 1) + ", where the field ends"}};
        }
        ++at;
    }
    fields.push_back(at < row.size() ? row.substr(at) : std::string_view());
    return fields;
}

std::optional<std::int64_t> fen(std::string_view text) {
    if (!all_digits(text)) {
        return std::nullopt;
    }
    const auto minor = core::minor_from_integer(text);
    return minor && *minor <= core::kMinorMax ? std::optional(*minor) : std::nullopt;
}

std::optional<std::int64_t> directed_fen(std::string_view text) {
    const auto magnitude = text.empty() ? std::nullopt : fen(text.substr(1));
    if (!magnitude) {
        return std::nullopt;
    }
    switch (text.front()) {
        case 'C':
            return *magnitude;
        case 'D':
            return -*magnitude;
        case ' ':
            return *magnitude == 0 ? magnitude : std::nullopt;
        default:
            return std::nullopt;
    }
}

std::optional<std::string> text_of_field(std::string_view field) {
    const auto text = core::text::trimmed(field);
    if (std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; })) {
        return std::string(text);
    }
    if (std::any_of(text.begin(), text.end(), is_control)) {
        return std::nullopt;
    }
    return core::text::utf8_from_gbk(text);
}

}  // namespace payments::unionpay

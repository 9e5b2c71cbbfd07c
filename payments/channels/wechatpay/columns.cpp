#include "payments/channels/wechatpay/columns.h"

#include <utility>

namespace payments::wechatpay {
namespace {

struct Named {
    std::string_view name;
    Column column;
};

// The first name of a column is the present-day one.
constexpr std::array<Named, 35> kNames = {{
    {"交易时间", Column::time},
    {"公众账号ID", Column::app_id},
    {"商户号", Column::merchant},
    {"特约商户号", Column::sub_merchant},
    {"子商户号", Column::sub_merchant},
    {"设备号", Column::device},
    {"微信订单号", Column::transaction_id},
    {"商户订单号", Column::order_id},
    {"用户标识", Column::user},
    {"交易类型", Column::trade_type},
    {"交易状态", Column::trade_state},
    {"付款银行", Column::bank},
    {"货币种类", Column::currency},
    {"应结订单金额", Column::settled},
    {"总金额", Column::settled},
    {"代金券金额", Column::coupon},
    {"企业红包金额", Column::coupon},
    {"代金券或立减优惠金额", Column::coupon},
    {"退款申请时间", Column::refund_asked_at},
    {"退款成功时间", Column::refund_done_at},
    {"微信退款单号", Column::refund_id},
    {"商户退款单号", Column::own_refund_id},
    {"退款金额", Column::refund_settled},
    {"充值券退款金额", Column::refund_coupon},
    {"企业红包退款金额", Column::refund_coupon},
    {"代金券或立减优惠退款金额", Column::refund_coupon},
    {"退款类型", Column::refund_type},
    {"退款状态", Column::refund_state},
    {"商品名称", Column::product},
    {"商户数据包", Column::attach},
    {"手续费", Column::fee},
    {"费率", Column::rate},
    {"订单金额", Column::order_amount},
    {"申请退款金额", Column::refund_amount},
    {"费率备注", Column::remark},
}};

constexpr std::string_view kLegacyAmount = "总金额";

constexpr std::array<Named, 11> kTotals = {{
    {"应结订单总金额", Column::settled},
    {"总交易额", Column::settled},
    {"退款总金额", Column::refund_settled},
    {"总退款金额", Column::refund_settled},
    {"充值券退款总金额", Column::refund_coupon},
    {"总企业红包退款金额", Column::refund_coupon},
    {"总代金券或立减优惠退款金额", Column::refund_coupon},
    {"代金券或立减优惠退款总金额", Column::refund_coupon},
    {"手续费总金额", Column::fee},
    {"订单总金额", Column::order_amount},
    {"申请退款总金额", Column::refund_amount},
}};

constexpr std::array kNeeded = {Column::time,     Column::merchant,    Column::transaction_id,
                                Column::order_id, Column::trade_state, Column::currency,
                                Column::fee};
constexpr std::array kNeededForRefunds = {Column::refund_id, Column::own_refund_id, Column::refund_state};

constexpr const char* kRemedy = "download the ALL, SUCCESS or REFUND trade bill as it is";

std::optional<Column> column_named(std::string_view name) {
    for (const auto& named : kNames) {
        if (named.name == name) {
            return named.column;
        }
    }
    return std::nullopt;
}

// A header cell in a message: no longer than a column's name would be, and cut between characters. Columns' names have
// no digits; in a bill without a header a cell that has some can be half of a card number, so its place stands for it.
std::string shown(std::string_view name, std::size_t place) {
    constexpr std::size_t kShownMax = 48;
    if (name.find_first_of("0123456789") != std::string_view::npos) {
        return "column " + std::to_string(place + 1);
    }
    if (name.size() <= kShownMax) {
        return std::string(name);
    }
    std::size_t end = kShownMax;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return std::string(name.substr(0, end)) + "…";
}

BillFault missing(Column column) {
    return {1, std::string(label_of(column)), "the header has no such column", kRemedy};
}

}  // namespace

std::string_view name_of(BillKind kind) {
    switch (kind) {
        case BillKind::all:
            return "ALL";
        case BillKind::success:
            return "SUCCESS";
        case BillKind::refund:
            return "REFUND";
    }
    return "";
}

std::string_view label_of(Column column) {
    for (const auto& named : kNames) {
        if (named.column == column) {
            return named.name;
        }
    }
    return "";
}

std::optional<Column> column_of_total(std::string_view name) {
    for (const auto& total : kTotals) {
        if (total.name == name) {
            return total.column;
        }
    }
    return std::nullopt;
}

core::Result<Layout, BillFault> Layout::from_header(const BillRow& header) {
    Layout layout;
    layout.width_ = header.cells.size();
    for (std::size_t place = 0; place < header.cells.size(); ++place) {
        const auto name = header.cells[place];
        const auto column = column_named(name);
        if (!column) {
            return core::Refused{
                BillFault{header.line, shown(name, place), "is no known column of a trade bill", kRemedy}};
        }
        auto& known = layout.places_[index(*column)];
        if (known) {
            return core::Refused{
                BillFault{header.line, shown(name, place), "the header has this column twice", kRemedy}};
        }
        known = place;
        layout.legacy_ = layout.legacy_ || name == kLegacyAmount;
    }
    if (auto fault = layout.settle_kind()) {
        return core::Refused{*std::move(fault)};
    }
    return layout;
}

std::optional<BillFault> Layout::settle_kind() {
    for (const auto column : kNeeded) {
        if (!has(column)) {
            return missing(column);
        }
    }
    if (!has(payment_amount())) {
        return missing(payment_amount());
    }
    kind_ = has(Column::refund_asked_at) || has(Column::refund_done_at) ? BillKind::refund
            : has(Column::refund_id) || has(Column::refund_state)       ? BillKind::all
                                                                        : BillKind::success;
    if (kind_ == BillKind::success) {
        return std::nullopt;
    }
    for (const auto column : kNeededForRefunds) {
        if (!has(column)) {
            return missing(column);
        }
    }
    if (!has(refunded_amount())) {
        return missing(refunded_amount());
    }
    return std::nullopt;
}

std::string_view Layout::cell(const BillRow& row, Column column) const {
    const auto place = places_[index(column)];
    return place && *place < row.cells.size() ? row.cells[*place] : std::string_view();
}

std::string Layout::dialect() const {
    return "wechatpay tradebill " + std::string(name_of(kind_)) + (legacy_ ? " legacy" : "") + " (" +
           std::to_string(width_) + " columns)";
}

}  // namespace payments::wechatpay

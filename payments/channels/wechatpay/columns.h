// The trade bill's columns: which name means what, which bill a header belongs to (spec 3.4).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "payments/channels/wechatpay/bill_text.h"

namespace payments::wechatpay {

// What a column holds, under whatever name the merchant's age gives it.
enum class Column {
    time,             // 交易时间
    app_id,           // 公众账号ID
    merchant,         // 商户号
    sub_merchant,     // 特约商户号, once 子商户号
    device,           // 设备号
    transaction_id,   // 微信订单号
    order_id,         // 商户订单号
    user,             // 用户标识
    trade_type,       // 交易类型
    trade_state,      // 交易状态
    bank,             // 付款银行
    currency,         // 货币种类
    settled,          // 应结订单金额; 总金额 in the legacy layout
    coupon,           // 代金券金额
    refund_asked_at,  // 退款申请时间
    refund_done_at,   // 退款成功时间
    refund_id,        // 微信退款单号
    own_refund_id,    // 商户退款单号
    refund_settled,   // 退款金额
    refund_coupon,    // 充值券退款金额
    refund_type,      // 退款类型
    refund_state,     // 退款状态
    product,          // 商品名称
    attach,           // 商户数据包
    fee,              // 手续费
    rate,             // 费率
    order_amount,     // 订单金额
    refund_amount,    // 申请退款金额
    remark,           // 费率备注
};
inline constexpr std::size_t kColumnCount = 29;

enum class BillKind { all, success, refund };
std::string_view name_of(BillKind kind);  // "ALL"

// Where each column stands in this bill.
class Layout {
public:
    // Refuses a name that is unknown or there twice, and a header in which a needed column is missing; the names may
    // come in any order. Which bill it is follows from the refund columns.
    static core::Result<Layout, BillFault> from_header(const BillRow& header);

    BillKind kind() const { return kind_; }
    bool legacy() const { return legacy_; }
    std::size_t width() const { return width_; }
    bool has(Column column) const { return places_[index(column)].has_value(); }
    // The cell; empty where the bill has no such column.
    std::string_view cell(const BillRow& row, Column column) const;
    // What the amounts are called that the ledger is compared with: 订单金额 (总金额), 申请退款金额 (退款金额).
    Column payment_amount() const { return legacy_ ? Column::settled : Column::order_amount; }
    Column refunded_amount() const { return legacy_ ? Column::refund_settled : Column::refund_amount; }
    // "wechatpay tradebill ALL (27 columns)"
    std::string dialect() const;

private:
    static std::size_t index(Column column) { return static_cast<std::size_t>(column); }
    std::optional<BillFault> settle_kind();

    std::array<std::optional<std::size_t>, kColumnCount> places_;
    BillKind kind_ = BillKind::all;
    bool legacy_ = false;
    std::size_t width_ = 0;
};

// The column's present-day name, for messages.
std::string_view label_of(Column column);
// Which column a total of the summary adds up ("订单总金额" -> order_amount); nothing for an unknown total.
std::optional<Column> column_of_total(std::string_view name);
// The summary's first cell.
inline constexpr std::string_view kCountTotal = "总交易单数";

}  // namespace payments::wechatpay

// Trade bills in the making: good rows and a summary that adds up, for tests that then break one thing.
#pragma once

#include <string>
#include <vector>

#include "tests/unit/channel_wechatpay/platform.h"

namespace payments::wechatpay::test {

inline const std::string kAllHeader =
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注";
inline const std::string kSuccessHeader =
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,商品名称,商户数据包,手续费,费率,订单金额,费率备注";
inline const std::string kRefundHeader =
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,退款申请时间,退款成功时间,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,"
    "退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
inline const std::string kSummaryNames =
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

inline const std::string kPaymentRow =
    "`2026-11-18 10:00:00,`wx1,`1900000109,`0,`,`42001,`W1,`oSomebody,`JSAPI,`SUCCESS,`CMC,`CNY,`9.00,`1.00,`0,`0,"
    "`0.00,`0.00,`,`,`苹果\\ 5斤,`a,b,`0.06000,`0.60%,`10.00,`0.00,`";
inline const std::string kRefundRow =
    "`2026-11-18 23:59:59,`wx1,`1900000109,`0,`,`42001,`W1,`oSomebody,`JSAPI,`REFUND,`CMC,`CNY,`0.00,`0.00,`50001,`R1,"
    "`4.00,`0.00,`ORIGINAL,`SUCCESS,`苹果,`,`-0.03000,`0.60%,`0.00,`5.00,`";
inline const std::string kSuccessRow =
    "`2026-11-18 10:00:00,`wx1,`1900000109,`0,`,`42001,`W1,`oSomebody,`JSAPI,`SUCCESS,`CMC,`CNY,`9.00,`1.00,`苹果,`,"
    "`0.06000,`0.60%,`10.00,`";
inline const std::string kRefundBillRow =
    "`2026-11-18 23:59:59,`wx1,`1900000109,`0,`,`42001,`W1,`oSomebody,`JSAPI,`REFUND,`CMC,`CNY,`0.00,`0.00,"
    "`2026-11-18 23:59:59,`,`50001,`R1,`4.00,`0.00,`ORIGINAL,`PROCESSING,`苹果,`,`-0.03000,`0.60%,`0.00,`5.00,`";

inline std::string joined(const std::vector<std::string>& lines, const std::string& end = "\r\n") {
    std::string text;
    for (const auto& line : lines) {
        text += line + end;
    }
    return text;
}

inline std::string all_bill() {
    return "\xEF\xBB\xBF" +
           joined({kAllHeader, kPaymentRow, kRefundRow, kSummaryNames, "`2.0,`9.00,`4.0,`0,`0.03000,`10.00,`5.00"});
}
inline std::string success_bill() {
    return joined({kSuccessHeader, kSuccessRow, kSummaryNames, "`1,`9.00,`0.00,`0.00,`0.06000,`10.00,`0.00"});
}
inline std::string refund_bill() {
    return joined({kRefundHeader, kRefundBillRow, kSummaryNames, "`1,`0.00,`4.00,`0.00,`-0.03000,`0.00,`5.00"});
}

inline std::string replaced(std::string text, const std::string& old, const std::string& with) {
    const auto place = text.find(old);
    return place == std::string::npos ? "nothing to replace" : text.replace(place, old.size(), with);
}

inline core::BusinessDay bill_day() { return core::parse_day("2026-11-18").value(); }

}  // namespace payments::wechatpay::test

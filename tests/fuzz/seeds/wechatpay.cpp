#include "payments/channels/wechatpay/wechatpay.h"
#include "core/archive.h"
#include "tests/fuzz/seeds/seeds.h"
#include "tests/unit/channel_wechatpay/bill.h"

namespace fuzz::seeds {
namespace {

namespace test = payments::wechatpay::test;

const std::string kCombined =
    R"({"combine_mchid":"1900000109","combine_out_trade_no":"C1","combine_appid":"wx1","sub_orders":[{"mchid":"1900000109",)"
    R"("trade_type":"JSAPI","trade_state":"SUCCESS","transaction_id":"42001","out_trade_no":"W1",)"
    R"("success_time":"2026-11-18T17:00:00+08:00","amount":{"total_amount":100,"currency":"CNY","payer_amount":90}}]})";
const std::string kPartner =
    R"({"sp_mchid":"1900000109","sp_appid":"wx1","sub_mchid":"1900000110","out_trade_no":"W1","transaction_id":"42001",)"
    R"("trade_type":"APP","trade_state":"CLOSED","success_time":"2026-11-18T17:00:00+08:00",)"
    R"("amount":{"total":100,"currency":"USD"}})";
const std::string kSharing =
    R"({"mchid":"1900000109","transaction_id":"42001","order_id":"3008","out_order_no":"P1",)"
    R"("receiver":{"type":"MERCHANT_ID","account":"1900000110","amount":88,"description":"share"},)"
    R"("success_time":"2026-11-18T17:00:00+08:00"})";
const std::string kLegacyBill = test::joined(
    {"交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
     "总金额,代金券或立减优惠金额,微信退款单号,商户退款单号,退款金额,代金券或立减优惠退款金额,退款类型,退款状态,"
     "商品名称,商户数据包,手续费,费率",
     "`2026-11-18 10:00:00,`wx1,`1900000109,`0,`,`42001,`W1,`o1,`JSAPI,`SUCCESS,`CMC,`CNY,`10.00,`0.00,`0,`0,`0.00,"
     "`0.00,`,`,`p,`a,`0.06000,`0.60%",
     "总交易单数,总交易额,总退款金额,总代金券或立减优惠退款金额,手续费总金额", "`1,`10.00,`0.00,`0.00,`0.06000"});
const std::string kFlow =
    test::joined({"记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
                  "资金变更提交申请人,备注,业务凭证号",
                  "`2026-11-18 10:00:00,`42001,`7001,`交易,`交易,`收入,`10.00,`110.00,`system,`,`W1",
                  "`2026-11-18 10:00:00,`42001,`7002,`交易,`扣除交易手续费,`支出,`0.06,`109.94,`system,`费用,`W1",
                  "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额", "`2,`1,`10.0,`1,`0.06"});

// "#Name: value" lines; what "$" and the others stand for is the fuzzer's.
const std::string kHeaders =
    "#Wechatpay-Serial: PUB_KEY_ID_1\n#Wechatpay-Nonce: 593BEC0C930BF1AF\n#Wechatpay-Timestamp: @\n"
    "#Wechatpay-Signature: $\n";

std::string simulated_bill() {
    const auto simulator = payments::wechatpay::make_simulator("fuzz", 7);
    payments::Random random(7);
    std::vector<payments::SimulatedTransaction> rows;
    const auto yuan = *core::Currency::from_code("CNY");
    payments::SimulatedTransaction payment{.merchant_order_id = "W1",
                                           .own_order_id = {},
                                           .amount = {1000, yuan},
                                           .occurred_at = test::now(),
                                           .business_day = test::bill_day(),
                                           .fee = {6, yuan},
                                           .channel_txn_id = {},
                                           .related_txn_id = {},
                                           .attributes = {},
                                           .channel_status = {}};
    simulator->assign_ids(payment, nullptr, random);
    rows.push_back(payment);
    auto refund = payment;
    refund.type = payments::TransactionType::refund;
    refund.fee = {-3, yuan};
    simulator->assign_ids(refund, &payment, random);
    rows.push_back(refund);
    const auto files = simulator->statement(test::bill_day(), rows, {}, random);
    return replaced(files.front().bytes, files.front().name.substr(0, 10), test::kMerchant);
}

}  // namespace

void write_wechatpay(Writer& writer) {
    for (const char* variant : {"20", "30", "4", "5"}) {
        writer.add("wechatpay_callback", variant, {test::payment()});
    }
    writer.add("wechatpay_callback", "20", {kCombined, kPartner, test::payment(R"({"total":5})"), "{}", "[]"});
    writer.add("wechatpay_callback", "21", {test::refund(), test::refund("ABNORMAL"), test::refund("CLOSED", "1.5")});
    writer.add("wechatpay_callback", "24", {kSharing});
    test::Notification notification;
    notification.resource = "{}";
    writer.add("wechatpay_callback", "1", {notification.body(), "{}"});
    writer.add("wechatpay_callback", "0", {kHeaders + notification.body(), "{}"});

    writer.add("wechatpay_signature",
               {kHeaders, kHeaders + "{}", replaced(replaced(kHeaders, "PUB_KEY_ID_1", "!"), "$", "%"),
                kHeaders + "#wechatpay-serial: PUB_KEY_ID_1\n",
                kHeaders + "#Wechatpay-Signature-Type: WECHATPAY2-SM2-WITH-SM3\n",
                kHeaders + "#Wechatpay-Signature-Type: WECHATPAY2-SHA256-RSA2048\n",
                replaced(kHeaders, "$", "WECHATPAY/SIGNTEST/$"), replaced(kHeaders, "@", "1794999700")});

    const auto all = simulated_bill();
    writer.add("wechatpay_statement", "0",
               {all, test::all_bill(), test::success_bill(), test::refund_bill(), kLegacyBill});
    writer.add("wechatpay_statement",
               {"1" + test::success_bill() + "\n====\n" + test::refund_bill(), "2" + kFlow, "2" + core::gzip(kFlow),
                "0" + core::gzip(all), "0" + kFlow, R"(0{"code":"NO_STATEMENT_EXIST","message":"x"})"});
}

}  // namespace fuzz::seeds

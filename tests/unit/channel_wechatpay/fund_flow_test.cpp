// Fund-flow bills: movements with their sign, and the bill's own totals.
#include "payments/channels/wechatpay/fund_flow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/archive.h"
#include "tests/unit/channel_wechatpay/bill.h"

namespace payments::wechatpay::test {
namespace {

using testing::HasSubstr;

const std::string kFlowHeader =
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,"
    "备注,"
    "业务凭证号";
const std::string kFlow =
    "\xEF\xBB\xBF" +
    joined({kFlowHeader, "`2026-11-18 10:00:00,`42001,`7001,`交易,`交易,`收入,`10.00,`110.00,`system,`,`W1",
            "`2026-11-18 10:00:00,`42001,`7002,`交易,`扣除交易手续费,`支出,`0.06,`109.94,`system,`费用,`W1",
            "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额", "`2,`1,`10.0,`1,`0.06"});

core::Result<FundFlow, StatementRefusal> read(const std::string& bytes) {
    return read_fund_flow({"flow.csv", bytes}, bill_day(), plain_context());
}

std::string refusal_of(const std::string& bytes) {
    const auto flow = read(bytes);
    return flow ? "accepted" : flow.error().message();
}

TEST(WechatFundFlow, IsMovementsWithTheirSign) {
    for (const std::string& bytes : {kFlow, core::gzip(kFlow), core::zip({{"f.csv", kFlow}})}) {
        const auto flow = read(bytes);
        ASSERT_TRUE(flow) << flow.error().message();
        ASSERT_EQ(flow->movements.size(), 2U);
        EXPECT_EQ(flow->movements[0].amount.minor(), 1000);
        EXPECT_EQ(flow->movements[1].amount.minor(), -6);
        EXPECT_EQ(flow->movements[1].balance.minor(), 10994);
        EXPECT_EQ(flow->movements[1].business_type, "扣除交易手续费");
        EXPECT_EQ(flow->movements[0].merchant_reference, "W1");
        EXPECT_EQ(flow->movements[0].booked_at, at("2026-11-18T02:00:00Z"));
        EXPECT_TRUE(std::all_of(flow->totals.begin(), flow->totals.end(), [](const auto& t) { return t.agrees(); }));
        EXPECT_EQ(flow->totals.size(), 5U);
    }
}

TEST(WechatFundFlow, MayHaveFullWidthBrackets) {
    EXPECT_EQ(refusal_of(replaced(replaced(kFlow, "收支金额(元)", "收支金额（元）"), "账户结余(元)", "账户结余（元）")),
              "accepted");
}

TEST(WechatFundFlow, SaysWhichOfItsTotalsIsWrong) {
    const auto flow = read(replaced(kFlow, "`1,`0.06\r\n", "`1,`0.07\r\n"));
    ASSERT_TRUE(flow);
    EXPECT_EQ(flow->totals.at(4).name, "支出金额");
    EXPECT_FALSE(flow->totals.at(4).agrees());
    EXPECT_EQ(std::count_if(flow->totals.begin(), flow->totals.end(), [](const auto& t) { return !t.agrees(); }), 1);
}

TEST(WechatFundFlow, IsRefusedWithPlaceAndReason) {
    EXPECT_THAT(refusal_of(replaced(kFlow, "`收入,", "`进,")), HasSubstr("flow.csv:2: 收支类型: is neither"));
    EXPECT_THAT(refusal_of(replaced(kFlow, "`10.00,`110", "`-10.00,`110")), HasSubstr("收支金额(元): is negative"));
    EXPECT_THAT(refusal_of(replaced(kFlow, "2026-11-18", "2026-11-19")), HasSubstr("of another day"));
    EXPECT_THAT(refusal_of(replaced(kFlow, "备注", "说明")), HasSubstr("备注: the header has no such column"));
    EXPECT_THAT(refusal_of(kFlow.substr(0, kFlow.find("资金流水总笔数"))), HasSubstr("cut short"));
    EXPECT_THAT(refusal_of(all_bill()), HasSubstr("记账时间: the header has no such column"));
}

}  // namespace
}  // namespace payments::wechatpay::test

// Trade bills: what their rows become, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/archive.h"
#include "core/crypto/digest.h"
#include "tests/unit/channel_wechatpay/bill.h"

namespace payments::wechatpay::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

using Outcome = core::Result<Statement, StatementRefusal>;

Outcome read(const std::vector<StatementFile>& files) {
    return make_channel(options(), plain_context())->read_statement(files, bill_day());
}
Outcome read(const std::string& bytes) { return read(std::vector<StatementFile>{{"bill.csv", bytes}}); }

std::string refusal_of(const Outcome& outcome) { return outcome ? "accepted" : outcome.error().message(); }

core::Money cny(std::int64_t minor) { return {minor, core::Currency::from_code("CNY").value()}; }

bool all_totals_agree(const Statement& statement) {
    return std::all_of(statement.totals.begin(), statement.totals.end(),
                       [](const TotalCheck& check) { return check.agrees(); });
}

TEST(WechatBill, BecomesLines) {
    const auto statement = read(all_bill());
    ASSERT_TRUE(statement) << refusal_of(statement);
    EXPECT_EQ(statement->dialect, "wechatpay tradebill ALL (27 columns)");
    ASSERT_EQ(statement->lines.size(), 2U);

    const auto& paid = statement->lines[0];
    EXPECT_EQ(paid.type, TransactionType::payment);
    EXPECT_EQ(paid.status, TransactionStatus::captured);
    EXPECT_EQ(paid.channel_status, "SUCCESS");
    EXPECT_EQ(paid.channel_txn_id.text(), "42001");
    EXPECT_EQ(paid.merchant_order_id.text(), "W1");
    EXPECT_EQ(paid.amount, cny(1000));
    EXPECT_EQ(paid.fee, cny(6));
    EXPECT_EQ(paid.occurred_at, at("2026-11-18T02:00:00Z"));
    EXPECT_EQ(paid.line, 2U);

    const auto& refunded = statement->lines[1];
    EXPECT_EQ(refunded.type, TransactionType::refund);
    EXPECT_EQ(refunded.channel_txn_id.text(), "50001");
    EXPECT_EQ(refunded.related_txn_id.text(), "42001");
    EXPECT_EQ(refunded.merchant_order_id.text(), "W1");
    EXPECT_EQ(refunded.own_order_id, "R1");
    EXPECT_EQ(refunded.amount, cny(-500));  // what was asked back, not what was left of it after coupons
    EXPECT_EQ(refunded.fee, cny(-3));
    EXPECT_EQ(refunded.line, 3U);
}

TEST(WechatBill, IsComparedWithItsOwnTotals) {
    const auto statement = read(all_bill());
    ASSERT_TRUE(statement) << refusal_of(statement);
    std::vector<std::string> told;
    for (const auto& check : statement->totals) {
        told.push_back(check.name + " " + check.stated + " " + check.actual);
    }
    EXPECT_THAT(told, ElementsAre("总交易单数 2 2", "应结订单总金额 9.00 9.00", "退款总金额 4.00 4.00",
                                  "充值券退款总金额 0.00 0.00", "手续费总金额 0.03 0.03", "订单总金额 10.00 10.00",
                                  "申请退款总金额 5.00 5.00"));
}

TEST(WechatBill, WithAWrongTotalIsReadAndSaysSo) {
    const auto statement = read(replaced(all_bill(), "`10.00,`5.00\r\n", "`10.01,`5.00\r\n"));
    ASSERT_TRUE(statement) << refusal_of(statement);
    EXPECT_EQ(statement->lines.size(), 2U);
    EXPECT_EQ(std::count_if(statement->totals.begin(), statement->totals.end(),
                            [](const TotalCheck& check) { return !check.agrees(); }),
              1);
}

TEST(WechatBill, MayHaveItsColumnsInAnyOrder) {
    // The merchant's number first, everything else after it.
    const auto moved = [](const std::string& line, const std::string& separator, const std::string& cell) {
        return cell + separator + replaced(line, separator + cell, "");
    };
    const std::string header = moved(kAllHeader, ",", "商户号");
    const std::string row = "`" + moved(kPaymentRow.substr(1), ",`", "1900000109");
    const auto statement = read(joined({header, row, kSummaryNames, "`1,`9,`0,`0,`0.06,`10,`0"}));
    ASSERT_TRUE(statement) << refusal_of(statement);
    EXPECT_EQ(statement->lines.at(0).amount, cny(1000));
    EXPECT_TRUE(all_totals_agree(*statement));
}

TEST(WechatBill, IsTheSameWithoutMarkWithLfPackedOrInAnArchive) {
    const auto expected = read(all_bill());
    ASSERT_TRUE(expected) << refusal_of(expected);
    std::string plain = all_bill().substr(3);
    std::erase(plain, '\r');
    plain.pop_back();  // nor does the last line need an end
    for (const std::string& bytes :
         {plain, core::gzip(all_bill()), core::zip({{"1900000109All2026-11-18.csv", all_bill()}})}) {
        const auto statement = read(bytes);
        ASSERT_TRUE(statement) << refusal_of(statement);
        ASSERT_EQ(statement->lines.size(), 2U);
        EXPECT_EQ(statement->lines[1].amount, expected->lines[1].amount);
        EXPECT_EQ(statement->lines[1].line, 3U);
        EXPECT_EQ(statement->files.at(0).sha256, core::crypto::sha256_hex(bytes));
        EXPECT_EQ(statement->files.at(0).lines, 2U);
    }
    EXPECT_EQ(read(core::zip({{"b.csv", all_bill()}}))->lines.at(0).member, "b.csv");
}

TEST(WechatBill, WithoutRowsIsAStatementWithoutLines) {
    const auto statement = read(joined({kAllHeader, kSummaryNames, "`0,`0.00,`0.00,`0.00,`0.00000,`0.00,`0.00"}));
    ASSERT_TRUE(statement) << refusal_of(statement);
    EXPECT_TRUE(statement->lines.empty());
    EXPECT_TRUE(all_totals_agree(*statement));
}

TEST(WechatBill, MayBeASuccessAndARefundBill) {
    const std::vector<StatementFile> both = {{"s.csv", success_bill()}, {"r.csv", refund_bill()}};
    const auto statement = read(both);
    ASSERT_TRUE(statement) << refusal_of(statement);
    EXPECT_EQ(statement->dialect, "wechatpay tradebill SUCCESS (20 columns), wechatpay tradebill REFUND (29 columns)");
    ASSERT_EQ(statement->lines.size(), 2U);
    EXPECT_EQ(statement->lines[0].file_index, 0U);
    EXPECT_EQ(statement->lines[1].file_index, 1U);
    EXPECT_EQ(statement->lines[1].line, 2U);
    EXPECT_EQ(statement->lines[1].status, TransactionStatus::processing);
    EXPECT_TRUE(all_totals_agree(*statement));
    EXPECT_TRUE(statement->warnings.empty());
    EXPECT_EQ(statement->totals.at(0).name, "s.csv 总交易单数");

    const auto alone = read(success_bill());
    ASSERT_TRUE(alone);
    EXPECT_THAT(alone->warnings, ElementsAre(HasSubstr("REFUND bill of the day is not there")));
}

TEST(WechatBill, GivenTwiceIsRefused) {
    const StatementFile all{"a.csv", all_bill()};
    const StatementFile paid{"s.csv", success_bill()};
    const StatementFile refunded{"r.csv", refund_bill()};
    using Files = std::vector<StatementFile>;
    for (const auto& files : {Files{all, all}, Files{paid, paid}, Files{refunded, refunded}, Files{all, paid},
                              Files{refunded, all}, Files{paid, refunded, all}}) {
        EXPECT_THAT(refusal_of(read(files)), HasSubstr("doubles what another file has"));
    }
    EXPECT_THAT(refusal_of(read(core::zip({{"1.csv", all_bill()}, {"2.csv", all_bill()}}))),
                AllOf(HasSubstr("bill.csv!2.csv"), HasSubstr("doubles")));
}

TEST(WechatBill, OfTheLegacyLayoutUsesItsOwnNames) {
    const std::string header =
        "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
        "总金额,企业红包金额,微信退款单号,商户退款单号,退款金额,企业红包退款金额,退款类型,退款状态,商品名称,商户数据包,"
        "手续费,费率";
    const std::string payment_row =
        "`2026-11-18 "
        "10:00:00,`wx1,`1900000109,`0,`,`42001,`W1,`o,`JSAPI,`SUCCESS,`CMC,`CNY,`10.00,`0.0,`0,`0,`0,`0,`,`,"
        "`x,`,`0.06,`0.60%";
    const std::string refund_row =
        "`2026-11-18 11:00:00,`wx1,`1900000109,`0,`,`42001,`W1,`o,`JSAPI,`REFUND,`CMC,`CNY,`0,`0,`50001,`R1,`5,`0,`"
        "ORIGINAL,`SUCCESS,`x,`,`-0.03,`0.60%";
    const auto statement =
        read(joined({header, payment_row, refund_row, "总交易单数,总交易额,总退款金额,总企业红包退款金额,手续费总金额",
                     "`2,`10.0,`5,`0.0,`0.03"}));
    ASSERT_TRUE(statement) << refusal_of(statement);
    EXPECT_EQ(statement->dialect, "wechatpay tradebill ALL legacy (24 columns)");
    EXPECT_EQ(statement->lines.at(0).amount, cny(1000));
    EXPECT_EQ(statement->lines.at(1).amount, cny(-500));
    EXPECT_TRUE(all_totals_agree(*statement));
}

struct State {
    const char* name;
    const char* old;
    const char* with;
    std::size_t line;
    TransactionStatus status;
    const char* word;
};

class WechatBillState : public testing::TestWithParam<State> {};

TEST_P(WechatBillState, IsSaidInOurWordsAndKeptInTheirs) {
    const auto statement = read(replaced(all_bill(), GetParam().old, GetParam().with));
    ASSERT_TRUE(statement) << refusal_of(statement);
    const auto& line = statement->lines.at(GetParam().line);
    EXPECT_EQ(line.status, GetParam().status);
    EXPECT_EQ(line.channel_status, GetParam().word);
}

constexpr const char* kPaid = "`JSAPI,`SUCCESS";
constexpr const char* kRefunded = "`ORIGINAL,`SUCCESS";
INSTANTIATE_TEST_SUITE_P(
    , WechatBillState,
    testing::Values(State{"Revoked", kPaid, "`JSAPI,`REVOKED", 0, TransactionStatus::revoked, "REVOKED"},
                    State{"NewPaymentWord", kPaid, "`JSAPI,`LOST", 0, TransactionStatus::abnormal, "LOST"},
                    State{"Processing", kRefunded, "`ORIGINAL,`PROCESSING", 1, TransactionStatus::processing,
                          "PROCESSING"},
                    State{"Fail", kRefunded, "`ORIGINAL,`FAIL", 1, TransactionStatus::failed, "FAIL"},
                    State{"Change", kRefunded, "`ORIGINAL,`CHANGE", 1, TransactionStatus::abnormal, "CHANGE"},
                    State{"NewRefundWord", kRefunded, "`ORIGINAL,`LOST", 1, TransactionStatus::abnormal, "LOST"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(WechatBill, WarnsOfStatesItDoesNotKnow) {
    const auto known = read(replaced(all_bill(), kRefunded, "`ORIGINAL,`CHANGE"));
    EXPECT_TRUE(known->warnings.empty());
    const auto unknown = read(replaced(all_bill(), kRefunded, "`ORIGINAL,`LOST"));
    EXPECT_THAT(unknown->warnings, ElementsAre(HasSubstr("the first on line 3")));
}

TEST(WechatBill, RoundsAFeeThatIsFinerThanAFenAndWarns) {
    const auto statement = read(replaced(all_bill(), "`0.06000,", "`0.06500,"));
    ASSERT_TRUE(statement) << refusal_of(statement);
    EXPECT_EQ(statement->lines.at(0).fee, cny(7));
    EXPECT_THAT(statement->warnings, ElementsAre(HasSubstr("rounded half up")));
    // The bill's own sum is still compared digit by digit.
    EXPECT_EQ(statement->totals.at(4).actual, "0.03500");
}

TEST(WechatBill, KeepsTheSubMerchantAndNoPersonalData) {
    const auto statement = read(replaced(all_bill(), "`1900000109,`0,", "`1900000109,`1900009231,"));
    ASSERT_TRUE(statement) << refusal_of(statement);
    EXPECT_EQ(statement->lines.at(0).attributes, (Attributes{{"sub_mchid", "1900009231"}}));
    EXPECT_TRUE(statement->lines.at(1).attributes.empty());
}

// One bill of the partner's is several tenants' bill.
TEST(WechatBill, LeavesOtherSubMerchantsOutWhereOursAreNamed) {
    const auto read_for = [](std::set<std::string, std::less<>> ours, const std::string& bill,
                             core::BusinessDay day = bill_day()) {
        auto configured = options();
        configured.merchant.sub_merchants = std::move(ours);
        return make_channel(std::move(configured), plain_context())->read_statement({{"b.csv", bill}}, day);
    };
    const auto of_one = replaced(all_bill(), "`1900000109,`0,", "`1900000109,`1900009231,");
    const auto of_both = replaced(of_one, "`1900000109,`0,", "`1900000109,`1900009232,");
    const auto both = read_for({"1900009231", "1900009232"}, of_both);
    ASSERT_TRUE(both) << refusal_of(both);
    EXPECT_EQ(both->lines.size(), 2U);
    EXPECT_TRUE(both->warnings.empty());
    for (const auto& bill : {of_both, of_one}) {
        const auto first = read_for({"1900009231"}, bill);
        ASSERT_TRUE(first) << refusal_of(first);
        ASSERT_EQ(first->lines.size(), 1U);
        EXPECT_EQ(first->lines.at(0).attributes.at("sub_mchid"), "1900009231");
        EXPECT_THAT(first->warnings, ElementsAre(AllOf(HasSubstr("1 rows of sub-merchants that are not this tenant's"),
                                                       HasSubstr("the first on line 3"))));
        EXPECT_TRUE(all_totals_agree(*first)) << "they are of the whole bill";
    }
    // Whosever a row is, it is of this merchant and day, and its amounts are amounts.
    EXPECT_THAT(
        refusal_of(read_for({"1900009239"}, replaced(of_both, "`1900000109,`1900009232,", "`1900000108,`1900009232,"))),
        AllOf(HasSubstr("b.csv:3"), HasSubstr("another merchant")));
    EXPECT_FALSE(read_for({"1900009239"}, of_both, core::day_before(bill_day())));
    EXPECT_FALSE(read_for({"1900009239"}, replaced(of_both, "`0.06000,", "`6e-2,")));
}

TEST(WechatBill, PassesIdentifiersThroughTheRedactor) {
    auto context = plain_context();
    context.redact = [](std::string_view text) { return "<" + std::string(text) + ">"; };
    const auto statement = make_channel(options(), context)->read_statement({{"b.csv", all_bill()}}, bill_day());
    ASSERT_TRUE(statement) << refusal_of(statement);
    const auto& line = statement->lines.at(1);
    EXPECT_EQ(line.channel_txn_id.text(), "<50001>");
    EXPECT_EQ(line.related_txn_id.text(), "<42001>");
    EXPECT_EQ(line.merchant_order_id.text(), "<W1>");
    EXPECT_EQ(line.own_order_id, "<R1>");
}

struct Broken {
    const char* name;
    std::string bytes;
    const char* says;
};

class WechatBillRefuses : public testing::TestWithParam<Broken> {};

TEST_P(WechatBillRefuses, WithPlaceAndReason) {
    const auto statement = read(GetParam().bytes);
    ASSERT_FALSE(statement);
    EXPECT_THAT(statement.error().message(), HasSubstr(GetParam().says));
}

const std::string kAll = all_bill();
INSTANTIATE_TEST_SUITE_P(
    , WechatBillRefuses,
    testing::Values(
        Broken{"Nothing", "", "bill.csv: is empty"}, Broken{"MarkAlone", "\xEF\xBB\xBF\r\n", "is empty"},
        Broken{"OnlyTheHeader", joined({kAllHeader}), "bill.csv:1: the file ends before its summary"},
        Broken{"NoSummary", joined({kAllHeader, kPaymentRow}), "bill.csv:2: the file ends before its summary"},
        Broken{"NoSummaryRow", joined({kAllHeader, kPaymentRow, kSummaryNames}), "cut short"},
        Broken{"CutInASummaryRow", kAll.substr(0, kAll.size() - 9), "has 6 cells where the header has 7"},
        Broken{"CutInARow", kAll.substr(0, kAll.find("`50001") + 4), "bill.csv:3: has 15 cells"},
        Broken{"RowsAfterTheSummary", kAll + kPaymentRow + "\r\n", "bill.csv:6: comes after the summary"},
        Broken{"TwoBillsJoined", kAll + kAll, "bill.csv:6: comes after the summary"},
        Broken{"OneCellTooMany", replaced(kAll, "`a,b,", "`a,`b,"), "bill.csv:2: has 28 cells"},
        Broken{"ARowWithoutBackticks", replaced(kAll, "`2026-11-18 10", "2026-11-18 10"), "bill.csv:2: is neither"},
        Broken{"AnEmptyLine", replaced(kAll, "费率备注\r\n", "费率备注\r\n\r\n"), "bill.csv:2: is neither"},
        Broken{"UnknownColumn", replaced(kAll, "费率备注", "返还手续费"), "返还手续费: is no known column"},
        Broken{"ColumnTwice", replaced(kAll, "费率备注", "费率"), "费率: the header has this column twice"},
        Broken{"ColumnMissing", replaced(kAll, "订单金额,申请", "申请"), "订单金额: the header has no such column"},
        Broken{"SomethingElse", "a,b,c\n1,2,3\n", "a: is no known column"},
        Broken{"UnknownTotal", replaced(kAll, "充值券退款总金额", "神秘总金额"), "神秘总金额: is no known total"},
        Broken{"OtherMerchant", replaced(kAll, "1900000109", "1900000110"), "商户号: the row is of another merchant"},
        Broken{"DayBefore", replaced(kAll, "2026-11-18 10:00:00", "2026-11-17 23:59:59"),
               "bill.csv:2: 交易时间: the row is of another day, 2026-11-17"},
        Broken{"DayAfter", replaced(kAll, "2026-11-18 23:59:59", "2026-11-19 00:00:00"),
               "bill.csv:3: 交易时间: the row is of another day"},
        Broken{"NoSuchDay", replaced(kAll, "2026-11-18 10", "2026-02-30 10"), "交易时间: is no time"},
        Broken{"NoSuchHour", replaced(kAll, "2026-11-18 10", "2026-11-18 25"), "交易时间: is no time"},
        Broken{"AmountZero", replaced(kAll, "`10.00,", "`0.00,"), "订单金额: is zero"},
        Broken{"AmountNegative", replaced(kAll, "`10.00,", "`-10.00,"), "订单金额: is negative"},
        Broken{"AmountTooFine", replaced(kAll, "`10.00,", "`10.001,"), "订单金额: is no amount in CNY"},
        Broken{"AmountTooLarge", replaced(kAll, "`10.00,", "`10000000000.00,"), "订单金额: is larger"},
        Broken{"AmountEmpty", replaced(kAll, "`10.00,", "`,"), "订单金额: is no amount"},
        Broken{"AmountInWords", replaced(kAll, "`10.00,", "`1e1,"), "订单金额: is no amount"},
        Broken{"FeeInWords", replaced(kAll, "`0.06000,", "`free,"), "手续费: is no amount"},
        Broken{"FeeTooLarge", replaced(kAll, "`0.06000,", "`10000000000.0,"), "手续费: is larger"},
        Broken{"RefundZero", replaced(kAll, "`0.00,`5.00,", "`0.00,`0.00,"), "申请退款金额: is zero"},
        Broken{"NoCurrency", replaced(kAll, "`CNY", "`"), "货币种类: is no known currency"},
        Broken{"UnknownCurrency", replaced(kAll, "`CNY", "`RMB"), "货币种类: is no known currency"},
        Broken{"NoTransactionId", replaced(kAll, "`42001", "`"), "微信订单号: is empty"},
        Broken{"CountInWords", replaced(kAll, "`2.0,", "`two,"), "总交易单数: is no number of rows"},
        Broken{"NotUtf8", replaced(kAll, "苹果", "\xC6\xBB\xB9\xFB"), "bill.csv:2: is not UTF-8"},
        Broken{"NulByte", replaced(kAll, "苹果", std::string(1, '\0')), "NUL"},
        Broken{"XmlMessage", "<xml><return_code>FAIL</return_code></xml>", "bill.csv:1: is an XML"},
        Broken{"NoStatement", R"({"code":"NO_STATEMENT_EXIST","message":"账单文件不存在"})", "NO_STATEMENT_EXIST"},
        Broken{"StatementCreating", "\n{\"code\":\"STATEMENT_CREATING\"}", "half an hour"},
        Broken{"OtherMessage", R"({"code":"NO_AUTH"})", "is a JSON message (NO_AUTH)"},
        Broken{"MessageWithMarkup", R"({"code":"=cmd|'x'"})", "is a JSON message, not a bill"},
        Broken{"BrokenGzip", core::gzip(kAll).substr(0, 200), "bill.csv: "},
        Broken{"EmptyArchive", core::zip({{"notes/", ""}}), "there is no bill in it"},
        Broken{"FundFlow", "\xEF\xBB\xBF记账时间,微信支付业务单号\r\n", "this is a fund-flow bill, not a trade bill"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(WechatBill, RefusesNoFiles) { EXPECT_FALSE(read(std::vector<StatementFile>{})); }

// A shorter day must never pass for a day: a cut bill is refused, or its totals disagree. Only what says nothing may
// be missing, the last line's end and the last total's ".00" (a point without a digit is no amount).
TEST(WechatBill, CutAnywhereDoesNotPassForWhole) {
    const std::string whole = all_bill();
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const std::string rest = whole.substr(length);
        const bool says_nothing =
            rest == ".00\r\n" || (rest != "00\r\n" && rest.find_first_not_of("0\r\n") == std::string::npos);
        const auto statement = read(whole.substr(0, length));
        EXPECT_EQ(statement && all_totals_agree(*statement), says_nothing) << length;
    }
}

}  // namespace
}  // namespace payments::wechatpay::test

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "payments/channels/unionpay/file_content.h"
#include "settlement.h"

namespace payments::unionpay::test {
namespace {

struct Delivery {
    const char* name;
    std::function<std::vector<StatementFile>()> files;
    const char* outcome;
};

class DeliveryIsRefused : public testing::TestWithParam<Delivery> {};

TEST_P(DeliveryIsRefused, WithFileAndRemedy) { EXPECT_EQ(outcome(read(GetParam().files())), GetParam().outcome); }

StatementFile cut_zip() {
    auto file = good().front();
    file.bytes.resize(file.bytes.size() / 2);
    return file;
}

INSTANTIATE_TEST_SUITE_P(
    , DeliveryIsRefused,
    testing::Values(
        Delivery{"Good", [] { return good(); }, "read"},
        Delivery{"OtherArchiveName", [] { return good("download.zip"); }, "read"},
        Delivery{
            "GzOfTheRows",
            [] {
                return std::vector<StatementFile>{{transactions_name(kDay) + ".gz", core::gzip(payment_row().row())}};
            },
            "read"},
        Delivery{"MemberInAFolder",
                 [] {
                     return one_zip({{"x/" + transactions_name(kDay), payment_row().row()}});
                 },
                 "read"},
        Delivery{"OtherDay", [] { return good("777290058110097_20261117.zip"); },
                 "777290058110097_20261117.zip: is of settlement date 20261117, not of 2026-11-18; "
                 "put the file of this merchant and day here"},
        Delivery{"OtherYear", [] { return good("777290058110097_20251118.zip"); },
                 "777290058110097_20251118.zip: is of settlement date 20251118, not of 2026-11-18; "
                 "put the file of this merchant and day here"},
        Delivery{"OtherMerchant", [] { return good("777290058110098_20261118.zip"); },
                 "777290058110098_20261118.zip: is of merchant 777290058110098, not of 777290058110097; "
                 "put the file of this merchant and day here"},
        Delivery{"MemberOfAnotherDay",
                 [] {
                     return one_zip({{"INN26111788ZM_777290058110097", ""}});
                 },
                 "777290058110097_20261118.zip!INN26111788ZM_777290058110097: is of settlement date 261117, not of "
                 "2026-11-18; put the file of this merchant and day here"},
        Delivery{"MemberOfAnotherMerchant",
                 [] {
                     return one_zip({{"INN26111888ZM_777290058110098", ""}});
                 },
                 "777290058110097_20261118.zip!INN26111888ZM_777290058110098: is of merchant 777290058110098, not of "
                 "777290058110097; put the file of this merchant and day here"},
        Delivery{"NoFile", [] { return std::vector<StatementFile>{}; },
                 "statement: there is no file of transactions (INN…ZM_777290058110097); "
                 "keep the name UnionPay gave the file"},
        Delivery{"NoTransactions",
                 [] {
                     return one_zip({{summary_name(kDay), summary({})}});
                 },
                 "777290058110097_20261118.zip: there is no file of transactions (INN…ZM_777290058110097); "
                 "keep the name UnionPay gave the file"},
        Delivery{"SameFileTwice",
                 [] {
                     return std::vector<StatementFile>{good().front(), good("copy.zip").front()};
                 },
                 "copy.zip: is the same file as 777290058110097_20261118.zip; give each file once"},
        Delivery{"TwoOfAKind",
                 [] {
                     return one_zip({{"INN26111888ZM_777290058110097", ""}, {"INN26111889ZM_777290058110097", ""}});
                 },
                 "777290058110097_20261118.zip!INN26111889ZM_777290058110097: is the second file of its kind beside "
                 "777290058110097_20261118.zip!INN26111888ZM_777290058110097; give one day's files once"},
        Delivery{"ZippedAndPlain",
                 [] {
                     return std::vector<StatementFile>{good().front(), plain(payment_row().row())};
                 },
                 "INN26111888ZM_777290058110097: is the second file of its kind beside "
                 "777290058110097_20261118.zip!INN26111888ZM_777290058110097; give one day's files once"},
        Delivery{"Stranger",
                 [] {
                     return std::vector<StatementFile>{{"bill.csv", "a,b\n"}};
                 },
                 "bill.csv: is no settlement file that is known; "
                 "give MERID_YYYYMMDD.zip or INN…ZM_… under the name UnionPay gave it"},
        Delivery{"NameWithControlCharacter",
                 [] {
                     return one_zip({{"INN\n", ""}});
                 },
                 "777290058110097_20261118.zip: a member's name is no plain text; "
                 "fetch the file from UnionPay again"},
        Delivery{"SummaryWithNul",
                 [] {
                     return one_zip({{transactions_name(kDay), ""}, {summary_name(kDay), std::string("x\0y", 3)}});
                 },
                 "777290058110097_20261118.zip!RD201026111801_777290058110097: is no GBK text; "
                 "fetch the file from UnionPay again"},
        Delivery{"SummaryOfAnotherDay",
                 [] {
                     const SettlementDay other{kMerchant, *core::parse_day("2026-11-17")};
                     return one_zip(
                         {{transactions_name(kDay), ""}, {summary_name(kDay), write_summary(other, "x", {}, {})}});
                 },
                 "777290058110097_20261118.zip!RD201026111801_777290058110097: is of settlement date 20261117, not of "
                 "2026-11-18; put the file of this merchant and day here"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(ATruncatedArchive, IsRefused) {
    EXPECT_EQ(outcome(read({cut_zip()})).substr(0, kZip.size() + 2), kZip + ": ");
    const auto whole = good().front();
    for (std::size_t length = 0; length < whole.bytes.size(); ++length) {
        EXPECT_FALSE(read({{whole.name, whole.bytes.substr(0, length)}})) << length;
    }
}

TEST(AnUnknownMember, IsLeftOutWithAWarning) {
    const auto statement = read(one_zip({{transactions_name(kDay), payment_row().row()}, {"INN26111888ZMSUM_1", "x"}}));
    ASSERT_EQ(outcome(statement), "read");
    EXPECT_EQ(statement->warnings,
              std::vector<std::string>{
                  "777290058110097_20261118.zip!INN26111888ZMSUM_1 is no member that is known; it was left out"});
}
std::vector<std::string> disagreeing(const std::string& summary_bytes) {
    const auto statement = read(one_zip(
        {{transactions_name(kDay), payment_row().row() + refund_row().row()}, {summary_name(kDay), summary_bytes}}));
    EXPECT_EQ(outcome(statement), "read");
    std::vector<std::string> found;
    for (const auto& total : statement->totals) {
        if (!total.agrees()) {
            found.push_back(total.name + ": " + total.stated + " / " + total.actual);
        }
    }
    return found;
}

TEST(TheSummary, IsComparedColumnByColumn) {
    const SettlementTotals payment = payment_totals();
    const SettlementTotals refund{1, 5000, 0, 0, 30, 4970, 0};
    SettlementTotals total{2, 5000, 12345, 74, 30, 4970, 12271};
    EXPECT_EQ(disagreeing(write_summary(kDay, "x", {{"自助消费", payment}, {"退货", refund}}, total)),
              std::vector<std::string>{});
    total.amount_credit += 1;
    total.count = 3;
    EXPECT_EQ(disagreeing(write_summary(kDay, "x", {{"自助消费", payment}, {"退货", refund}}, total)),
              (std::vector<std::string>{"RD2010 交易类型 总计 交易笔数: 3 / 2",
                                        "RD2010 交易类型 总计 交易金额(贷): 123.46 / 123.45"}));
}

TEST(TheSummary, IsComparedRowByRowWhereItsTotalHidesIt) {
    const SettlementTotals total{2, 5000, 12345, 74, 30, 4970, 12271};
    EXPECT_EQ(disagreeing(write_summary(kDay, "x", {{"自助消费", payment_totals()}}, total)).size(), 4U);
}

// Read as none it would take the day's control totals away unseen.
TEST(ATotalOfTheSummary, IsWholeOrRefused) {
    const auto whole = write_summary(kDay, "x", {{"自助消费", payment_totals()}}, payment_totals());
    const auto read_with = [](const std::string& bytes) {
        return outcome(read(one_zip({{transactions_name(kDay), payment_row().row()}, {summary_name(kDay), bytes}})));
    };
    ASSERT_EQ(read_with(whole), "read");
    const auto total = whole.rfind(*core::text::gbk_from_utf8("总计"));
    const auto figures_end = whole.find_last_not_of(" \r\n") + 1;
    const auto last_figure = whole.find_last_of(' ', figures_end - 1) + 1;
    const auto line =
        std::to_string(1 + std::count(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(total), '\n'));
    for (auto end = total + 4; end <= last_figure; ++end) {
        EXPECT_EQ(read_with(whole.substr(0, end)),
                  "777290058110097_20261118.zip!RD201026111801_777290058110097:" + line +
                      ": 总计: has not the seven figures of its table; "
                      "fetch the file from UnionPay again")
            << end;
    }
}

TEST(ASummaryWithoutTotals, IsAWarning) {
    const auto statement =
        read(one_zip({{transactions_name(kDay), payment_row().row()}, {summary_name(kDay), "nothing"}}));
    ASSERT_EQ(outcome(statement), "read");
    EXPECT_TRUE(statement->totals.empty());
    EXPECT_EQ(statement->warnings.size(), 1U);
}
TEST(FileContent, IsBase64OfZlibOfTheArchive) {
    const auto archive = good().front().bytes;
    const auto content = core::crypto::base64_encode(core::zlib_deflate(archive));
    const auto decoded = decode_file_content(content);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, archive);
    EXPECT_FALSE(decode_file_content(content, archive.size() - 1));
    EXPECT_FALSE(decode_file_content(content.substr(0, content.size() / 2 / 4 * 4)));
    EXPECT_FALSE(decode_file_content("%"));
    EXPECT_FALSE(decode_file_content(""));
}

TEST(AnArchivesName, IsItsMerchantAndDayAndNothingElse) {
    EXPECT_TRUE(is_archive_name(kZip, kMerchant));
    for (const auto* name :
         {"777290058110098_20261118.zip", "777290058110097_20261131.zip", "../x.zip", "777290058110097_20261118.zip/",
          "777290058110097_20261118.txt", "777290058110097/20261118.zip"}) {
        EXPECT_FALSE(is_archive_name(name, kMerchant)) << name;
    }
}

}  // namespace
}  // namespace payments::unionpay::test

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/failure.h"
#include "core/json/reader.h"
#include "core/text/csv.h"
#include "core/text/encoding.h"
#include "diff_fixture.h"

namespace reconciliation {
namespace {

using diff_test::Diff;
using diff_test::kHeader;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Kind = DiscrepancyKind;

TEST_F(Diff, FindsNothingInFilesThatAgree) {
    write_sides("a,o1,payment,500,3,CNY,SUCCESS,2026-11-18T01:00:00Z\n", "a,o1,payment,500,3,CNY,paid,\n");

    const DiffResult result = diff(options_);

    EXPECT_THAT(result.discrepancies, IsEmpty());
    EXPECT_EQ(result.matched, 1U);
    EXPECT_EQ(result.left.count, 1U);
    EXPECT_EQ(result.left.amounts.at(payments::TransactionType::payment).at("CNY"), 500);
}

TEST_F(Diff, TellsEveryKindItKnows) {
    write_sides(
        "amount,o,payment,500,3,CNY,SUCCESS,\n"
        "currency,o,payment,500,3,CNY,SUCCESS,\n"
        "status,o,payment,500,3,CNY,SUCCESS,\n"
        "processing,o,payment,500,3,CNY,SUCCESS,\n"
        "fee,o,payment,500,3,CNY,SUCCESS,\n"
        "gone,o,payment,500,3,CNY,SUCCESS,\n"
        "twice,o,payment,500,3,CNY,SUCCESS,\n"
        "twice,o,payment,500,3,CNY,SUCCESS,\n",
        "amount,o,payment,501,3,CNY,SUCCESS,\n"
        "currency,o,payment,500,3,USD,SUCCESS,\n"
        "status,o,payment,500,3,CNY,REVOKED,\n"
        "processing,o,payment,500,3,CNY,PROCESSING,\n"
        "fee,o,payment,500,4,CNY,SUCCESS,\n"
        "extra,o,payment,500,3,CNY,SUCCESS,\n"
        "extra,o,payment,500,3,CNY,SUCCESS,\n"
        "twice,o,payment,500,3,CNY,SUCCESS,\n");

    EXPECT_THAT(kinds(), ElementsAre(Kind::duplicate_in_channel, Kind::duplicate_in_ledger, Kind::missing_in_channel,
                                     Kind::timing, Kind::currency_mismatch, Kind::amount_mismatch,
                                     Kind::status_mismatch, Kind::fee_mismatch));
}

TEST_F(Diff, TakesEmptyFilesAndBareHeaders) {
    write("left.csv", "");
    write("right.csv", kHeader);
    EXPECT_THAT(kinds(), IsEmpty());

    write("right.csv", std::string(kHeader) + "a,o,payment,500,,CNY,,\n");
    EXPECT_THAT(kinds(), ElementsAre(Kind::missing_in_ledger));
}

TEST_F(Diff, ComparesStatesByWhatTheyMean) {
    write_sides(
        "a,,payment,5,,CNY,captured,\nb,,refund,5,,CNY,退款成功,\nc,,payment,5,,CNY,Held,\nd,,payment,5,,CNY,Held,\n"
        "e,,payment,5,,CNY,Held,\nf,,payment,5,,CNY,,\n",
        "a,,payment,5,,CNY,支付成功,\nb,,refund,5,,CNY,REFUNDED,\nc,,payment,5,,CNY,HELD,\nd,,payment,5,,CNY,Frozen,\n"
        "e,,payment,5,,CNY,SUCCESS,\nf,,payment,5,,CNY,FAILED,\n");

    const auto result = diff(options_);

    ASSERT_EQ(result.discrepancies.size(), 2U);
    EXPECT_EQ(result.discrepancies[0].channel_txn_id, "d");
    EXPECT_EQ(result.discrepancies[1].channel_txn_id, "e");
    EXPECT_EQ(result.discrepancies[1].kind, Kind::status_mismatch);
}

TEST_F(Diff, TakesTheTimeFromTheRightWhereTheLeftHasNone) {
    write_sides("a,,payment,5,,CNY,,\n", "a,,payment,6,,CNY,,2026-11-18 01:00:00\n");

    const auto result = diff(options_);

    ASSERT_EQ(result.discrepancies.size(), 1U);
    ASSERT_TRUE(result.discrepancies.front().occurred_at);
    EXPECT_EQ(core::format_rfc3339(*result.discrepancies.front().occurred_at), "2026-11-18T01:00:00Z");
}

TEST_F(Diff, MatchesIdentifiersAsRedacted) {
    write_sides("a,card 6205500000000000004,payment,5,,CNY,,\n", "a,,payment,6,,CNY,,\n");
    options_.redact = [](std::string_view text) {
        return text.find("6205500000000000004") == std::string_view::npos ? std::string(text)
                                                                          : std::string("card 620550******0004#f00");
    };

    const auto result = diff(options_);
    EXPECT_EQ(result.discrepancies.front().merchant_order_id, "card 620550******0004#f00");
    for (const auto& bytes : {diff_csv(result), diff_html(result), diff_summary_json(result)}) {
        EXPECT_THAT(bytes, Not(HasSubstr("6205500000000000004")));
    }
}

// ---- Units -----------------------------------------------------------------------------------------------------

TEST_F(Diff, ShowsAmountsAsTheyStandInTheInput) {
    write_sides("a,,refund,5319,-32,CNY,,\n", "a,,refund,5320,-32,CNY,,\n");
    EXPECT_THAT(diff_csv(diff(options_)), HasSubstr("refund,a,,5319,5320,1,CNY,,-32,"));

    write_sides("a,,payment,53.19,0.32,CNY,,\n", "a,,payment,53.20,0.32,CNY,,\n");
    options_.units = DiffUnits::major;
    EXPECT_THAT(diff_csv(diff(options_)), HasSubstr("payment,a,,53.19,53.20,0.01,CNY,,0.32,"));
}

TEST_F(Diff, KnowsTheDecimalsOfEachCurrencyInMajorUnits) {
    write_sides("a,,payment,500,,JPY,,\nb,,payment,0.500,,KWD,,\n", "a,,payment,500,,JPY,,\nb,,payment,0.501,,KWD,,\n");
    options_.units = DiffUnits::major;

    const auto result = diff(options_);

    ASSERT_EQ(result.discrepancies.size(), 1U);
    EXPECT_EQ(result.discrepancies.front().difference(), 1);
    EXPECT_THAT(diff_csv(result), HasSubstr(",0.500,0.501,0.001,KWD,"));
}

TEST_F(Diff, HoldsMinorUnitsAgainstMajorOnes) {
    write("left.csv", "id,amount,currency\na,5319,CNY\nb,5319,CNY\n");
    write("right.csv", "id,amount,currency\na,53.19,CNY\nb,53.20,CNY\n");
    map("[right]\nunits = \"major\"\n");

    const auto result = diff(options_);

    ASSERT_EQ(result.discrepancies.size(), 1U);
    EXPECT_THAT(diff_csv(result), HasSubstr("b,,5319,53.20,0.01,CNY"));
}

TEST_F(Diff, WantsTheCurrencyWhereUnitsAreMixed) {
    write("left.csv", "id,amount\na,5319\n");
    write("right.csv", "id,amount,currency\na,53.19,CNY\n");
    map("[right]\nunits = \"major\"\n");

    EXPECT_THAT(refusal<core::InputError>(), HasSubstr("left.csv:1: currency:"));
}

TEST_F(Diff, RefusesTwoWordsOnUnits) {
    write_sides("", "");
    map("[right]\nunits = \"major\"\n");
    options_.units = DiffUnits::minor;

    EXPECT_THAT(refusal<core::UsageError>(), HasSubstr("--units"));
}

TEST_F(Diff, TurnsRefundsRoundWhereOnlyOneFileHasThemBelowZero) {
    write_sides("a,,refund,-500,,CNY,,\nb,,payment,5,,CNY,,\n", "a,,refund,500,,CNY,,\nb,,payment,5,,CNY,,\n");

    const auto result = diff(options_);

    EXPECT_THAT(result.discrepancies, IsEmpty());
    EXPECT_EQ(result.left.notes.size(), 1U);
    EXPECT_THAT(result.right.notes, IsEmpty());
}

// ---- Columns ---------------------------------------------------------------------------------------------------

TEST_F(Diff, GuessesChineseAndEnglishHeadersAndSaysSo) {
    write("left.csv", "交易流水号;商户订单号;金额;币种;备注\na;o1;500;人民币;x\n");
    write("right.csv", "Transaction ID\tOrder No\tGross amount\tCurrency Code\na\to1\t501\tcny\n");

    const auto result = diff(options_);

    ASSERT_EQ(result.discrepancies.size(), 1U);
    EXPECT_EQ(result.discrepancies.front().kind, Kind::amount_mismatch);
    const auto guessed = [](const DiffSide& side, const std::string& field) {
        for (const auto& column : side.columns) {
            if (column.field == field && column.source == DiffColumn::Source::guess) {
                return column.column;
            }
        }
        return std::string();
    };
    EXPECT_EQ(guessed(result.left, "channel_txn_id"), "交易流水号");
    EXPECT_EQ(guessed(result.right, "amount"), "Gross amount");
}

TEST_F(Diff, TakesAFieldsOwnNameBeforeAGuess) {
    write("left.csv", "order_id,MERCHANT ORDER ID,id,Amount\nwrong,o1,a,5\n");
    write("right.csv", "merchant_order_id,amount\no1,6\n");

    const auto result = diff(options_);

    ASSERT_EQ(result.discrepancies.size(), 1U);
    EXPECT_EQ(result.discrepancies.front().merchant_order_id, "o1");
    EXPECT_EQ(result.discrepancies.front().kind, Kind::amount_mismatch);
}

TEST_F(Diff, FollowsTheMapping) {
    write("left.csv", "nr|betrag|was|lage\na|5,00|Eingang|gut\n");
    write("right.csv", "channel_txn_id,amount,type,currency,status\na,500,payment,EUR,SUCCESS\n");
    map(R"([left]
channel_txn_id = "nr"
amount = "betrag"
type = "was"
status = "lage"
separator = "|"
[left.constant]
currency = "EUR"
[left.types]
"eingang" = "payment"
[left.statuses]
"gut" = "captured"
)");
    EXPECT_THAT(refusal<core::InputError>(), HasSubstr("left.csv:2: amount:"));

    write("left.csv", "nr|betrag|was|lage\na|500|Eingang|gut\n");
    EXPECT_EQ(diff(options_).matched, 1U);
}

TEST_F(Diff, TakesRulesBesideTheMapping) {
    write("left.csv", "nr,amount,type,currency\na,500,payment,CNY\nb,700,payment,CNY\n");
    write("right.csv", "channel_txn_id,amount,type,currency\na,501,payment,CNY\nb,702,payment,CNY\n");
    map(R"([left]
channel_txn_id = "nr"
[[rule]]
name = "fen"
kind = "tolerance"
currency = "CNY"
absolute = 1
[[rule]]
name = "past"
kind = "tolerance"
currency = "CNY"
absolute = 2
valid_until = "2026-01-31"
)");

    const auto result = diff(options_);

    EXPECT_EQ(result.matched_by_rule, (std::map<std::string, std::uint64_t>{{"fen", 1}}));
    ASSERT_EQ(result.discrepancies.size(), 1U);
    EXPECT_EQ(result.discrepancies.front().channel_txn_id, "b");

    options_.rules = {{"other", {}, {}, *core::Currency::from_code("CNY"), 1, {}, core::Rounding::down, {}}};
    EXPECT_THAT(refusal<core::UsageError>(), HasSubstr("--rules: the mapping file has [[rule]] too"));
}

TEST_F(Diff, ReadsLocalTimesInTheMappingsZone) {
    write_sides("a,,payment,5,,CNY,,2026/11/18 09:00:00\n", "a,,payment,6,,CNY,,\n");
    map("[both]\ntime_zone = \"Asia/Shanghai\"\n");

    const auto result = diff(options_);
    EXPECT_EQ(core::format_rfc3339(*result.discrepancies.front().occurred_at), "2026-11-18T01:00:00Z");
}

TEST_F(Diff, ReadsGbkAndMarkedCells) {
    write("left.csv", *core::text::gbk_from_utf8("交易流水号,商户订单号,金额,交易状态\n`a,`o1,`500,支付成功\n"));
    write("right.csv", "channel_txn_id,merchant_order_id,amount,status\na,o1,500,SUCCESS\n");

    const auto result = diff(options_);

    EXPECT_EQ(result.matched, 1U);
    EXPECT_EQ(result.left.notes.size(), 1U);
}

// ---- Output ----------------------------------------------------------------------------------------------------

TEST_F(Diff, WritesTheContractsColumns) {
    write_sides("a,,payment,5,,CNY,,\n", "");

    const std::string csv = diff_csv(diff(options_));

    EXPECT_THAT(csv, testing::StartsWith("\xEF\xBB\xBF"
                                         "discrepancy_id,kind,type,channel_txn_id,merchant_order_id,ledger_amount,"
                                         "channel_amount,difference,currency,ledger_fee,channel_fee,ledger_status,"
                                         "channel_status,occurred_at,suggested_action,evidence,"));
    core::text::CsvReader reader(csv);
    const auto header = reader.next();
    const auto row = reader.next();
    ASSERT_TRUE(row && *row);
    EXPECT_EQ((*row)->cells.size(), (*header)->cells.size());
    EXPECT_EQ((*row)->cells[15], "right.csv; left.csv:2");
    EXPECT_FALSE((*row)->cells[14].empty());
}

TEST_F(Diff, WritesNoFormulasAndNoMarkup) {
    write_sides("=1+1,<script>x</script>,payment,5,,CNY,,\n", "");

    const auto result = diff(options_);

    EXPECT_THAT(diff_csv(result), HasSubstr(",'=1+1,"));
    EXPECT_THAT(diff_html(result), Not(HasSubstr("<script>x")));
    EXPECT_THAT(diff_html(result), HasSubstr("&lt;script&gt;x"));
}

TEST_F(Diff, ExplainsHowOftenEachSideHasARepeat) {
    write_sides("a,,payment,5,,CNY,,\n", "a,,payment,5,,CNY,,\na,,payment,5,,CNY,,\n");

    const std::string csv = diff_csv(diff(options_));

    EXPECT_THAT(csv, HasSubstr("right.csv:2; right.csv:3; left.csv:2"));
    EXPECT_THAT(csv, HasSubstr("列了 2 次"));
}

TEST_F(Diff, TellsFilesOfOneNameApart) {
    std::filesystem::create_directories(folder_ / "books");
    std::filesystem::create_directories(folder_ / "channel");
    write("books/day.csv", std::string(kHeader) + "a,,payment,5,,CNY,,\n");
    write("channel/day.csv", std::string(kHeader) + "a,,payment,6,,CNY,,\n");
    options_.left = folder_ / "books" / "day.csv";
    options_.right = folder_ / "channel" / "day.csv";

    const auto result = diff(options_);

    ASSERT_EQ(result.discrepancies.size(), 1U);
    EXPECT_THAT(result.discrepancies.front().evidence,
                ElementsAre(HasSubstr("channel/day.csv:2"), HasSubstr("books/day.csv:2")));
}

TEST_F(Diff, SumsUpInTheSummary) {
    write_sides("a,,payment,700,4,CNY,,\nb,,refund,200,-1,CNY,,\n", "a,,payment,701,4,CNY,,\nb,,refund,200,-1,CNY,,\n");

    const auto json = core::json::parse(diff_summary_json(diff(options_)));

    ASSERT_TRUE(json);
    EXPECT_EQ(json->integer_at("paired"), 2);
    EXPECT_EQ(json->integer_at("matched"), 1);
    EXPECT_EQ(json->path("discrepancies", "amount_mismatch")->integer(), 1);
    EXPECT_EQ(json->path("ledger", "amount", "CNY")->integer(), 500);
    EXPECT_EQ(json->path("channel_side", "amount", "CNY")->integer(), 501);
    EXPECT_EQ(json->path("channel_side", "fee", "CNY")->integer(), 3);
    EXPECT_EQ(json->path("right", "refunds", "CNY")->integer(), 200);
    EXPECT_EQ(json->path("left", "columns", "amount", "found_by")->string(), "name");
    EXPECT_EQ(json->string_at("digest")->size(), 64U);
}

TEST_F(Diff, TellsInTheSummaryWhatAlmostAgreesWithWhatIsAlone) {
    write_sides("a,o-1,payment,700,4,CNY,,\n", "b,o-2,payment,700,4,CNY,,\n");

    const auto json = core::json::parse(diff_summary_json(diff(options_)));

    ASSERT_TRUE(json);
    const auto leftovers = json->path("leftovers")->items();
    ASSERT_EQ(leftovers.size(), 2U);
    const auto candidates = leftovers[0].path("candidates")->items();
    ASSERT_EQ(candidates.size(), 1U);
    EXPECT_EQ(candidates[0].string_at("failed"), "channel_txn_id");
    EXPECT_THAT(std::string(*candidates[0].string_at("evidence")), HasSubstr("left.csv:2"));
}

TEST_F(Diff, PrintsATableWithoutControlCharacters) {
    write_sides("a\x1b[31m,,payment,5,,CNY,,\n", "");

    const std::string table = diff_table(diff(options_));

    EXPECT_THAT(table, HasSubstr("missing_in_channel"));
    EXPECT_THAT(table, HasSubstr("1 left, 0 right, 0 matched, 1 to look at\n"));
    EXPECT_THAT(table, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace reconciliation

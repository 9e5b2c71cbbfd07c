#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/failure.h"
#include "diff_fixture.h"

namespace reconciliation {
namespace {

using diff_test::Diff;
using diff_test::kHeader;
using testing::HasSubstr;
using testing::Not;

struct BadMapping {
    const char* name;
    const char* toml;
    const char* told;
};

class DiffRefusesMapping : public Diff, public testing::WithParamInterface<BadMapping> {};

TEST_P(DiffRefusesMapping, NamingFileAndKey) {
    write_sides("", "");
    map(GetParam().toml);

    const std::string told = refusal<core::UsageError>();
    EXPECT_THAT(told, HasSubstr("mapping.toml"));
    EXPECT_THAT(told, HasSubstr(GetParam().told));
}

INSTANTIATE_TEST_SUITE_P(
    , DiffRefusesMapping,
    testing::Values(
        BadMapping{"UnknownTable", "[middle]\n", "middle: "},
        BadMapping{"UnknownKey", "[left]\namont = \"x\"\n", "left.amont: "},
        BadMapping{"WrongType", "[left]\namount = 5\n", "left.amount: "},
        BadMapping{"WrongUnits", "[left]\nunits = \"cents\"\n", "left.units: "},
        BadMapping{"WrongZone", "[both]\ntime_zone = \"Mars\"\n", "both.time_zone: "},
        BadMapping{"LongSeparator", "[left]\nseparator = \"ab\"\n", "left.separator"},
        BadMapping{"ConstantAmount", "[left.constant]\namount = \"5\"\n", "left.constant.amount: "},
        BadMapping{"WrongState", "[left.statuses]\nx = \"good\"\n", "left.statuses.x: "},
        BadMapping{"ColumnAndConstant", "[left]\ntype = \"t\"\n[left.constant]\ntype = \"payment\"\n",
                   "left.constant.type: "},
        BadMapping{"BadRule", "[left]\n[[rule]]\nname = \"fen\"\nkind = \"tolerance\"\ncurrency = \"CNY\"\n",
                   "mapping.toml:2: rule.absolute: a tolerance needs absolute"},
        BadMapping{"UnknownKeyOfARule", "[[rule]]\nname = \"fen\"\nkindd = \"tolerance\"\n", "did you mean \"kind\"?"},
        BadMapping{"OneRuleAsATable", "[rule]\nname = \"fen\"\n", "rule: "},
        BadMapping{"NoToml", "[left\n", "mapping.toml:1"}),
    [](const auto& row) { return std::string(row.param.name); });

// ---- Bad input -------------------------------------------------------------------------------------------------

struct BadRow {
    const char* name;
    const char* row;
    const char* told;
};

class DiffRefusesRow : public Diff, public testing::WithParamInterface<BadRow> {};

TEST_P(DiffRefusesRow, NamingFileLineAndField) {
    write_sides("good,o,payment,5,,CNY,,\n" + std::string(GetParam().row) + "\n", "");

    const std::string told = refusal<core::InputError>();
    EXPECT_THAT(told, testing::StartsWith(std::string("left.csv:3: ") + GetParam().told + ": "));
    EXPECT_THAT(told, HasSubstr(";")) << "what to do is missing";
}

INSTANTIATE_TEST_SUITE_P(, DiffRefusesRow,
                         testing::Values(BadRow{"TooFewCells", "a,o,payment", "row"},
                                         BadRow{"TooManyCells", "a,,,,,,,,,", "row"},
                                         BadRow{"NoId", ",,payment,5,,CNY,,", "channel_txn_id"},
                                         BadRow{"NoAmount", "a,,payment,,,CNY,,", "amount"},
                                         BadRow{"DecimalInMinorUnits", "a,,payment,5.00,,CNY,,", "amount"},
                                         BadRow{"HugeAmount", "a,,payment,9999999999999999999,,CNY,,", "amount"},
                                         BadRow{"AmountBeyondTheLargest", "a,,payment,1000000000000,,CNY,,", "amount"},
                                         BadRow{"WrongFee", "a,,payment,5,x,CNY,,", "fee"},
                                         BadRow{"UnknownType", "a,,gift,5,,CNY,,", "type"},
                                         BadRow{"EmptyType", "a,,,5,,CNY,,", "type"},
                                         BadRow{"WrongCurrency", "a,,payment,5,,$,,", "currency"},
                                         BadRow{"WrongTime", "a,,payment,5,,CNY,,yesterday", "occurred_at"},
                                         BadRow{"OpenQuote", "\"a,,payment,5,,CNY,,", "row"}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(Diff, NeverQuotesWhatItRefuses) {
    write_sides("a,,payment,6205500000000000004,,CNY,,\n", "");
    EXPECT_THAT(refusal<core::InputError>(), Not(HasSubstr("62055")));

    write("left.csv", "6205500000000000004,5\n");
    EXPECT_THAT(refusal<core::InputError>(), Not(HasSubstr("62055")));
}

TEST_F(Diff, RefusesAHeaderThatHasAColumnTwice) {
    write("left.csv", "id,amount,Amount\na,5,6\n");
    write("right.csv", "");
    EXPECT_THAT(refusal<core::InputError>(), testing::StartsWith("left.csv:1: amount: "));
}

TEST_F(Diff, RefusesBytesThatAreNoText) {
    write("left.csv", "id,amount\n\xff\xff,5\n");
    write("right.csv", "");
    EXPECT_THAT(refusal<core::InputError>(), HasSubstr("left.csv"));
}

TEST_F(Diff, RefusesMoreDifferencesThanTheMemoryAllowed) {
    std::string left;
    std::string right;
    for (int i = 0; i < 120'000; ++i) {
        left += std::to_string(i) + ",,payment,5,,CNY,,\n";
        right += std::to_string(i) + ",,payment,6,,CNY,,\n";
    }
    write_sides(left, left);
    options_.memory_bytes_max = std::uint64_t{128} << 20U;
    EXPECT_EQ(diff(options_).matched, 120'000U);

    write_sides(left, right);
    EXPECT_THAT(refusal<core::UsageError>(), testing::StartsWith("--memory: 240000 rows differ"));

    options_.memory_bytes_max = 3'000'000;
    EXPECT_THAT(refusal<core::UsageError>(), testing::StartsWith("--memory: must be 128M"));
}

TEST_F(Diff, NamesAFileThatIsNotThere) {
    write("left.csv", "");
    EXPECT_THAT(refusal<core::InputError>(), HasSubstr("right.csv"));
}

}  // namespace
}  // namespace reconciliation

#include "ledger/entry_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/field_error.h"

namespace ledger {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const core::Instant kNow = *core::parse_rfc3339("2026-11-22T01:02:03Z");

std::vector<EntryInFile> read(const std::string& text) {
    return read_entries("e.jsonl", text, kNow, [](std::string_view part) { return "<" + std::string(part) + ">"; });
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

const std::string kRent = R"({"source_key":"rent","business_date":"2026-11-30","description":"office","legs":[)"
                          R"({"account":"expense:rent","currency":"CNY","amount":880000},)"
                          R"({"account":"bank:main","currency":"CNY","amount":-880000}]})";

TEST(EntryFile, BecomesEntries) {
    const auto entries = read("\xEF\xBB\xBF" + kRent + "\r\n\r\n  " +
                              replaced(replaced(kRent, "rent\"", "more\""), R"("description")",
                                       R"("occurred_at":"2026-11-01T08:00:00+08:00","description")"));
    ASSERT_EQ(entries.size(), 2U);
    const auto& rent = entries[0].entry;
    EXPECT_EQ(entries[0].line, 1U);
    EXPECT_EQ(rent.head().event, "manual");
    EXPECT_EQ(rent.head().source_key, "manual:<rent>");
    EXPECT_EQ(rent.head().description, "<office>");
    EXPECT_EQ(rent.head().group_key, "");
    EXPECT_EQ(rent.head().occurred_at, kNow);
    EXPECT_EQ(core::format_day(rent.head().business_day), "2026-11-30");
    ASSERT_EQ(rent.legs().size(), 2U);
    EXPECT_EQ(rent.legs()[1].account.name(), "bank:main");
    EXPECT_EQ(rent.legs()[1].amount, core::Money(-880000, *core::Currency::from_code("CNY")));
    EXPECT_EQ(entries[1].line, 3U);
    EXPECT_EQ(entries[1].entry.head().occurred_at, core::parse_rfc3339("2026-11-01T00:00:00Z"));
}

struct Wrong {
    const char* name;
    std::string from;
    std::string to;
    std::string said;
};

class EntryFileRefuses : public testing::TestWithParam<Wrong> {};

TEST_P(EntryFileRefuses, WithFileLineFieldAndRemedy) {
    const auto second = replaced(kRent, "\"rent\"", "\"second\"");
    try {
        read(kRent + "\n" + replaced(second, GetParam().from, GetParam().to));
        FAIL() << "it was taken";
    } catch (const core::InputError& error) {
        EXPECT_THAT(error.what(), StartsWith("e.jsonl:2: <"));
        EXPECT_THAT(error.what(), HasSubstr(GetParam().said));
    }
}

INSTANTIATE_TEST_SUITE_P(
    , EntryFileRefuses,
    testing::Values(Wrong{"NoJson", "]}", "]", "is not valid JSON"},
                    Wrong{"KeyTwice", "\"second\"", "\"rent\"", "in line 1 already"},
                    Wrong{"NoKey", "\"source_key\":\"second\",", "", "source_key: is missing"},
                    Wrong{"EmptyKey", "\"second\"", "\"\"", "source_key: is missing"},
                    Wrong{"LongKey", "\"second\"", "\"" + std::string(129, 'k') + "\"", "at most 128 bytes"},
                    Wrong{"ControlCharacter", "office", "off\\u0007ice", "description: must have"},
                    Wrong{"NoSuchDay", "2026-11-30", "2026-11-31", "business_date: must be a day"},
                    Wrong{"TimeWithoutZone", "\"description\"", "\"occurred_at\":\"2026-11-30 09:00\",\"description\"",
                          "occurred_at: must be a time"},
                    Wrong{"UnknownField", "\"description\"", "\"memo\":\"x\",\"description\"", "memo: unknown field"},
                    Wrong{"OneLeg", R"(,{"account":"bank:main","currency":"CNY","amount":-880000})", "", "two legs"},
                    Wrong{"NoLegs", "\"legs\":[", "\"legs\":7,\"x\":[", "x: unknown"},
                    Wrong{"OffByOne", "-880000", "-879999", "debits and credits differ"},
                    Wrong{"ZeroLegs", "\"amount\":880000", "\"amount\":0", "no leg is zero"},
                    Wrong{"Fraction", "880000", "880000.5", "legs[0].amount"},
                    Wrong{"AmountAsText", "-880000", "\"-880000\"", "legs[1].amount"},
                    Wrong{"UnknownAccount", "expense:rent", "cost:rent", "legs[0].account"},
                    Wrong{"UnknownCurrency", "\"CNY\"", "\"CNX\"", "legs[0].currency"},
                    Wrong{"UnknownFieldOfALeg", "\"account\":\"bank", "\"side\":\"credit\",\"account\":\"bank",
                          "side: unknown field"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(EntryFile, TakesMoneyAsItStandsInJsonElsewhere) {
    const auto entries = read(
        replaced(kRent, R"("currency":"CNY","amount":-880000)", R"("amount":{"amount":-880000,"currency":"CNY"})"));
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].entry.legs()[1].amount, core::Money(-880000, *core::Currency::from_code("CNY")));
    EXPECT_THROW(read(replaced(kRent, R"("amount":-880000)", R"("amount":{"amount":-880000,"currency":"CNY"})")),
                 core::InputError)
        << "the currency twice";
}

TEST(EntryObject, HasTheKeyItIsGivenAndNoOther) {
    const auto redact = [](std::string_view part) { return "<" + std::string(part) + ">"; };
    const auto entry = read_entry(replaced(kRent, R"("source_key":"rent",)", ""), "a-key", kNow, redact);
    EXPECT_EQ(entry.head().source_key, "manual:<a-key>");
    try {
        (void)read_entry(kRent, "a-key", kNow, redact);
        FAIL() << "a source key of its own";
    } catch (const core::FieldError& error) {
        EXPECT_EQ(error.field(), "<source_key>");
        EXPECT_THAT(error.complaint(), HasSubstr("unknown field"));
    }
}

TEST(EntryFile, WithoutAnEntryIsRefused) {
    EXPECT_THROW(read(""), core::InputError);
    EXPECT_THROW(read("\n \n"), core::InputError);
}

}  // namespace
}  // namespace ledger

// Columns: what the server reads out of their binary form is what was put in.
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "core/db/column.h"
#include "core/failure.h"
#include "notes_fixture.h"

namespace core::db {
namespace {

using namespace std::chrono_literals;

constexpr Statement kTexts{"read_texts",
                           "select t, $1::text[]::text from unnest($1::text[]) with ordinality u (t, n) order by n"};
constexpr Statement kIntegers{"read_integers",
                              "select i::text from unnest($1::bigint[]) with ordinality u (i, n) order by n"};
constexpr Statement kTimes{"read_times",
                           "select (extract(epoch from t) * 1000)::bigint from unnest($1::timestamptz[])"
                           " with ordinality u (t, n) order by n"};
constexpr Statement kDays{"read_days", "select d::text from unnest($1::date[]) with ordinality u (d, n) order by n"};
constexpr Statement kJson{"read_json", "select j::text from unnest($1::jsonb[]) with ordinality u (j, n) order by n"};
constexpr Statement kBytes{"read_bytes",
                           "select encode(b, 'hex') from unnest($1::bytea[]) with ordinality u (b, n) order by n"};
constexpr Statement kSets{"read_sets",
                          "select s::text from unnest($1::int8multirange[]) with ordinality u (s, n) order by n"};
constexpr Statement kLengths{
    "lengths", "select coalesce(array_length($1::text[], 1), 0), coalesce(array_length($2::bigint[], 1), 0)"};

class Columns : public Transactions {
protected:
    std::vector<std::string> read(const Statement& statement, Parameter column) {
        TenantsTransaction transaction(service_, {kAcme});
        std::vector<std::string> values;
        for (const auto& row : run(transaction, statement, std::move(column))) {
            values.emplace_back(row.text(0));
        }
        return values;
    }
    template <typename Filled, typename Value>
    std::vector<std::string> read(const Statement& statement, const std::vector<Value>& values) {
        Filled column;
        for (const auto& value : values) {
            column.add(value);
        }
        return read(statement, std::move(column).parameter());
    }
};

TEST_F(Columns, HoldTextAsItIs) {
    const std::vector<std::string> texts{
        "", "NULL", "a,b", "{}", R"(say "x\y")", "对账 €", "\n\t", "'; --", std::string(70'000, 'x')};
    EXPECT_EQ((read<TextColumn, std::string>(kTexts, texts)), texts);
}

TEST_F(Columns, HoldIntegersOf64Bits) {
    EXPECT_EQ((read<IntegerColumn, std::int64_t>(kIntegers, {0, -1, 255, 256, std::numeric_limits<std::int64_t>::max(),
                                                             std::numeric_limits<std::int64_t>::min()})),
              (std::vector<std::string>{"0", "-1", "255", "256", "9223372036854775807", "-9223372036854775808"}));
}

TEST_F(Columns, HoldBytesOfAnyKind) {
    EXPECT_EQ((read<BytesColumn, std::string>(kBytes, {"", std::string("a\0b", 3), "\xFF\x5C"})),
              (std::vector<std::string>{"", "610062", "ff5c"}));
}

TEST_F(Columns, HoldSetsOfNumbers) {
    constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max() - 1;
    using Runs = std::vector<std::pair<std::int64_t, std::int64_t>>;
    EXPECT_EQ((read<NumberSetColumn, Runs>(kSets, {{{0, 0}, {2, 5}, {300, 300}}, {}, {{-7, -7}, {kLast, kLast}}})),
              (std::vector<std::string>{"{[0,1),[2,6),[300,301)}", "{}",
                                        "{[-7,-6),[9223372036854775806,9223372036854775807)}"}));
}

TEST_F(Columns, HoldInstantsBeforeAndAfterTheServersEpoch) {
    using core::Instant;
    EXPECT_EQ((read<TimeColumn, Instant>(kTimes, {Instant(0ms), Instant(-1ms), Instant(946'684'800'000ms),
                                                  Instant(946'684'799'999ms), Instant(1'795'350'473'123ms),
                                                  Instant(-62'135'424'000'000ms), Instant(253'402'000'000'000ms)})),
              (std::vector<std::string>{"0", "-1", "946684800000", "946684799999", "1795350473123", "-62135424000000",
                                        "253402000000000"}));
}

TEST_F(Columns, HoldDays) {
    using date::year;
    EXPECT_EQ((read<DayColumn, BusinessDay>(kDays, {year(2000) / 1 / 1, year(1999) / 12 / 31, year(2028) / 2 / 29,
                                                    year(1) / 1 / 3, year(9999) / 12 / 28})),
              (std::vector<std::string>{"2000-01-01", "1999-12-31", "2028-02-29", "0001-01-03", "9999-12-28"}));
}

TEST_F(Columns, HoldJsonAndLeaveItsCheckToTheServer) {
    EXPECT_EQ((read<JsonColumn, std::string>(kJson, {"{}", R"({"a": "\"对"})"})),
              (std::vector<std::string>{"{}", R"({"a": "\"对"})"}));
    EXPECT_THROW((read<JsonColumn, std::string>(kJson, {"{"})), DatabaseFailure);
}

TEST_F(Columns, MayBeEmpty) {
    TenantsTransaction transaction(service_, {kAcme});
    const auto rows = run(transaction, kLengths, TextColumn(), IntegerColumn());
    EXPECT_EQ(rows[0].integer(0), 0);
    EXPECT_EQ(rows[0].integer(1), 0);
}

TEST_F(Columns, RefuseANulBeforeTheServerSeesIt) {
    TextColumn column;
    EXPECT_THROW(column.add(std::string_view("a\0b", 3)), InputError);
}

}  // namespace
}  // namespace core::db

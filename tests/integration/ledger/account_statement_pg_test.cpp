// An account's lines of some days, and what stood before and after them.
#include "ledger/account_statement.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/selling_books.h"

namespace ledger {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field

using Ends = std::map<std::string, std::int64_t>;

class Statement : public SellingBooks {
protected:
    StatementEnds read(const DayRange& range, std::vector<StatementLine>& lines,
                       const std::string& account = "bank:main") const {
        return books_.with([&](auto& transaction) {
            return read_statement(transaction, account, range,
                                  [&](const StatementLine& line) { lines.push_back(line); });
        });
    }
    Ends stands(const std::optional<core::BusinessDay>& until) const {
        Ends balances;
        for (const auto& row : books_.with([&](auto& transaction) {
                 return account_balances(transaction, "bank:main", {until, std::nullopt});
             })) {
            balances[row.currency] = row.balance_minor();
        }
        return balances;
    }
    void dollars(const std::string& source_key, std::int64_t minor, const char* business_day) {
        books_.post(entry_head(source_key, "", business_day),
                    {{account("bank:main"), usd(minor)}, {account("income:sales"), usd(-minor)}});
    }
    void TearDown() override { EXPECT_EQ(books_.complaints(), ""); }
};

TEST_F(Statement, HasTheDaysLinesBetweenItsBalances) {
    sale("in time", 100, "2026-10-31");
    sale("of the month", 20, "2026-11-30");
    dollars("in dollars", 7, "2026-11-02");
    sale("dated back", -3, "2026-11-01");
    sale("of the next", 1000, "2026-12-01");
    for (const bool entered : {false, true}) {
        SCOPED_TRACE(entered ? "on pages" : "as they wait");
        if (entered) {
            enter_on_pages();
        }
        std::vector<StatementLine> lines;
        const auto ends = read({day("2026-11-01"), day("2026-11-30")}, lines);
        EXPECT_EQ(ends.opening, (Ends{{"CNY", 100}, {"USD", 0}}));
        EXPECT_EQ(ends.closing, (Ends{{"CNY", 117}, {"USD", 7}}));
        ASSERT_EQ(lines.size(), 3);
        EXPECT_EQ(lines[0].line.business_date, "2026-11-01") << "by business day, and not as posted";
        EXPECT_EQ(lines[0].line.amount_minor, -3);
        EXPECT_EQ(lines[0].balance_minor, 97);
        EXPECT_EQ(lines[1].line.currency, "USD");
        EXPECT_EQ(lines[1].balance_minor, 7);
        EXPECT_EQ(lines[2].balance_minor, 117);
    }
}

TEST_F(Statement, OfAnAccountThatIsNoneAndOfQuietDaysHasNoLines) {
    sale("one", 5, "2026-11-18");
    std::vector<StatementLine> lines;
    EXPECT_EQ(read({}, lines, "bank:other").closing, Ends{});
    const auto quiet = read({day("2026-11-19"), std::nullopt}, lines);
    EXPECT_EQ(quiet.opening, (Ends{{"CNY", 5}}));
    EXPECT_EQ(quiet.closing, quiet.opening);
    EXPECT_TRUE(lines.empty());
    const TenantBooks other;
    other.with([&](auto& transaction) {
        EXPECT_EQ(
            read_statement(transaction, "bank:main", {}, [](const auto&) { FAIL() << "another tenant's"; }).closing,
            Ends{});
    });
}

TEST_F(Statement, EndsWithTheBalanceOfItsLastDayWhateverTheDaysAre) {
    std::mt19937_64 random(23);
    const date::sys_days first(date::year(2025) / 11 / 20);
    const auto any_day = [&] { return core::BusinessDay(first + date::days(random() % 100)); };
    for (int i = 0; i < 150; ++i) {
        const auto minor = (random() % 2 == 0 ? 1 : -1) * static_cast<std::int64_t>(random() % 1000 + 1);
        const auto when = core::format_day(any_day());
        if (random() % 3 == 0) {
            dollars("e" + std::to_string(i), minor, when.c_str());
        } else {
            sale("e" + std::to_string(i), minor, when.c_str());
        }
        if (random() % 30 == 0) {
            enter_on_pages();
        }
    }
    for (int question = 0; question < 60; ++question) {
        const auto one = any_day();
        const auto other = any_day();
        const DayRange range{random() % 4 == 0 ? std::nullopt : std::optional(std::min(one, other)),
                             random() % 4 == 0 ? std::nullopt : std::optional(std::max(one, other))};
        std::vector<StatementLine> lines;
        const auto ends = read(range, lines);
        ASSERT_EQ(ends.closing, stands(range.until));
        auto running = range.from ? stands(core::day_before(*range.from)) : Ends{};
        for (const auto& [currency, minor] : ends.opening) {
            ASSERT_EQ(minor, running[currency]);
        }
        for (const auto& [line, balance_minor] : lines) {
            running[line.currency] += line.amount_minor;
            ASSERT_EQ(balance_minor, running[line.currency]);
        }
        ASSERT_EQ(running, ends.closing);
    }
}

}  // namespace
}  // namespace ledger

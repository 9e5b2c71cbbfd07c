// Random days of each channel, told by signed callbacks and by statements in the true formats, with discrepancies
// planted in them: the review lists have exactly those, and the clearing accounts exactly what is open.
//
// A failing case names its seed; the seed alone makes the same case again. DUIZHANG_PROPERTY_DAYS sets how many days
// there are a channel.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "reconciliation/closing.h"
#include "tests/property/reconciliation/open_money.h"
#include "tests/property/reconciliation/shuffled.h"
#include "tests/support/world.h"

namespace reconciliation {
namespace {

using test_support::Shop;
using test_support::SimulatedChannel;

int days_a_channel() {
    const char* more = std::getenv("DUIZHANG_PROPERTY_DAYS");
    return more != nullptr ? std::max(1, std::atoi(more)) : 68;
}

std::string words_of(const ExpectedDiscrepancy& row) {
    return core::format_day(row.day) + " " + std::string(name_of(row.kind)) + " " +
           (row.type ? std::string(payments::name_of(*row.type)) : "-") + " " + row.channel_txn_id;
}

std::vector<std::string> words_of_day(const std::vector<ExpectedDiscrepancy>& expected, core::BusinessDay day) {
    std::vector<std::string> words;
    for (const auto& row : expected) {
        if (row.day == day) {
            words.push_back(words_of(row));
        }
    }
    return words;
}

std::vector<std::string> words_of(const ReviewList& list) {
    std::vector<std::string> words;
    for (const auto& row : list.discrepancies) {
        words.push_back(words_of({list.summary.business_date, row.kind, row.type, row.channel_txn_id}));
    }
    return words;
}

// Any day of some years, ends of months and years and the 29th of February more often than others.
core::BusinessDay some_day(payments::Random& random) {
    using date::sys_days;
    using date::year;
    const core::BusinessDay special[] = {year{2027} / 12 / 31, year{2027} / 12 / 30, year{2028} / 2 / 28,
                                         year{2028} / 2 / 29,  year{2027} / 2 / 28,  year{2026} / 10 / 31,
                                         year{2026} / 3 / 28,  year{2026} / 11 / 17};
    if (random() % 3 == 0) {
        return special[random() % std::size(special)];
    }
    return sys_days(year{2025} / 1 / 1) + date::days(random() % 1400);
}

ScenarioOptions random_options(std::uint64_t seed) {
    payments::Random random(seed * 104'729 + 13);
    const auto between = [&](int least, int most) {
        return least + static_cast<int>(random() % static_cast<std::uint64_t>(most - least + 1));
    };
    ScenarioOptions options;
    options.seed = seed;
    options.first_day = some_day(random);
    options.days = between(2, 3);
    options.payments_per_day = between(3, 8);
    options.refunds_percent = between(0, 60);
    options.repeats_percent = between(0, 60);
    options.plants_per_day = between(0, 6);
    options.wrong_totals = between(0, 5) == 0;
    return options;
}

// A few hours after the last day: within the channels' windows when received at once.
core::Instant signing_time(const ScenarioOptions& options) {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(date::sys_days(options.first_day) +
                                                                   date::days(options.days) + std::chrono::hours(5));
}

// One scenario played from its orders to its last day.
class Play {
public:
    Play(const SimulatedChannel& world, std::uint64_t seed)
        : options_(random_options(seed)),
          signed_at_(signing_time(options_)),
          scenario_(make_scenario(world.simulator(), options_, signed_at_)),
          shop_(world) {}

    int days() const { return options_.days; }

    void run() {
        shop_.register_orders(scenario_);
        deliver();
        for (const auto& statement : scenario_.statements) {
            run_day(statement);
        }
        EXPECT_EQ(shop_.complaint_about_the_books(), "");
        rerun_all();
        rerun_last_day_shuffled();
        EXPECT_EQ(shop_.complaint_about_the_books(), "");
    }

private:
    void deliver() {
        std::size_t tampered = 0;
        for (const auto& callback : scenario_.callbacks) {
            const auto message = shop_.world().channel().read_callback(shop_.request_of(callback, signed_at_));
            ASSERT_NE(static_cast<bool>(message), callback.tampered);
            tampered += callback.tampered ? 1 : 0;
            if (message) {
                std::for_each(message->transactions.begin(), message->transactions.end(),
                              [&](const auto& told) { money_.learn(told); });
            }
        }
        EXPECT_EQ(shop_.take_in(scenario_, signed_at_), tampered);
        check_accounts();
    }

    void run_day(const ScenarioStatement& statement) {
        const auto list = shop_.reconcile(statement);
        EXPECT_THAT(words_of(list),
                    testing::UnorderedElementsAreArray(words_of_day(scenario_.expected, statement.day)));
        const auto read = shop_.world().channel().read_statement(statement.files, statement.day);
        ASSERT_TRUE(read);
        money_.after_run(*read, list);
        check_accounts();
        check_cases(statement.day);
        first_lists_.push_back(shop_.file(statement.day, "review.csv"));
    }

    void check_accounts() {
        EXPECT_EQ(shop_.balance(ledger::Account::transit_payment(scenario_.channel)), money_.payment());
        EXPECT_EQ(shop_.balance(ledger::Account::transit_funds(scenario_.channel)), money_.funds());
        EXPECT_EQ(shop_.complaint_about_the_books(), "");
    }

    // The database alone knows what is open, case by case, up to the day: before a close, nothing is without one.
    void check_cases(core::BusinessDay day) {
        const std::string channel = scenario_.channel;
        core::db::TenantTransaction transaction(test_support::shops_database(), shop_.id());
        for (const auto& rest : rests_before_close(transaction, {channel}, std::nullopt, day)) {
            const bool is_funds = rest.where == "transit:funds:" + channel;
            const bool is_total = rest.what == "the statement's totals are not the sums of its lines";
            EXPECT_TRUE(is_funds || is_total) << rest.where << ": " << rest.what;
        }
    }

    // Earlier days too, although later ones have run since.
    void rerun_all() {
        const auto entries = shop_.entries();
        for (std::size_t i = 0; i < scenario_.statements.size(); ++i) {
            const auto& statement = scenario_.statements[i];
            shop_.reconcile(statement);
            EXPECT_EQ(shop_.file(statement.day, "review.csv"), first_lists_[i]) << "rerun " << i;
        }
        EXPECT_EQ(shop_.entries(), entries) << "a rerun posts nothing";
        check_accounts();
    }

    void rerun_last_day_shuffled() {
        auto statement = scenario_.statements.back();
        payments::Random random(options_.seed);
        auto& file = statement.files.front();
        file = test::shuffled(scenario_.channel, file, random);
        shop_.reconcile(statement);
        EXPECT_EQ(test::without_line_numbers(shop_.file(statement.day, "review.csv"), file.name),
                  test::without_line_numbers(first_lists_.back(), file.name));
        check_accounts();
    }

    ScenarioOptions options_;
    core::Instant signed_at_;
    Scenario scenario_;
    Shop shop_;
    test::OpenMoney money_;
    std::vector<std::string> first_lists_;
};

class PlantedDays : public testing::TestWithParam<const char*> {};

TEST_P(PlantedDays, AreFoundExactlyAndLeaveTheBooksRight) {
    const auto& world = SimulatedChannel::of(GetParam());
    int days = 0;
    for (std::uint64_t seed = 1; days < days_a_channel() && !HasFailure(); ++seed) {
        SCOPED_TRACE(std::string(GetParam()) + ", seed " + std::to_string(seed));
        Play play(world, seed);
        play.run();
        days += play.days();
    }
}

INSTANTIATE_TEST_SUITE_P(, PlantedDays, testing::Values("unionpay", "wechatpay", "stripe"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace reconciliation

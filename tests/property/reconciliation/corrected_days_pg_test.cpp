// Days run again and again, in any order and with one statement after another, while callbacks still come: at every
// moment the clearing accounts are the sums of their cases and nothing is settled twice; and once each day has its last
// statement and was run with it twice, in order, the books are those of days that were run once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "core/db/work.h"
#include "reconciliation/queue.h"
#include "tests/support/world.h"

namespace reconciliation {
namespace {

using payments::SimulatedTransaction;
using test_support::Shop;
using test_support::SimulatedChannel;

constexpr int kDays = 3;
constexpr int kPaymentsPerDay = 5;
constexpr int kSteps = 8;
constexpr int kRoundsMax = 10;
// What a day's last statement has no more is given up by the first, for another day to take it in the second.
constexpr int kPasses = 2;
const core::Instant kSigned = date::sys_days(date::year{2026} / 11 / 20) + std::chrono::hours(3);

int sequences() {
    const char* more = std::getenv("DUIZHANG_PROPERTY_SEQUENCES");
    return more != nullptr ? std::max(1, std::atoi(more)) : 1;
}

core::BusinessDay day_no(int number) { return date::sys_days(date::year{2026} / 11 / 17) + date::days(number); }

using Lines = std::vector<SimulatedTransaction>;

struct Paid {
    SimulatedTransaction one;
    bool is_told;                // its callback comes some day
    std::optional<int> last_on;  // the day on whose last statement it stands
};

class Correcting {
public:
    Correcting(const SimulatedChannel& world, std::uint64_t seed) : world_(world), random_(seed) {
        for (int number = 0; number < kDays; ++number) {
            for (int i = 0; i < kPaymentsPerDay; ++i) {
                add(number);
            }
        }
    }

    void disturb(Shop& shop) {
        for (int step = 0; step < kSteps; ++step) {
            tell(shop, 30);
            const auto number = static_cast<int>(random_() % kDays);
            SCOPED_TRACE("step " + std::to_string(step) + ", day " + std::to_string(number));
            run(shop, number, some_lines(number));
        }
    }
    void tell(Shop& shop, unsigned percent) {
        for (const auto& paid : paid_) {
            if (paid.is_told && chance(percent)) {
                Scenario part;
                part.channel = world_.name();
                part.orders = {{paid.one.merchant_order_id, paid.one.amount, paid.one.occurred_at, {}}};
                for (auto& callback : world_.simulator().callbacks(paid.one, kSigned, random_)) {
                    part.callbacks.push_back({std::move(callback), false});
                }
                shop.register_orders(part);
                shop.take_in(part, kSigned);
            }
        }
    }
    // The days that were marked, as the nightly round does, until none is left. How many runs it took.
    int repeat(Shop& shop) {
        int runs = 0;
        for (int round = 0; round < kRoundsMax; ++round) {
            const auto marked = days_to_repeat(test_support::shops_database(), {shop.id()});
            if (marked.empty()) {
                return runs;
            }
            for (const auto& key : marked) {
                const int number = core::days_between(day_no(0), key.day);
                SCOPED_TRACE("again, day " + std::to_string(number));
                run(shop, number, last_lines(number));
                ++runs;
            }
        }
        ADD_FAILURE() << "days are run again without end";
        return runs;
    }
    // In order, with the last statements.
    void run_all(Shop& shop) {
        for (int number = 0; number < kDays; ++number) {
            SCOPED_TRACE("last statement of day " + std::to_string(number));
            run(shop, number, last_lines(number));
        }
    }

    // All days with their last statements, but for one of them.
    void run_with_one_mistake(Shop& shop) {
        mistaken_ = static_cast<int>(random_() % kDays);
        for (int number = 0; number < kDays; ++number) {
            run(shop, number, number == mistaken_ ? some_lines(number) : last_lines(number));
        }
    }
    void correct(Shop& shop) {
        SCOPED_TRACE("corrected, day " + std::to_string(mistaken_));
        run(shop, mistaken_, last_lines(mistaken_));
    }

    // What the days' last runs listed, without what names the tenant.
    std::vector<std::string> listed() const {
        std::vector<std::string> rows;
        for (const auto& [number, list] : lists_) {
            for (const auto& row : list.discrepancies) {
                const auto minor = [](const auto& amount) { return amount ? std::to_string(*amount) : "-"; };
                std::string also;
                for (const auto kind : row.also) {
                    also += " " + std::string(name_of(kind));
                }
                rows.push_back("day " + std::to_string(number) + ": " + std::string(name_of(row.kind)) + also + " " +
                               row.channel_txn_id + " " + row.merchant_order_id + " " + minor(row.ledger_amount) + " " +
                               minor(row.channel_amount) + " " + row.ledger_status + " " + row.channel_status + " " +
                               std::to_string(row.age_days) + " days");
            }
        }
        std::sort(rows.begin(), rows.end());
        return rows;
    }

private:
    bool chance(unsigned percent) { return random_() % 100 < percent; }

    void add(int number) {
        const auto& simulator = world_.simulator();
        const auto amount = static_cast<std::int64_t>(100 + random_() % 100'000);
        SimulatedTransaction one{payments::TransactionType::payment,
                                 "C" + std::to_string(paid_.size()),
                                 {},
                                 core::Money(amount, simulator.currency()),
                                 core::day_end(day_no(number), simulator.day_cut()) - before_cut(),
                                 day_no(number),
                                 core::Money(amount / 100, simulator.currency()),
                                 {},
                                 {},
                                 {},
                                 {}};
        simulator.assign_ids(one, nullptr, random_);
        std::optional<int> last_on;
        if (chance(90)) {
            last_on = std::min(kDays - 1, number + (chance(30) ? 1 : 0));
        }
        paid_.push_back({one, chance(85), last_on});
    }
    std::chrono::minutes before_cut() { return std::chrono::minutes(chance(50) ? 5 : 600); }

    SimulatedTransaction dated(SimulatedTransaction one, int number) {
        one.occurred_at += std::chrono::hours(24) * core::days_between(one.business_day, day_no(number));
        one.business_day = day_no(number);
        return one;
    }
    // A statement that is to be corrected: lines are gone, on another day, dated otherwise, or have another amount.
    Lines some_lines(int number) {
        Lines lines;
        for (const auto& paid : paid_) {
            const int apart = std::abs(core::days_between(paid.one.business_day, day_no(number)));
            const bool is_last = paid.last_on == number;
            if (!chance(is_last ? 70 : apart <= 1 ? 20 : 0)) {
                continue;
            }
            auto line = dated(paid.one, number);
            if (chance(20)) {
                line.occurred_at = core::day_end(day_no(number), world_.simulator().day_cut()) - before_cut();
            }
            if (chance(15)) {
                line.amount = core::Money(line.amount.minor() + 1, line.amount.currency());
            }
            lines.push_back(std::move(line));
        }
        return lines;
    }
    Lines last_lines(int number) {
        Lines lines;
        for (const auto& paid : paid_) {
            if (paid.last_on == number) {
                lines.push_back(dated(paid.one, number));
            }
        }
        return lines;
    }

    void run(Shop& shop, int number, const Lines& lines) {
        payments::Random random(9);
        lists_[number] =
            shop.reconcile(day_no(number), world_.simulator().statement(day_no(number), lines, {}, random));
        EXPECT_EQ(shop.complaint_about_the_books(), "");
        EXPECT_EQ(settled_twice(shop), "");
    }

    // Transactions of which more than one run has the money on transit:funds.
    static std::string settled_twice(Shop& shop) {
        core::db::TenantTransaction transaction(test_support::shops_database(), shop.id());
        const auto rows = core::db::run(transaction, R"(
select coalesce(string_agg(type || ' ' || key || ' ' || how, ', '), '') from (
    select type, key, string_agg(how, '+' order by how) as how from (
        select type, channel_txn_id as key, 'settled on ' || u.business_date as how, 1 as times
        from reconciliation.used_movements u join payments.movements m using (tenant_id, channel, movement_id)
        where settles
        union all select type, item_key, how || ' on ' || business_date, case how when 'unknown' then 1 else -1 end
        from reconciliation.proved_items where how in ('unknown', 'found_later')) known
    group by type, key having sum(times) > 1) twice)");
        return rows[0][0].as<std::string>();
    }

    const SimulatedChannel& world_;
    payments::Random random_;
    std::vector<Paid> paid_;
    std::map<int, ReviewList> lists_;
    int mistaken_ = 0;
};

using Balances = std::map<std::string, std::map<std::string, std::int64_t>>;

Balances balances_of(Shop& shop) {
    Balances found;
    core::db::TenantTransaction transaction(test_support::shops_database(), shop.id());
    for (const auto& row : ledger::trial_balance(transaction)) {
        if (row.balance_minor() != 0) {
            found[row.account][row.currency] = row.balance_minor();
        }
    }
    return found;
}

// What is open of transactions, by account. Of settlements the days may differ: what moved stands where it was settled.
std::vector<std::string> open_transactions(Shop& shop) {
    std::vector<std::string> open;
    core::db::TenantTransaction transaction(test_support::shops_database(), shop.id());
    for (const auto& one : list_cases(transaction, {}, 1000)) {
        if (!one.account.starts_with("transit:funds:")) {
            open.push_back(one.account + " " + one.reference + " " + std::to_string(one.amount_minor));
        }
    }
    std::sort(open.begin(), open.end());
    return open;
}

class CorrectedDays : public testing::TestWithParam<const char*> {};

TEST_P(CorrectedDays, SettleNothingTwiceAndEndInTheSameBooks) {
    const auto& world = SimulatedChannel::of(GetParam());
    for (int seed = 1; seed <= sequences() && !HasFailure(); ++seed) {
        SCOPED_TRACE(std::string(GetParam()) + ", seed " + std::to_string(seed));
        Correcting days(world, static_cast<std::uint64_t>(seed) * 131);
        Shop shop(world);
        shop.judge_no_fees();
        days.disturb(shop);
        days.tell(shop, 100);
        for (int pass = 0; pass < kPasses; ++pass) {
            days.run_all(shop);
        }
        Shop once(world);
        once.judge_no_fees();
        days.tell(once, 100);
        days.run_all(once);
        EXPECT_EQ(open_transactions(shop), open_transactions(once));
        EXPECT_EQ(balances_of(shop), balances_of(once));
    }
}

// One statement is corrected: what is marked is run again, and every day's list is as if it had been right from the
// start.
TEST_P(CorrectedDays, EndInTheListsOfAHistoryWithoutTheMistake) {
    const auto& world = SimulatedChannel::of(GetParam());
    for (int seed = 1; seed <= sequences() && !HasFailure(); ++seed) {
        SCOPED_TRACE(std::string(GetParam()) + ", seed " + std::to_string(seed));
        Correcting days(world, static_cast<std::uint64_t>(seed) * 137);
        Shop shop(world);
        shop.judge_no_fees();
        days.tell(shop, 100);
        days.run_with_one_mistake(shop);
        days.correct(shop);
        days.repeat(shop);
        const auto corrected = days.listed();
        Shop once(world);
        once.judge_no_fees();
        days.tell(once, 100);
        days.run_all(once);
        EXPECT_EQ(corrected, days.listed());
        EXPECT_EQ(open_transactions(shop), open_transactions(once));
        EXPECT_EQ(balances_of(shop), balances_of(once));
    }
}

INSTANTIATE_TEST_SUITE_P(, CorrectedDays, testing::Values("unionpay", "wechatpay", "stripe"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace reconciliation

// Callbacks late and in pieces, days run early, twice and in any order: once everything is in and each day was run
// again, the books are those of days that went as they should, and every planted discrepancy is listed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <tuple>

#include "tests/support/world.h"

namespace reconciliation {
namespace {

using test_support::Shop;
using test_support::SimulatedChannel;

constexpr int kSequences = 8;
const core::BusinessDay kFirst{date::year{2027} / 2 / 27};
const core::Instant kSigned = date::sys_days(date::year{2027} / 3 / 3) + std::chrono::hours(2);

int sequences() {
    const char* more = std::getenv("DUIZHANG_PROPERTY_SEQUENCES");
    return more != nullptr ? std::max(1, std::atoi(more)) : kSequences;
}

ScenarioOptions options_of(std::uint64_t seed) {
    ScenarioOptions options;
    options.seed = seed;
    options.first_day = kFirst;
    options.days = 3;
    options.payments_per_day = 5;
    options.refunds_percent = 40;
    options.plants_per_day = 4;
    return options;
}

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

bool says(const Discrepancy& row, DiscrepancyKind kind) {
    return row.kind == kind || std::find(row.also.begin(), row.also.end(), kind) != row.also.end();
}

// A line that was booked as nobody's money, and whose callback came after the day was over and tells another sum: the
// line stays nobody's until a person decides, beside the movement that isn't proved. Adds those to the balances that
// there would be, had the callback come in time.
void add_contradicted(const std::vector<ReviewList>& lists, const std::string& channel, Balances& balances) {
    const auto add = [&](const ledger::Account& account, const std::string& currency, std::int64_t minor) {
        auto& sum = balances[account.name()][currency];
        sum += minor;
    };
    for (const auto& list : lists) {
        for (const auto& row : list.discrepancies) {
            const bool contradicts =
                says(row, DiscrepancyKind::amount_mismatch) || says(row, DiscrepancyKind::currency_mismatch);
            if (row.age_days == 0 || !contradicts || !row.channel_amount) {
                continue;
            }
            const auto fee = row.channel_fee.value_or(0);
            add(ledger::Account::transit_funds(channel), row.channel_currency, *row.channel_amount - fee);
            add(ledger::Account::channel_fee(channel), row.channel_currency, fee);
            add(ledger::Account::transit_customer(channel), row.channel_currency, -*row.channel_amount);
        }
    }
    for (auto& [account, sums] : balances) {
        std::erase_if(sums, [](const auto& item) { return item.second == 0; });
    }
    std::erase_if(balances, [](const auto& item) { return item.second.empty(); });
}

// Takes in about a third of the callbacks, again or for the first time.
void deliver_some(Shop& shop, const Scenario& scenario, payments::Random& random) {
    Scenario part;
    part.channel = scenario.channel;
    std::sample(scenario.callbacks.begin(), scenario.callbacks.end(), std::back_inserter(part.callbacks),
                static_cast<std::ptrdiff_t>(scenario.callbacks.size() / 3), random);
    shop.take_in(part, kSigned);
}

// What a row that isn't planted may say: a side came too late for the day's first run.
bool is_about_lateness(DiscrepancyKind kind) {
    return kind == DiscrepancyKind::missing_in_ledger || kind == DiscrepancyKind::missing_in_channel ||
           kind == DiscrepancyKind::timing;
}

using Said = std::tuple<DiscrepancyKind, std::optional<payments::TransactionType>, std::string>;

// Whose callback came late is judged by the run that has both sides, which may be a later day's.
void expect_planted(const std::vector<ReviewList>& lists, const Scenario& scenario) {
    std::set<Said> planted;
    for (const auto& row : scenario.expected) {
        planted.emplace(row.kind, row.type, row.channel_txn_id);
    }
    std::set<Said> said;
    for (const auto& list : lists) {
        std::set<std::pair<std::optional<payments::TransactionType>, std::string>> once;
        for (const auto& row : list.discrepancies) {
            EXPECT_TRUE(once.emplace(row.type, row.channel_txn_id).second) << "a transaction has one row";
            EXPECT_TRUE(planted.contains({row.kind, row.type, row.channel_txn_id}) || is_about_lateness(row.kind))
                << core::format_day(list.summary.business_date) << " " << name_of(row.kind) << " "
                << row.channel_txn_id;
            said.emplace(row.kind, row.type, row.channel_txn_id);
            for (const auto kind : row.also) {
                said.emplace(kind, row.type, row.channel_txn_id);
            }
        }
    }
    for (const auto& row : scenario.expected) {
        EXPECT_TRUE(is_about_lateness(row.kind) || said.contains({row.kind, row.type, row.channel_txn_id}))
            << core::format_day(row.day) << " " << name_of(row.kind) << " " << row.channel_txn_id;
    }
}

class AnyOrder : public testing::TestWithParam<const char*> {};

TEST_P(AnyOrder, EndsInTheSameBooks) {
    const auto& world = SimulatedChannel::of(GetParam());
    for (int seed = 1; seed <= sequences() && !HasFailure(); ++seed) {
        SCOPED_TRACE(std::string(GetParam()) + ", seed " + std::to_string(seed));
        const auto scenario = make_scenario(world.simulator(), options_of(static_cast<std::uint64_t>(seed)), kSigned);
        Shop orderly(world);
        orderly.register_orders(scenario);
        orderly.take_in(scenario, kSigned);
        for (const auto& statement : scenario.statements) {
            orderly.reconcile(statement);
        }

        payments::Random random(static_cast<std::uint64_t>(seed) * 31);
        Shop shop(world);
        shop.register_orders(scenario);
        for (int step = 0; step < 8; ++step) {
            deliver_some(shop, scenario, random);
            shop.reconcile(scenario.statements[random() % scenario.statements.size()]);
            EXPECT_EQ(shop.complaint_about_the_books(), "");
        }
        shop.take_in(scenario, kSigned);
        std::vector<ReviewList> lists;
        for (const auto& statement : scenario.statements) {
            lists.push_back(shop.reconcile(statement));
        }
        expect_planted(lists, scenario);
        auto wanted = balances_of(orderly);
        add_contradicted(lists, scenario.channel, wanted);
        EXPECT_EQ(balances_of(shop), wanted);
        EXPECT_EQ(shop.complaint_about_the_books(), "");
        const auto settled = shop.entries();
        for (const auto& statement : scenario.statements) {
            shop.reconcile(statement);
        }
        EXPECT_EQ(shop.entries(), settled) << "what is settled stays so";
    }
}

INSTANTIATE_TEST_SUITE_P(, AnyOrder, testing::Values("unionpay", "wechatpay", "stripe"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace reconciliation

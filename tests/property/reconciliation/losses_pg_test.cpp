// Callbacks in any order, some twice, some lost for good: once the day's statement is in, the books say of the channel
// what they would have said had nothing been lost, and say it whatever the order was. When what was lost is told after
// all, they are the same books to the last account. DUIZHANG_PROPERTY_PERMUTATIONS=10000 for a long run, a third of
// them for each channel.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/support/world.h"

namespace reconciliation {
namespace {

using payments::CallbackMessage;
using payments::CallbackRequest;
using test_support::Shop;
using test_support::SimulatedChannel;

constexpr int kPermutations = 54;
constexpr int kPermutationsEach = 6;  // of one day
const core::BusinessDay kDay{date::year{2027} / 2 / 28};
const core::Instant kSigned = date::sys_days(date::year{2027} / 3 / 1) + std::chrono::hours(2);

int permutations_a_channel() {
    const char* more = std::getenv("DUIZHANG_PROPERTY_PERMUTATIONS");
    return (more != nullptr ? std::max(3, std::atoi(more)) : kPermutations) / 3 + 1;
}

struct Told {
    CallbackRequest request;
    CallbackMessage message;
};

// A day as it was, and everything that is told of it.
class Day {
public:
    Day(const SimulatedChannel& world, std::uint64_t seed)
        : scenario(make_scenario(world.simulator(), options_of(seed), kSigned)) {
        for (const auto& callback : scenario.callbacks) {
            CallbackRequest request{callback.callback.headers, callback.callback.body, kSigned};
            if (auto message = world.channel().read_callback(request)) {
                told.push_back({std::move(request), *std::move(message)});
            }
        }
    }

    Scenario scenario;
    std::vector<Told> told;

private:
    static ScenarioOptions options_of(std::uint64_t seed) {
        ScenarioOptions options;
        options.seed = seed;
        options.first_day = kDay;
        options.days = 1;
        options.payments_per_day = 4;
        options.refunds_percent = 60;
        options.repeats_percent = 0;  // here they are repeated on purpose
        options.plants_per_day = 0;
        return options;
    }
};

using Messages = std::vector<const Told*>;

// In batches of random size.
void take_in(Shop& shop, const Messages& messages, payments::Random& random) {
    for (std::size_t next = 0; next < messages.size();) {
        const auto end = std::min(messages.size(), next + 1 + static_cast<std::size_t>(random() % 6));
        core::db::TenantTransaction transaction(test_support::shops_database(), shop.id());
        std::vector<payments::Heard> heard;
        for (; next < end; ++next) {
            heard.push_back({shop.id(), shop.world().name(), &messages[next]->message, &messages[next]->request});
        }
        payments::take_in(transaction, heard);
        transaction.commit();
    }
}

Messages shuffled(Messages messages, payments::Random& random) {
    const auto count = messages.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (random() % 4 == 0) {
            messages.push_back(messages[i]);
        }
    }
    std::shuffle(messages.begin(), messages.end(), random);
    return messages;
}

using Balances = std::map<std::string, std::map<std::string, std::int64_t>>;

Balances balances_of(const Shop& shop) {
    Balances found;
    core::db::TenantTransaction transaction(test_support::shops_database(), shop.id());
    for (const auto& row : ledger::trial_balance(transaction)) {
        if (row.balance_minor() != 0) {
            found[row.account][row.currency] = row.balance_minor();
        }
    }
    return found;
}

// What the books say of the channel: what it took, what of that it proved, what it cost.
Balances of_the_channel(const Balances& balances, const std::string& channel) {
    Balances found;
    for (const auto& account : {ledger::Account::transit_payment(channel), ledger::Account::transit_funds(channel),
                                ledger::Account::channel_fee(channel)}) {
        const auto known = balances.find(account.name());
        if (known != balances.end()) {
            found.insert(*known);
        }
    }
    return found;
}

struct Outcome {
    Balances proved;  // after the statement
    Balances late;    // after what was lost came after all, and the statement once more
    std::string complaints;
};

Outcome outcome_of(const SimulatedChannel& world, const Day& day, const Messages& heard, const Messages& lost,
                   payments::Random& random) {
    Shop shop(world);
    shop.register_orders(day.scenario);
    take_in(shop, heard, random);
    shop.reconcile(day.scenario.statements.front());
    Outcome outcome{balances_of(shop), {}, shop.complaint_about_the_books()};
    take_in(shop, lost, random);
    shop.reconcile(day.scenario.statements.front());
    outcome.late = balances_of(shop);
    outcome.complaints += shop.complaint_about_the_books();
    return outcome;
}

class Losses : public testing::TestWithParam<const char*> {};

TEST_P(Losses, AreMadeGoodByTheStatement) {
    const auto& world = SimulatedChannel::of(GetParam());
    payments::Random random(20261122);
    int compared = 0;
    int with_losses = 0;
    for (std::uint64_t seed = 1; compared < permutations_a_channel(); ++seed) {
        SCOPED_TRACE(std::string(GetParam()) + ", seed " + std::to_string(seed));
        const Day day(world, seed);
        Messages all;
        for (const auto& told : day.told) {
            all.push_back(&told);
        }
        const auto whole = outcome_of(world, day, all, {}, random);
        ASSERT_EQ(whole.complaints, "");
        Messages heard;
        Messages lost;
        for (const auto* told : all) {
            (random() % 4 == 0 ? lost : heard).push_back(told);
        }
        std::optional<Balances> proved;
        for (int n = 0; n < kPermutationsEach; ++n, ++compared) {
            const auto found = outcome_of(world, day, shuffled(heard, random), shuffled(lost, random), random);
            with_losses += lost.empty() ? 0 : 1;
            ASSERT_EQ(of_the_channel(found.proved, world.name()), of_the_channel(whole.proved, world.name()));
            ASSERT_EQ(found.proved, proved.value_or(found.proved)) << "the order of what was heard decides nothing";
            ASSERT_EQ(found.late, whole.late);
            ASSERT_EQ(found.complaints, "");
            proved = found.proved;
        }
    }
    EXPECT_GT(with_losses, compared / 2);
    RecordProperty("permutations", compared);
}

INSTANTIATE_TEST_SUITE_P(, Losses, testing::Values("unionpay", "wechatpay", "stripe"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace reconciliation

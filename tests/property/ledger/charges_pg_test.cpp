// One hot balance under many hands: what is charged is exact, to the unit, and never more than was prepaid.
#include "ledger/charge_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "core/db/work.h"
#include "ledger/holds.h"
#include "ledger/pricing.h"
#include "tests/support/books.h"

namespace ledger {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field
using Outcome = ChargeAnswer::Outcome;

constexpr std::int64_t kPrepaid = 700;
const core::Instant kNow = instant("2026-11-18T08:00:00Z");

// 0.35 a call up to 500 and 0.19 beyond.
const std::vector<config::Plan> kPlans = {
    {.name = "api", .currency = currency("CNY"), .prices = {{"call", 100, {{500, 35}, {std::nullopt, 19}}}}}};

// What the threads were told.
struct Told {
    std::mutex mutex;
    std::map<std::string, ChargeAnswer> charged;
    std::int64_t again = 0, spent = 0, taken_by_holds = 0;
};

class HotBalance : public testing::Test {
protected:
    HotBalance() {
        books_.post(entry_head("top-up"),
                    {{account("bank:main"), cny(kPrepaid)}, {account("prepaid:c-17"), cny(-kPrepaid)}});
    }
    Charge of(const std::string& key, std::int64_t quantity) const {
        auto made = Charge::make({books_.tenant(), key, "c-17", "call", quantity, kNow}, kPlans, "api");
        core::ensure(static_cast<bool>(made), "a test charges what there is");
        return *std::move(made);
    }
    // Keys come again, with the same quantity each time.
    void charge_often(ChargeQueue& queue, std::uint64_t seed, int times, Told& told) const {
        std::mt19937_64 random(seed);
        for (int i = 0; i < times; ++i) {
            const auto number = random() % 1500;
            const auto key = "k" + std::to_string(number);
            const auto answer = queue.charge(of(key, static_cast<std::int64_t>(number % 5) + 1));
            const std::lock_guard lock(told.mutex);
            told.spent += answer.outcome == Outcome::spent;
            told.again += answer.outcome == Outcome::already;
            if (answer.outcome == Outcome::charged) {
                EXPECT_TRUE(told.charged.emplace(key, answer).second) << key << " was charged twice";
            }
        }
    }

    TenantBooks books_;
    core::FixedClock clock_{kNow};
};

TEST_F(HotBalance, IsChargedExactlyByManyAtOnce) {
    constexpr int kThreads = 32;  // of each of two queues, as of two services
    constexpr int kEach = 60;
    Told told;
    std::atomic<bool> over{false};
    std::int64_t looks = 0;
    std::int64_t beyond = 0;
    std::thread observer([&] {
        while (!over) {
            const auto seen = books_.with([](auto& transaction) {
                return available(transaction, account("prepaid:c-17"), currency("CNY"), kNow);
            });
            ++looks;
            beyond += seen.to_be_taken() < 0;
        }
    });
    // Beside them somebody pays back, by holds that are committed.
    std::thread holder([&] {
        for (int i = 0; i < 30; ++i) {
            const auto key = "h" + std::to_string(i);
            const NewHold asked{key,    account("prepaid:c-17"),      account("bank:main"),
                                cny(2), kNow + std::chrono::hours(1), "goes back"};
            if (books_.with([&](auto& transaction) { return hold(transaction, asked, kNow); })) {
                ASSERT_TRUE(books_.with(
                    [&](auto& transaction) { return commit_hold(transaction, key, {}, kNow, day("2026-11-18")); }));
                const std::lock_guard lock(told.mutex);
                told.taken_by_holds += 2;
            }
        }
    });
    {
        ChargeQueue first(books_database(), clock_, {.batch_max = 16});
        ChargeQueue second(books_database(), clock_);
        std::vector<std::thread> threads;
        for (int t = 0; t < 2 * kThreads; ++t) {
            threads.emplace_back([&, t] {
                charge_often(t % 2 == 0 ? first : second, 20261118 + static_cast<std::uint64_t>(t), kEach, told);
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
    }
    holder.join();
    over = true;
    observer.join();

    std::int64_t volume = 0;
    std::int64_t charged = 0;
    for (const auto& [key, answer] : told.charged) {
        volume += std::stoll(key.substr(1)) % 5 + 1;
        charged += answer.amount_minor;
    }
    EXPECT_EQ(charged, price_of(kPlans[0].prices[0], kPlans[0].rounding, volume)) << "no call is priced as another";
    EXPECT_GT(told.spent, 0) << "there was less than was asked for";
    EXPECT_GT(told.again, 0);
    EXPECT_GT(looks, 10);
    EXPECT_EQ(beyond, 0);
    const auto left = kPrepaid - charged - told.taken_by_holds;
    EXPECT_GE(left, 0);
    EXPECT_LT(left, 3) << "a call of five costs two at most, and so does a hold";
    EXPECT_EQ(books_.balances()["prepaid:c-17 CNY"], -left);
    EXPECT_EQ(books_.balances()["income:usage:api CNY"], -charged);
    EXPECT_EQ(books_.complaints(), "");
}

}  // namespace
}  // namespace ledger

// Payouts under many hands: whatever they try at the same time, never more is paid than was owed, nothing twice, and
// the books say what a model adds up from what each was told.
#include "ledger/payouts.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "tests/support/books.h"

namespace ledger {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field

constexpr std::uint64_t kSeed = 20261118;
constexpr int kThreads = 64;
constexpr int kEach = 60;
constexpr int kKeys = 400;
constexpr std::int64_t kOwed = 9000;
const core::Instant kNow = instant("2026-11-18T08:00:00Z");
const core::BusinessDay kDay = day("2026-11-18");

// What the threads were told that they did themselves: how often, by key and state.
struct Told {
    std::map<std::string, std::map<PayoutState, int>> done;
    std::int64_t insufficient = 0, beyond = 0, looks = 0;
    std::mutex mutex;
};

std::int64_t amount_of(const std::string& key) {
    return static_cast<std::int64_t>(std::hash<std::string>{}(key) % 400) + 1;
}

void work(core::db::Database& database, const core::TenantId& tenant, int thread, Told& told) {
    std::mt19937_64 random(kSeed + static_cast<std::uint64_t>(thread));
    constexpr PayoutState kNext[] = {PayoutState::approved, PayoutState::approved,  PayoutState::rejected,
                                     PayoutState::sent,     PayoutState::sent,      PayoutState::confirmed,
                                     PayoutState::failed,   PayoutState::confirmed, PayoutState::returned};
    const auto by = "person " + std::to_string(thread % 7);
    for (int i = 0; i < kEach; ++i) {
        const auto key = "k" + std::to_string(random() % kKeys);
        const auto what = random() % 14;
        core::db::TenantTransaction transaction(database, tenant);
        const auto result =
            what < 5 ? propose_payout(transaction,
                                      {key, account("payable:seller"), account("bank:main"), cny(amount_of(key)), ""},
                                      by, kNow)
                     : take_step(transaction, key, {kNext[what - 5], by, ""}, kNow, kDay);
        transaction.commit();
        const std::lock_guard lock(told.mutex);
        if (!result) {
            told.insufficient += result.error().reason == PayoutError::insufficient;
        } else if (!result->already) {
            ++told.done[key][what < 5 ? PayoutState::proposed : kNext[what - 5]];
        }
    }
}

TEST(ManyPayouts, NeverPayMoreThanIsOwedNorTwice) {
    const TenantBooks books;
    books.post(entry_head("owed"), {{account("bank:main"), cny(kOwed)}, {account("payable:seller"), cny(-kOwed)}});
    auto options = books_test_database().service_options();
    options.pool_max = 24;
    options.wait_for_connection = std::chrono::seconds(120);
    core::db::Database database(options);
    Told told;
    std::atomic<bool> over{false};
    std::thread observer([&] {
        while (!over) {
            const auto sums = books.balances();
            const auto found = sums.find("payable:seller CNY");
            ++told.looks;
            told.beyond += found != sums.end() && found->second > 0;
        }
    });
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] { work(database, books.tenant(), t, told); });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    over = true;
    observer.join();

    Sums model{{"bank:main CNY", kOwed}, {"payable:seller CNY", -kOwed}, {"transit:payout:main CNY", 0}};
    std::map<PayoutState, int> ended;
    for (const auto& one : books.with([](auto& transaction) { return payouts(transaction, {"", {}, {}, 10000}); })) {
        std::map<PayoutState, int> taken;
        for (const auto& step : one.steps) {
            ++taken[step.state];
        }
        EXPECT_EQ(told.done[one.what.key], taken) << one.what.key << ": who was told so did it, once";
        ++ended[one.state()];
        const auto minor = one.what.amount.minor();
        const bool on_its_way = one.state() == PayoutState::approved || one.state() == PayoutState::sent;
        const bool paid = one.state() == PayoutState::confirmed;
        model["payable:seller CNY"] += on_its_way || paid ? minor : 0;
        model["transit:payout:main CNY"] -= on_its_way ? minor : 0;
        model["bank:main CNY"] -= paid ? minor : 0;
        for (const auto& step : one.steps) {
            EXPECT_TRUE(step.state != PayoutState::approved || step.by != one.proposed_by()) << one.what.key;
        }
    }
    EXPECT_LE(model.at("payable:seller CNY"), 0);
    std::erase_if(model, [](const auto& sum) { return sum.second == 0; });
    EXPECT_EQ(books.balances(), model);
    // How far each gets depends on the machine; that every way was taken doesn't.
    EXPECT_GT(told.insufficient, 0) << "all that is owed was promised";
    EXPECT_GT(ended[PayoutState::confirmed], 0);
    EXPECT_GT(ended[PayoutState::failed] + ended[PayoutState::returned] + ended[PayoutState::rejected], 0);
    EXPECT_GT(told.looks, 0);
    EXPECT_EQ(told.beyond, 0);
    EXPECT_EQ(books.complaints(), "");
}

}  // namespace
}  // namespace ledger

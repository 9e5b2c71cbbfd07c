// Holds under many hands: one by one they do what a model of a dozen lines does; at the same time they never take more
// than there is, and each ends once.
#include "ledger/holds.h"

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
constexpr std::int64_t kFunds = 2000;
constexpr std::int64_t kOverdraft = 300;
const core::Instant kBegin = instant("2026-11-18T08:00:00Z");
const core::BusinessDay kDay = day("2026-11-18");

class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}
    std::int64_t from_to(std::int64_t first, std::int64_t last) {
        return first + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(last - first + 1));
    }

private:
    std::mt19937_64 engine_;
};

class ManyHolds : public testing::Test {
protected:
    ManyHolds() {
        books_.post(entry_head("funds"),
                    {{account("bank:main"), cny(kFunds)}, {account("income:sales"), cny(-kFunds)}});
        books_.with([](auto& transaction) {
            set_limit(transaction, account("bank:main"), currency("CNY"), kOverdraft, kBegin, "li");
        });
    }
    static NewHold of(const std::string& key, std::int64_t minor, core::Instant expires_at) {
        return {key, account("bank:main"), account("payable:seller"), cny(minor), expires_at, "a test's hold"};
    }
    std::int64_t posted() const {
        const auto sums = books_.balances();
        const auto found = sums.find("bank:main CNY");
        return found == sums.end() ? 0 : found->second;
    }

    TenantBooks books_;
};

struct Modelled {
    std::int64_t minor;
    core::Instant expires_at;
    HoldState state = HoldState::pending;
    std::int64_t posted = 0;
};

TEST_F(ManyHolds, DoAsTheModelDoesOneByOne) {
    Random random(kSeed);
    std::map<std::string, Modelled> model;
    std::int64_t stands = kFunds;
    auto now = kBegin;
    for (int step = 0; step < 1500; ++step) {
        SCOPED_TRACE("seed " + std::to_string(kSeed) + ", step " + std::to_string(step));
        now += std::chrono::seconds(random.from_to(0, 3));
        std::int64_t held = 0;
        for (auto& [key, one] : model) {
            if (one.state == HoldState::pending && one.expires_at <= now) {
                one.state = HoldState::expired;
            }
            held += one.state == HoldState::pending ? one.minor : 0;
        }
        const auto key = "k" + std::to_string(random.from_to(0, 400));
        const auto minor = random.from_to(1, 400);
        const auto found = model.find(key);
        const bool is_there = found != model.end();
        const bool pending = is_there && found->second.state == HoldState::pending;
        switch (random.from_to(0, 3)) {
            case 0:
            case 1: {
                const auto expires = now + std::chrono::seconds(random.from_to(1, 40));
                const auto result =
                    books_.with([&](auto& transaction) { return hold(transaction, of(key, minor, expires), now); });
                const bool granted = is_there ? found->second.minor == minor : minor <= stands - held + kOverdraft;
                ASSERT_EQ(static_cast<bool>(result), granted);
                if (granted && !is_there) {
                    model.emplace(key, Modelled{minor, expires});
                }
                break;
            }
            case 2: {
                const auto result =
                    books_.with([&](auto& transaction) { return commit_hold(transaction, key, minor, now, kDay); });
                const bool posts = pending && minor <= found->second.minor;
                const bool again =
                    is_there && found->second.state == HoldState::posted && found->second.posted == minor;
                ASSERT_EQ(static_cast<bool>(result), posts || again);
                if (posts) {
                    found->second.state = HoldState::posted;
                    found->second.posted = minor;
                    stands -= minor;
                }
                break;
            }
            default: {
                const auto result = books_.with([&](auto& transaction) { return void_hold(transaction, key, now); });
                ASSERT_EQ(static_cast<bool>(result), pending || (is_there && found->second.state == HoldState::voided));
                if (pending) {
                    found->second.state = HoldState::voided;
                }
            }
        }
        if (step % 50 == 0) {
            ASSERT_EQ(posted(), stands);
        }
        stands += step % 20 == 0 ? 100 : 0;
        if (step % 20 == 0) {
            books_.post(entry_head("more:" + std::to_string(step)),
                        {{account("bank:main"), cny(100)}, {account("income:sales"), cny(-100)}});
        }
    }
    for (const auto& one : books_.with([&](auto& transaction) { return holds(transaction, {"", {}, 10000}, now); })) {
        EXPECT_EQ(one.state, model.at(one.what.source_key).state) << one.what.source_key;
        EXPECT_EQ(one.posted_minor, model.at(one.what.source_key).posted) << one.what.source_key;
    }
    EXPECT_EQ(posted(), stands);
    EXPECT_EQ(books_.complaints(), "");
}

// What the threads were told, by key of the hold.
struct Told {
    std::map<std::string, int> committed, voided;
    std::int64_t granted = 0, refused = 0, beyond = 0, looks = 0;
    std::mutex mutex;
};

TEST_F(ManyHolds, NeverTakeMoreThanThereIsAtTheSameTime) {
    constexpr int kThreads = 64;
    constexpr int kEach = 40;
    constexpr int kKeys = 300;
    auto options = books_test_database().service_options();
    options.pool_max = 24;
    options.wait_for_connection = std::chrono::seconds(120);
    core::db::Database database(options);
    Told told;
    std::atomic<bool> over{false};
    std::atomic<std::int64_t> milliseconds{0};

    // At any moment, the marked state counted: posted less pending never leaves the limit.
    std::thread observer([&] {
        while (!over) {
            const auto seen = books_.with([](auto& transaction) {
                return available(transaction, account("bank:main"), currency("CNY"), kBegin);
            });
            const std::lock_guard lock(told.mutex);
            ++told.looks;
            told.beyond += seen.to_be_taken() < 0;
        }
    });
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            Random random(kSeed + static_cast<std::uint64_t>(t));
            for (int i = 0; i < kEach; ++i) {
                // Each hand's clock is its own, up to two seconds behind the fastest.
                const auto now = kBegin + std::chrono::milliseconds((milliseconds += 7) - random.from_to(0, 2000));
                const auto key = "k" + std::to_string(random.from_to(0, kKeys));
                const auto what = random.from_to(0, 9);
                core::db::TenantTransaction transaction(database, books_.tenant());
                const auto result = [&] {
                    if (what < 5) {
                        return hold(transaction,
                                    of(key, std::hash<std::string>{}(key) % 400 + 1,
                                       now + std::chrono::milliseconds(random.from_to(1, 4000))),
                                    now);
                    }
                    return what < 7 ? commit_hold(transaction, key, {}, now, kDay) : void_hold(transaction, key, now);
                }();
                transaction.commit();
                const std::lock_guard lock(told.mutex);
                if (!result) {
                    told.refused += result.error().reason == HoldError::insufficient;
                } else if (!result->already) {
                    if (what < 5) {
                        ++told.granted;
                    } else {
                        ++(what < 7 ? told.committed : told.voided)[key];
                    }
                }
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    over = true;
    observer.join();

    EXPECT_GT(told.granted, 50);
    EXPECT_GT(told.refused, 50) << "the account was spent";
    EXPECT_GT(told.committed.size(), 3U);
    EXPECT_GT(told.voided.size(), 3U);
    EXPECT_GT(told.looks, 10);
    EXPECT_EQ(told.beyond, 0);
    std::int64_t taken = 0;
    std::size_t committed = 0;
    for (const auto& one : books_.with([](auto& transaction) { return holds(transaction, {"", {}, 10000}, kBegin); })) {
        const auto& key = one.what.source_key;
        taken += one.posted_minor;
        committed += one.state == HoldState::posted;
        EXPECT_EQ(told.committed[key], one.state == HoldState::posted ? 1 : 0) << key;
        EXPECT_EQ(told.voided[key], one.state == HoldState::voided ? 1 : 0) << key;
    }
    EXPECT_EQ(posted(), kFunds - taken);
    EXPECT_EQ(books_.verify().entries, static_cast<std::int64_t>(committed) + 1);
    EXPECT_GE(posted(), -kOverdraft);
    EXPECT_EQ(books_.complaints(), "");
}

}  // namespace
}  // namespace ledger

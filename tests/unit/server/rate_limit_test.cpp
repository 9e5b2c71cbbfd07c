// A token bucket for each name: never more than a burst and the rate, a wait that is true, and no name remembered that
// needn't be. Time is turned by hand.
#include "server/rate_limit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

namespace server {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

const RateLimiter::Time kStart{std::chrono::hours(1000)};

TEST(RateLimit, AdmitsTheBurstAndThenTheRate) {
    RateLimiter limiter;
    const config::RequestRate rate{4, 3};
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(limiter.refused_for("a/stripe", rate, kStart)) << i;
    }
    EXPECT_EQ(limiter.refused_for("a/stripe", rate, kStart), microseconds(250'000));
    EXPECT_EQ(limiter.refused_for("a/stripe", rate, kStart + 249'999us), microseconds(1));
    EXPECT_FALSE(limiter.refused_for("a/stripe", rate, kStart + 250'000us));
    EXPECT_TRUE(limiter.refused_for("a/stripe", rate, kStart + 250'000us));
    // Idle for long: the burst again, and no more.
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(limiter.refused_for("a/stripe", rate, kStart + std::chrono::hours(24 * 365 * 50))) << i;
    }
    EXPECT_TRUE(limiter.refused_for("a/stripe", rate, kStart + std::chrono::hours(24 * 365 * 50)));
}

TEST(RateLimit, IsOfEachNameAlone) {
    RateLimiter limiter;
    EXPECT_FALSE(limiter.refused_for("a/stripe", {1, 1}, kStart));
    EXPECT_TRUE(limiter.refused_for("a/stripe", {1, 1}, kStart));
    EXPECT_FALSE(limiter.refused_for("b/stripe", {1, 1}, kStart));
    EXPECT_FALSE(limiter.refused_for("a/unionpay", {1, 1}, kStart));
}

TEST(RateLimit, TakesAnotherRateAtOnce) {
    RateLimiter limiter;
    EXPECT_FALSE(limiter.refused_for("a/stripe", {1, 100}, kStart));
    EXPECT_FALSE(limiter.refused_for("a/stripe", {1, 1}, kStart));
    EXPECT_TRUE(limiter.refused_for("a/stripe", {1, 1}, kStart)) << "99 tokens were cut to the new burst";
    EXPECT_EQ(limiter.refused_for("a/stripe", {1'000'000, 1}, kStart), microseconds(1));
}

// A clock read by another thread a moment ago.
TEST(RateLimit, GivesNothingForTimeThatRunsBackwards) {
    RateLimiter limiter;
    EXPECT_FALSE(limiter.refused_for("a/stripe", {10, 1}, kStart + 1s));
    EXPECT_TRUE(limiter.refused_for("a/stripe", {10, 1}, kStart));
    EXPECT_TRUE(limiter.refused_for("a/stripe", {10, 1}, kStart + 1s));
    EXPECT_FALSE(limiter.refused_for("a/stripe", {10, 1}, kStart + 1s + 100ms));
}

TEST(RateLimit, SaysWholeSecondsRoundedUp) {
    EXPECT_EQ(retry_after_seconds(1us), 1);
    EXPECT_EQ(retry_after_seconds(1s), 1);
    EXPECT_EQ(retry_after_seconds(1s + 1us), 2);
}

class RandomTraffic : public testing::TestWithParam<std::uint64_t> {
protected:
    std::int64_t below(std::int64_t end) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(end));
    }
    config::RequestRate some_rate() { return {1 + below(below(2) == 0 ? 5 : 100'000), 1 + below(50)}; }
    std::chrono::nanoseconds some_pause() {
        static constexpr std::int64_t kMost[] = {1, 2'000, 1'000'000, 700'000'000, 5'000'000'000};
        return std::chrono::nanoseconds(below(kMost[below(5)]));
    }

    std::mt19937_64 random_{GetParam()};
};

// R1 and R2, in whatever window of the traffic, and with what others do in between (they make buckets be forgotten).
TEST_P(RandomTraffic, IsNeverMoreThanBurstAndRateAndTheWaitIsTrue) {
    RateLimiter limiter;
    const auto rate = some_rate();
    auto now = kStart;
    std::vector<RateLimiter::Time> admitted;
    for (int i = 0; i < 2'000; ++i) {
        now += some_pause();
        limiter.refused_for("other" + std::to_string(below(40)) + "/stripe", some_rate(), now);
        const auto wait = limiter.refused_for("mine/stripe", rate, now);
        if (!wait) {
            admitted.push_back(now);
            continue;
        }
        ASSERT_GT(wait->count(), 0);
        if (below(3) == 0) {
            now += *wait;
            ASSERT_FALSE(limiter.refused_for("mine/stripe", rate, now)) << "it waited as long as it was told";
            admitted.push_back(now);
        }
    }
    for (std::size_t from = 0; from < admitted.size(); from += 1 + admitted.size() / 200) {
        for (std::size_t to = from; to < admitted.size(); ++to) {
            const std::chrono::nanoseconds passed = admitted[to] - admitted[from];
            const auto beyond_the_burst = static_cast<std::int64_t>(to - from + 1) - rate.burst;
            ASSERT_LE(beyond_the_burst * 1'000'000'000, rate.per_second * passed.count()) << from << " to " << to;
        }
    }
}

// A bucket that is kept for ever.
struct Kept {
    config::RequestRate rate;
    std::int64_t tokens_micro = rate.burst * 1'000'000;
    RateLimiter::Time at = kStart;

    bool admits(RateLimiter::Time now) {
        const auto elapsed = std::chrono::floor<microseconds>(now - at);
        tokens_micro += elapsed.count() * rate.per_second;
        at += elapsed;
        if (tokens_micro >= rate.burst * 1'000'000) {
            tokens_micro = rate.burst * 1'000'000;
            at = now;
        }
        const bool admitted = tokens_micro >= 1'000'000;
        tokens_micro -= admitted ? 1'000'000 : 0;
        return admitted;
    }
};

// R3
TEST_P(RandomTraffic, IsAnsweredAsIfNothingWereForgotten) {
    RateLimiter limiter;
    std::vector<Kept> kept;
    for (int i = 0; i < 60; ++i) {
        kept.push_back({some_rate()});
    }
    auto now = kStart;
    std::size_t fewest = kept.size();
    for (int i = 0; i < 5'000; ++i) {
        now += some_pause() / 20;
        const auto who = static_cast<std::size_t>(below(60));
        ASSERT_EQ(!limiter.refused_for("tenant" + std::to_string(who), kept[who].rate, now), kept[who].admits(now))
            << i;
        fewest = i < 500 ? fewest : std::min(fewest, limiter.remembered());
    }
    EXPECT_LT(fewest, kept.size()) << "some were forgotten on the way";
}

INSTANTIATE_TEST_SUITE_P(, RandomTraffic, testing::Range<std::uint64_t>(1, 21));

// A bucket of this rate is full again after a millisecond. Names come faster than that, and never again.
TEST(RateLimit, RemembersNoMoreNamesThanAreInUse) {
    RateLimiter limiter;
    auto now = kStart;
    for (int i = 0; i < 200'000; ++i) {
        now += 10us;
        ASSERT_FALSE(limiter.refused_for("name" + std::to_string(i), {1000, 5}, now));
        ASSERT_LE(limiter.remembered(), 400U);  // a hundred in use; those of a shard that is not asked wait for it
    }
    // Full buckets go with whoever asks next in their shard.
    for (int i = 0; i < 400; ++i) {
        limiter.refused_for("name" + std::to_string(i), {1000, 5}, now + 1h);
    }
    EXPECT_LE(limiter.remembered(), 400U);
}

TEST(RateLimit, HoldsWithManyThreadsAtOnce) {
    RateLimiter limiter;
    std::atomic<int> admitted{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&, i] {
            for (int n = 0; n < 5'000; ++n) {
                limiter.refused_for("tenant" + std::to_string(i) + "/" + std::to_string(n % 50), {1, 1}, kStart);
                admitted += limiter.refused_for("one/stripe", {1, 1'000}, kStart) ? 0 : 1;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(admitted, 1'000);
}

}  // namespace
}  // namespace server

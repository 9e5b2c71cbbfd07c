#include "server/http/body_budget.h"

#include <gtest/gtest.h>

#include <future>
#include <list>
#include <vector>

namespace {

using server::http::BodyBudget;

constexpr std::size_t kFree = BodyBudget::kFreeBytes;

TEST(BodyBudget, LeavesSmallBodiesAlone) {
    BodyBudget budget(0);
    std::list<BodyBudget::Share> shares;
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(shares.emplace_back(budget).grow_to(kFree));
    }
    EXPECT_FALSE(shares.back().grow_to(kFree + 1));
}

TEST(BodyBudget, IsOneForAll) {
    BodyBudget budget(100);
    BodyBudget::Share one(budget);
    BodyBudget::Share two(budget);
    EXPECT_TRUE(one.grow_to(kFree + 60));
    EXPECT_FALSE(two.grow_to(kFree + 41));
    EXPECT_TRUE(two.grow_to(kFree + 40));
    EXPECT_FALSE(one.grow_to(kFree + 61));
    EXPECT_TRUE(one.grow_to(kFree + 60));
    one.give_back();
    EXPECT_TRUE(two.grow_to(kFree + 100));
}

TEST(BodyBudget, HasBackWhatAnEndedShareHad) {
    BodyBudget budget(100);
    { EXPECT_TRUE(BodyBudget::Share(budget).grow_to(kFree + 100)); }
    BodyBudget::Share next(budget);
    EXPECT_TRUE(next.grow_to(kFree + 100));
    next.give_back();
    next.give_back();  // nothing twice
    BodyBudget::Share other(budget);
    EXPECT_TRUE(other.grow_to(kFree + 100));
    EXPECT_FALSE(next.grow_to(kFree + 1));
}

TEST(BodyBudget, IsNotOverdrawnByManyAtOnce) {
    BodyBudget budget(1'000);
    std::vector<std::future<int>> threads;
    for (int t = 0; t < 4; ++t) {
        threads.push_back(std::async(std::launch::async, [&] {
            int most = 0;
            for (int i = 0; i < 20'000; ++i) {
                BodyBudget::Share share(budget);
                most += share.grow_to(kFree + 400) ? 1 : 0;
            }
            return most;
        }));
    }
    for (auto& thread : threads) {
        EXPECT_GT(thread.get(), 0);
    }
    BodyBudget::Share all(budget);
    EXPECT_FALSE(all.grow_to(kFree + 1'001));
    EXPECT_TRUE(all.grow_to(kFree + 1'000));
}

}  // namespace

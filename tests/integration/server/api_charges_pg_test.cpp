// Charges over the API: what customers use against what they prepaid, many at once, and the end of periods.
#include <atomic>

#include "tests/integration/server/api_world.h"

namespace server {
namespace {

class Charges : public WithApi {
protected:
    Answer top_up(const std::string& customer, std::int64_t minor, const std::string& key) {
        return world_.post("/v1/top-ups", "accountant",
                           R"({"customer":")" + customer + R"(","from":"bank:main","amount":{"amount":)" +
                               std::to_string(minor) + R"(,"currency":"CNY"}})",
                           key);
    }
    Answer charge(const std::string& customer, const std::string& key, const std::string& more = {}) {
        return world_.post("/v1/charges", "shop", charge_json(customer, more), key);
    }
    std::int64_t available(const std::string& customer) {
        const auto answer = world_.get("/v1/accounts/prepaid:" + customer + "/available", "reader");
        const auto body = parsed(answer.body);
        return body.find("data")->items().at(0).path("available", "amount")->integer().value_or(-1);
    }
};

TEST_F(Charges, AreTakenFromWhatWasPrepaid) {
    const auto booked = top_up("c-1", 100, "charges-top-up-1");
    ASSERT_EQ(booked.status, 201) << booked.body;
    EXPECT_EQ(text_at(parsed(booked.body), "event"), "top-up");
    const auto answer = charge("c-1", "charges-1", R"(,"quantity":3)");
    ASSERT_EQ(answer.status, 201) << answer.body;
    const auto body = parsed(answer.body);
    EXPECT_EQ(body.path("amount", "amount")->integer(), 6);
    EXPECT_EQ(body.integer_at("volume"), 3);
    EXPECT_EQ(text_at(body, "event"), "call");
    EXPECT_EQ(available("c-1"), 94);
    const auto entry = world_.get("/v1/entries/" + std::to_string(body.integer_at("entry").value_or(0)), "reader");
    EXPECT_EQ(entry.status, 200);

    const auto free = charge("c-1", "charges-free", R"(,"event":"scan")");
    ASSERT_EQ(free.status, 201) << free.body;
    EXPECT_TRUE(parsed(free.body).find("entry")->is_null()) << "what costs less than half a fen has no entry";
    EXPECT_EQ(complaints(), "");
}

TEST_F(Charges, AreMadeOnceForEachKeyAndAnswerTheSameForEver) {
    ASSERT_LT(top_up("c-2", 100, "charges-top-up-2").status, 202);
    const auto first = charge("c-2", "charges-once");
    ASSERT_EQ(first.status, 201) << first.body;
    ASSERT_EQ(charge("c-2", "charges-between").status, 201);
    const auto again = charge("c-2", "charges-once");
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(available("c-2"), 96);
    const auto other = charge("c-2", "charges-once", R"(,"quantity":2)");
    EXPECT_EQ(other.status, 409);
    EXPECT_EQ(text_at(parsed(other.body), "type"), "urn:duizhang:problem:charge-differs");
    EXPECT_EQ(charge("c-2", "").status, 400) << "without a key";
    EXPECT_EQ(top_up("c-2", 100, "charges-top-up-2").status, 201) << "answered from what was answered";
    EXPECT_EQ(top_up("c-2", 101, "charges-top-up-2").status, 409);
    EXPECT_EQ(available("c-2"), 96);
}

TEST_F(Charges, AreRefusedWhenItIsSpentAndFreeTheirKey) {
    ASSERT_LT(top_up("c-3", 5, "charges-top-up-3").status, 202);
    ASSERT_EQ(charge("c-3", "spent-1", R"(,"quantity":2)").status, 201);
    const auto refused = charge("c-3", "spent-2");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(text_at(parsed(refused.body), "type"), "urn:duizhang:problem:balance-spent");
    ASSERT_LT(top_up("c-3", 5, "charges-top-up-3b").status, 202);
    EXPECT_EQ(charge("c-3", "spent-2").status, 201);
    EXPECT_EQ(available("c-3"), 4);
}

TEST_F(Charges, OfManyAtOnceOnOneBalanceAreAllThereAndNeverMoreThanWasPrepaid) {
    constexpr int kThreads = 16;
    constexpr int kEach = 20;
    constexpr int kPaid = 300;  // of 320
    ASSERT_LT(top_up("c-hot", 2 * kPaid, "charges-top-up-hot").status, 202);
    const auto& key = world_.key("shop");
    std::atomic<int> charged{0};
    std::atomic<int> spent{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
        threads.emplace_back([&, thread] {
            for (int i = 0; i < kEach; ++i) {
                const auto answer = world_.request("POST", "/v1/charges", key, charge_json("c-hot"),
                                                   "hot-" + std::to_string(thread) + "-" + std::to_string(i));
                charged += answer.status == 201 ? 1 : 0;
                spent += answer.status == 409 ? 1 : 0;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(charged, kPaid);
    EXPECT_EQ(spent, kThreads * kEach - kPaid);
    EXPECT_EQ(available("c-hot"), 0);
    EXPECT_EQ(complaints(), "");
}

struct Wrong {
    const char* name;
    std::string body;
    const char* field;
};
class WrongCharge : public WithApi, public testing::WithParamInterface<Wrong> {};

TEST_P(WrongCharge, IsRefusedWithItsField) {
    const auto answer = world_.post("/v1/charges", "shop", GetParam().body, "charge-wrong");
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_EQ(text_at(parsed(answer.body), "field"), GetParam().field) << answer.body;
}

INSTANTIATE_TEST_SUITE_P(, WrongCharge,
                         testing::Values(Wrong{"NoCustomer", R"({"plan":"api"})", "customer"},
                                         Wrong{"NoName", charge_json("C:1"), "customer"},
                                         Wrong{"UnknownPlan", R"({"customer":"c-1","plan":"gold"})", "plan"},
                                         Wrong{"UnknownEvent", charge_json("c-1", R"(,"event":"walk")"), "event"},
                                         Wrong{"Nothing", charge_json("c-1", R"(,"quantity":0)"), "quantity"},
                                         Wrong{"NoTime", charge_json("c-1", R"(,"at":"yesterday")"), "at"},
                                         Wrong{"KeyInTheBody", charge_json("c-1", R"(,"source_key":"k")"),
                                               "source_key"}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(Charges, OfAPeriodThatIsOverAreBroughtToItsMinimumAndEnd) {
    const auto now = world_.clock().now();
    const std::string day = core::format_day(core::day_of(now, {"UTC", {}}));
    ASSERT_LT(top_up("c-close-1", 1000, "charges-top-up-c1").status, 202);
    ASSERT_LT(top_up("c-close-2", 2, "charges-top-up-c2").status, 202);
    ASSERT_EQ(charge("c-close-1", "close-1").status, 201);
    ASSERT_EQ(charge("c-close-2", "close-2").status, 201);
    const std::string body = R"({"plan":"api","period":")" + day + "\"}";
    EXPECT_EQ(world_.post("/v1/usage-closes", "accountant", body).status, 400) << "it isn't over";

    world_.set_clock(now + std::chrono::hours(24));
    const auto closed = world_.post("/v1/usage-closes", "accountant", body, "close-period");
    ASSERT_EQ(closed.status, 200) << closed.body;
    EXPECT_TRUE(parsed(closed.body).find("next_after")->is_null());
    EXPECT_THAT(
        closed.body,
        testing::HasSubstr(R"({"customer":"c-close-1","outcome":"charged","amount":{"amount":98,"currency":"CNY"}})"));
    EXPECT_THAT(closed.body, testing::HasSubstr(R"({"customer":"c-close-2","outcome":"spent")"));
    EXPECT_EQ(available("c-close-1"), 900);
    EXPECT_EQ(world_.post("/v1/usage-closes", "accountant", body, "close-period").body, closed.body);
    const auto later =
        world_.post("/v1/usage-closes", "accountant", R"({"plan":"api","after":"c-close-1","period":")" + day + "\"}");
    EXPECT_THAT(later.body, testing::HasSubstr("c-close-2"));
    EXPECT_THAT(later.body, testing::Not(testing::HasSubstr("c-close-1\"")));

    const auto late = charge("c-close-1", "close-late", R"(,"at":")" + day + "T00:00:00Z\"");
    EXPECT_EQ(late.status, 409) << late.body;
    EXPECT_EQ(text_at(parsed(late.body), "type"), "urn:duizhang:problem:period-closed");
    EXPECT_EQ(world_.walk("/v1/customers/c-close-1/usage?limit=1", "shop", "quantity"),
              (std::vector<std::string>{"1", "0"}));
    EXPECT_EQ(world_.get("/v1/customers/nobody/usage", "shop").status, 404);
    world_.set_clock(now);
    EXPECT_EQ(complaints(), "");
}

}  // namespace
}  // namespace server

// When the database can't keep a callback, the channel is told to send it again; and it is taken in when it comes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

#include "tests/e2e/service/running.h"

namespace e2e {
namespace {

constexpr std::array<const char*, 3> kChannels = {"wechatpay", "unionpay", "stripe"};

class Unavailable : public testing::Test {
protected:
    Answer send(const std::string& channel) const {
        const auto& good = service_.callback(channel);
        return service_.client().post(service_.path(channel), good.headers, good.body);
    }
    void expect_come_again(const std::string& channel) const {
        const auto answer = send(channel);
        EXPECT_EQ(answer.status, 503) << channel << answer.head << answer.body;
        EXPECT_GE(std::atoi(answer.header("retry-after").c_str()), 1) << channel << answer.head;
        if (channel == "wechatpay") {
            EXPECT_THAT(answer.body, testing::HasSubstr("\"FAIL\""));
        } else {
            EXPECT_EQ(answer.header("content-type"), "application/problem+json");
        }
    }

    // Under a key that the command line made.
    Answer register_order() {
        issue_key();
        return service_.client().post(
            "/v1/orders",
            {{"Authorization", "Bearer " + key_}, {"Content-Type", "application/json"}, {"Idempotency-Key", "once"}},
            R"({"merchant_order_id":"u-1","amount":{"amount":5,"currency":"CNY"}})");
    }
    // Once; a command, which works while the walls stand.
    void issue_key() {
        if (key_.empty()) {
            const auto issued = test_support::duizhang(
                service_.place(), {"key", "issue", "--tenant", service_.channel("stripe").tenant, "--role", "shop"});
            ASSERT_EQ(issued.status, 0) << issued.err;
            key_ = issued.out.substr(0, issued.out.find('\n'));
        }
    }
    void expect_shop_to_come_again() {
        const auto answer = register_order();
        EXPECT_EQ(answer.status, 503) << answer.body;
        EXPECT_GE(std::atoi(answer.header("retry-after").c_str()), 1) << answer.head;
        EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    }

    Running service_;
    std::string key_;
};

TEST_F(Unavailable, DatabaseMakesChannelsComeAgain) {
    service_.administer(R"(
create function payments.refuse() returns trigger language plpgsql as $$
begin raise exception 'the disk is full' using errcode = '53100'; end $$;
create trigger refuse before insert on payments.inbox for each statement execute function payments.refuse())");
    for (const auto* channel : kChannels) {
        expect_come_again(channel);
    }
    // Whole, since no command works on a database with a function that no migration wrote.
    service_.administer("drop function payments.refuse() cascade");
    for (const auto* channel : kChannels) {
        const auto before = service_.trial_balance(service_.channel(channel).tenant);
        EXPECT_THAT(before, testing::HasSubstr("\"totals\""));
        EXPECT_THAT(before, testing::Not(testing::HasSubstr(std::string("transit:payment:") + channel)));
        EXPECT_EQ(send(channel).status / 100, 2) << channel;
        EXPECT_THAT(service_.trial_balance(service_.channel(channel).tenant),
                    testing::HasSubstr(std::string("transit:payment:") + channel));
    }
}

// Nothing is registered, and nothing remembered under the key; so what is sent again is registered then.
TEST_F(Unavailable, DatabaseMakesShopsComeAgain) {
    issue_key();
    service_.administer(R"(
create function payments.refuse() returns trigger language plpgsql as $$
begin raise exception 'the disk is full' using errcode = '53100'; end $$;
create trigger refuse before insert on payments.orders for each statement execute function payments.refuse())");
    expect_shop_to_come_again();
    expect_shop_to_come_again();
    service_.administer("drop function payments.refuse() cascade");
    const auto registered = register_order();
    EXPECT_EQ(registered.status, 201) << registered.body;
    EXPECT_EQ(register_order().body, registered.body);
}

// The service looks every twenty seconds whether the walls still stand.
TEST_F(Unavailable, WallsBetweenTenantsMakeChannelsComeAgain) {
    EXPECT_EQ(send("stripe").status, 200);
    EXPECT_EQ(register_order().status, 201);
    service_.administer("alter role duizhang_service bypassrls");
    service_.wait_for("not_safe_any_more");
    EXPECT_EQ(service_.client().get("/readyz").status, 503);
    for (const auto* channel : kChannels) {
        expect_come_again(channel);
    }
    expect_shop_to_come_again();
    service_.administer("alter role duizhang_service nobypassrls");
    service_.wait_for("safe_again");
    EXPECT_EQ(send("stripe").status, 200);
}

}  // namespace
}  // namespace e2e

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

    Running service_;
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

// The service looks every twenty seconds whether the walls still stand.
TEST_F(Unavailable, WallsBetweenTenantsMakeChannelsComeAgain) {
    EXPECT_EQ(send("stripe").status, 200);
    service_.administer("alter role duizhang_service bypassrls");
    service_.wait_for("not_safe_any_more");
    EXPECT_EQ(service_.client().get("/readyz").status, 503);
    for (const auto* channel : kChannels) {
        expect_come_again(channel);
    }
    service_.administer("alter role duizhang_service nobypassrls");
    service_.wait_for("safe_again");
    EXPECT_EQ(send("stripe").status, 200);
}

}  // namespace
}  // namespace e2e

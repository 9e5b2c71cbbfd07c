// Holds and limits over the API.
#include <algorithm>

#include "tests/integration/server/api_world.h"

namespace server {
namespace {

class Holds : public WithApi {
protected:
    Answer hold(std::int64_t minor, const std::string& key, const std::string& more = {}) {
        return world_.post("/v1/holds", "accountant", hold_json(minor, more, account_), key);
    }
    std::string path_of(const Answer& made) { return made.header("location"); }
    Answer end(const std::string& path, const std::string& how, const std::string& body = "{}") {
        return world_.post(path + "/" + how, "accountant", body);
    }
    static std::int64_t minor(const Value& object, std::string_view name) {
        return object.path(name, "amount")->integer().value_or(-1);
    }
    std::int64_t available() {
        const auto answer = parsed(world_.get("/v1/accounts/" + account_ + "/available", "reader").body);
        return minor(answer.find("data")->items().at(0), "available");
    }
    void SetUp() override {
        account_ = "payable:holds-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name());
        std::transform(account_.begin(), account_.end(), account_.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        world_.funds(account_, 1000);
    }
    std::string account_;
};

TEST_F(Holds, TakeWhatIsAvailableAndNoMore) {
    const auto made = hold(700, "holds-1");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(minor(parsed(made.body), "amount"), 700);
    EXPECT_EQ(text_at(parsed(made.body), "state"), "pending");
    EXPECT_EQ(available(), 300);

    const auto refused = hold(301, "holds-2");
    EXPECT_EQ(refused.status, 409) << refused.body;
    EXPECT_EQ(text_at(parsed(refused.body), "type"), "urn:duizhang:problem:insufficient");
    EXPECT_EQ(available(), 300);
    EXPECT_EQ(hold(300, "holds-2").status, 201) << "a refused hold leaves its key free";
    EXPECT_EQ(complaints(), "");
}

TEST_F(Holds, AreMadeOnceForEachKey) {
    const auto made = hold(100, "holds-once");
    const auto again = hold(100, "holds-once");
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, made.body);
    EXPECT_EQ(again.header("location"), made.header("location"));
    EXPECT_EQ(hold(101, "holds-once").status, 409);
    EXPECT_EQ(world_.post("/v1/holds", "accountant", hold_json(1, "", account_)).status, 400) << "without a key";
    EXPECT_EQ(available(), 900);
    const auto found = parsed(world_.get("/v1/holds?key=holds-once", "reader").body);
    EXPECT_EQ(found.find("data")->items().size(), 1U);
}

TEST_F(Holds, ArePostedOnceInPartAndTheRestIsReleased) {
    const auto path = path_of(hold(700, "holds-part"));
    EXPECT_EQ(end(path, "commit", R"({"amount":{"amount":701,"currency":"CNY"}})").status, 400);
    EXPECT_EQ(end(path, "commit", R"({"amount":{"amount":1,"currency":"USD"}})").status, 400);
    const auto posted = end(path, "commit", R"({"amount":{"amount":400,"currency":"CNY"}})");
    ASSERT_EQ(posted.status, 200) << posted.body;
    EXPECT_EQ(minor(parsed(posted.body), "posted"), 400);
    EXPECT_EQ(available(), 600);
    const auto entry = parsed(posted.body).integer_at("entry").value_or(0);
    EXPECT_EQ(text_at(parsed(world_.get("/v1/entries/" + std::to_string(entry), "reader").body), "event"), "hold");

    EXPECT_EQ(end(path, "commit", R"({"amount":{"amount":400,"currency":"CNY"}})").body, posted.body);
    EXPECT_EQ(end(path, "commit", R"({"amount":{"amount":399,"currency":"CNY"}})").status, 409);
    EXPECT_EQ(text_at(parsed(end(path, "void").body), "type"), "urn:duizhang:problem:hold-ended");
    EXPECT_EQ(parsed(world_.get(path, "reader").body).integer_at("entry"), entry);
    EXPECT_EQ(complaints(), "");
}

TEST_F(Holds, AreVoidedOnce) {
    const auto path = path_of(hold(1000, "holds-void"));
    EXPECT_EQ(available(), 0);
    const auto voided = end(path, "void");
    EXPECT_EQ(voided.status, 200) << voided.body;
    EXPECT_EQ(text_at(parsed(voided.body), "state"), "voided");
    EXPECT_EQ(end(path, "void").status, 200);
    EXPECT_EQ(end(path, "commit").status, 409);
    EXPECT_EQ(available(), 1000);
}

TEST_F(Holds, EndWhenTheirTimeIsOver) {
    const auto now = world_.clock().now();
    EXPECT_EQ(hold(1, "holds-past", R"(,"expires_at":"2020-01-01T00:00:00Z")").status, 400);
    const auto path = path_of(hold(1000, "holds-lapse", R"(,"minutes":5)"));
    world_.set_clock(now + std::chrono::minutes(6));
    EXPECT_EQ(text_at(parsed(world_.get(path, "reader").body), "state"), "expired");
    EXPECT_EQ(available(), 1000);
    EXPECT_EQ(end(path, "commit").status, 409);
    world_.set_clock(now);
}

struct Wrong {
    const char* name;
    std::string body;
    const char* field;
};
class WrongHold : public WithApi, public testing::WithParamInterface<Wrong> {};

TEST_P(WrongHold, IsRefusedWithItsField) {
    const auto answer = world_.post("/v1/holds", "accountant", GetParam().body, "holds-wrong");
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_EQ(text_at(parsed(answer.body), "field"), GetParam().field);
}

INSTANTIATE_TEST_SUITE_P(
    , WrongHold,
    testing::Values(Wrong{"NoAccount", hold_json(1, "", "nothing"), "account"},
                    Wrong{"TheSameAccount", hold_json(1, "", "bank:main"), "to"},
                    Wrong{"Nothing", hold_json(0), "amount.amount"},
                    Wrong{"TooMuch", hold_json(1'000'000'000'000), "amount.amount"},
                    Wrong{"UnknownField", hold_json(1, R"(,"colour":"red")"), "colour"},
                    Wrong{"BothTimes", hold_json(1, R"(,"minutes":5,"expires_at":"2099-01-01T00:00:00Z")"), "minutes"},
                    Wrong{"TooLong", hold_json(1, R"(,"minutes":527041)"), "minutes"},
                    Wrong{"NoCurrency", R"({"account":"payable:held","to":"bank:main","description":"x","amount":5})",
                          "currency"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(Holds, AreListedByAccountAndState) {
    const auto first = path_of(hold(1, "holds-list-1"));
    ASSERT_EQ(hold(2, "holds-list-2").status, 201);
    ASSERT_EQ(hold(3, "holds-list-3").status, 201);
    ASSERT_EQ(end(first, "void").status, 200);
    const auto of = [&](const std::string& more) {
        return world_.walk("/v1/holds?limit=1&account=" + account_ + more, "reader", "key");
    };
    EXPECT_EQ(of(""), (std::vector<std::string>{"holds-list-3", "holds-list-2", "holds-list-1"}));
    EXPECT_EQ(of("&state=pending"), (std::vector<std::string>{"holds-list-3", "holds-list-2"}));
    EXPECT_EQ(of("&state=voided"), (std::vector<std::string>{"holds-list-1"}));
    EXPECT_EQ(world_.get("/v1/holds?state=lost", "reader").status, 400);
}

TEST_F(Holds, GoAsFarAsTheLimitLets) {
    const auto set = [&](const std::string& overdraft) {
        return world_.post("/v1/limits", "accountant",
                           R"({"account":")" + account_ + R"(","currency":"CNY","overdraft":)" + overdraft + "}");
    };
    EXPECT_EQ(hold(1001, "limits-1").status, 409);
    const auto answer = set(R"({"amount":500,"currency":"CNY"})");
    ASSERT_EQ(answer.status, 201) << answer.body;
    EXPECT_EQ(minor(parsed(answer.body), "available"), 1000);
    EXPECT_EQ(hold(1500, "limits-1").status, 201);
    ASSERT_EQ(set("null").status, 201);
    EXPECT_EQ(hold(1, "limits-2").status, 409);
    EXPECT_EQ(set(R"({"amount":-1,"currency":"CNY"})").status, 400);
    EXPECT_EQ(set(R"({"amount":1,"currency":"USD"})").status, 400);

    const auto first = parsed(world_.get("/v1/limits?limit=1&account=" + account_, "reader").body);
    EXPECT_TRUE(first.find("data")->items().at(0).find("overdraft")->is_null());
    EXPECT_THAT(text_at(first.find("data")->items().at(0), "set_by"), testing::StartsWith("key " + world_.tenant()));
    EXPECT_EQ(world_.walk("/v1/limits?limit=1&account=" + account_, "reader", "currency").size(), 2U);
}

}  // namespace
}  // namespace server

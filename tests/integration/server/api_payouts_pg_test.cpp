// Payouts over the API: who proposes doesn't approve, nothing is paid twice, and the list has what was asked for.
#include "tests/integration/server/api_world.h"

namespace server {
namespace {

class ApiPayouts : public WithApi {
protected:
    Answer steps(const std::string& payout, const std::string& role_key, const std::string& body,
                 const std::string& idempotency_key = {}) {
        return world_.request("POST", "/v1/payouts/" + payout + "/steps", role_key, body, idempotency_key);
    }
    // Another accountant than the one that proposes.
    const std::string& checker() {
        static const std::string key(world_.make_key("accountant", world_.tenant()).text.reveal());
        return key;
    }
};

TEST_F(ApiPayouts, GoTheirWayByTwoKeys) {
    const auto payout = world_.proposes(70, "way");
    const auto& maker = world_.key("accountant");
    const auto alone = steps(payout, maker, R"({"state":"approved"})");
    EXPECT_EQ(alone.status, 409);
    EXPECT_THAT(alone.body, testing::HasSubstr("who proposed a payout can't approve it"));
    EXPECT_EQ(steps(payout, maker, R"({"state":"sent"})").status, 409);

    const auto approved = steps(payout, checker(), R"({"state":"approved"})", "approve-way");
    EXPECT_EQ(approved.status, 201) << approved.body;
    EXPECT_EQ(approved.header("location"), "/v1/payouts/" + payout);
    EXPECT_EQ(steps(payout, checker(), R"({"state":"approved"})", "approve-way").body, approved.body);
    EXPECT_EQ(steps(payout, checker(), R"({"state":"approved"})").status, 200) << "taken already";
    EXPECT_EQ(steps(payout, maker, R"({"state":"sent"})").status, 201);
    EXPECT_EQ(steps(payout, maker, R"({"state":"failed"})").status, 400) << "why is to be said";
    EXPECT_EQ(steps(payout, maker, R"({"state":"failed","reason":"no such account"})").status, 201);

    const auto shown = parsed(world_.get("/v1/payouts/" + payout, "reader").body);
    EXPECT_EQ(text_at(shown, "state"), "failed");
    EXPECT_EQ(text_at(shown, "request_key"), text_at(parsed(approved.body), "request_key"));
    EXPECT_EQ(text_at(shown, "end_to_end_id"), text_at(shown, "request_key").substr(0, 32));
    ASSERT_EQ(shown.find("steps")->items().size(), 4U);
    EXPECT_NE(text_at(shown.find("steps")->items()[0], "by"), text_at(shown.find("steps")->items()[1], "by"));
    EXPECT_EQ(complaints(), "");
}

TEST_F(ApiPayouts, AreProposedOnceForEachKey) {
    const auto payout = world_.proposes(60, "once");
    EXPECT_EQ(world_.proposes(60, "once"), payout);
    EXPECT_EQ(world_.post("/v1/payouts", "accountant", payout_json(61), "once").status, 409);
    EXPECT_EQ(world_.post("/v1/payouts", "accountant", payout_json(60)).status, 400) << "without a key";
    const auto beyond = world_.post("/v1/payouts", "accountant", payout_json(1'000'000), "beyond");
    EXPECT_EQ(beyond.status, 409);
    EXPECT_THAT(beyond.body, testing::HasSubstr("payout-refused"));
    EXPECT_EQ(complaints(), "");
}

TEST_F(ApiPayouts, RefuseWhatIsNone) {
    const auto refuses = [&](const std::string& body, const char* field) {
        const auto answer = world_.post("/v1/payouts", "accountant", body, "none");
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_THAT(answer.body, testing::HasSubstr(field)) << body;
    };
    const std::string rest = R"(,"bank":"bank:main","description":"d","amount":{"amount":5,"currency":"CNY"}})";
    refuses(R"({"party":"income:sales")" + rest, "party");
    refuses(R"({"party":"payable:courier","extra":1)" + rest, "extra");
    refuses(R"({"party":"payable:a","bank":"payable:b","description":"d","amount":{"amount":5,"currency":"CNY"}})",
            "bank");
    refuses(R"({"party":"payable:a","bank":"bank:b","description":"","amount":{"amount":5,"currency":"CNY"}})",
            "description");
    for (const char* amount : {"5", R"({"amount":0,"currency":"CNY"})", R"({"amount":5})",
                               R"({"amount":"5","currency":"CNY"})", R"({"amount":5,"currency":"CNY","x":1})"}) {
        refuses(R"({"party":"payable:a","bank":"bank:b","description":"d","amount":)" + std::string(amount) + "}",
                "amount");
    }
    const auto payout = world_.proposes(40, "refuse");
    const auto& key = world_.key("accountant");
    EXPECT_EQ(steps(payout, key, R"({"state":"proposed"})").status, 400);
    EXPECT_EQ(steps(payout, key, R"({"state":"rejected","reason":"r","business_date":"2026-13-01"})").status, 400);
    EXPECT_EQ(steps("999999999", key, R"({"state":"approved"})").status, 404);
    EXPECT_EQ(complaints(), "");
}

TEST_F(ApiPayouts, AreListedByPartyAndStateAPageAtATime) {
    for (int i = 0; i < 5; ++i) {
        world_.proposes(30 + i, "listed-" + std::to_string(i));
    }
    const auto all = world_.walk("/v1/payouts?party=payable:courier&limit=1000", "reader", "payout");
    ASSERT_GE(all.size(), 5U);
    EXPECT_EQ(world_.walk("/v1/payouts?party=payable:courier&limit=2", "reader", "payout"), all);
    EXPECT_TRUE(world_.walk("/v1/payouts?party=payable:nobody", "reader", "payout").empty());
    EXPECT_TRUE(world_.walk("/v1/payouts?state=returned", "reader", "payout").empty());
    EXPECT_GE(world_.walk("/v1/payouts?state=proposed", "reader", "payout").size(), 5U);
    EXPECT_EQ(world_.get("/v1/payouts?state=gone", "reader").status, 400);
}

}  // namespace
}  // namespace server

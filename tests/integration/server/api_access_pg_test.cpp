// Who may do what over the API: every route with every role, without a key, with a dead one, with another tenant's.
#include <map>
#include <mutex>
#include <thread>

#include "server/api/api.h"
#include "tests/integration/server/api_world.h"

namespace server {
namespace {

using namespace std::chrono_literals;

// A call of the route that means something where it is allowed: its path and body, for things of the first tenant's.
struct Sample {
    std::string path;
    std::string body;
};

class Access : public WithApi {
protected:
    // What there is of each kind, made once.
    static const std::map<std::string, Sample>& samples() {
        static const auto made = [] {
            auto& world = ApiWorld::the();
            const auto order = world.post("/v1/orders", "shop", order_json("access-1", 100));
            const auto entry = world.post("/v1/entries", "accountant", entry_json(100), "access-1");
            EXPECT_EQ(order.status, 201) << order.body;
            EXPECT_EQ(entry.status, 201) << entry.body;
            const auto number = std::to_string(parsed(entry.body).integer_at("entry").value_or(0));
            const auto hold = "/v1/holds/" + std::to_string(world.held("access-hold", 1));
            const auto payout = world.proposes(50, "access-payout");
            return std::map<std::string, Sample>{
                {"POST /v1/orders", {"/v1/orders", order_json("access-1", 100)}},
                {"GET /v1/orders/{id}", {"/v1/orders/access-1", ""}},
                {"POST /v1/entries", {"/v1/entries", entry_json(100)}},
                {"GET /v1/entries/{id}", {"/v1/entries/" + number, ""}},
                {"POST /v1/entries/{id}/reversal", {"/v1/entries/" + number + "/reversal", R"({"description":"x"})"}},
                {"POST /v1/payouts", {"/v1/payouts", payout_json(50)}},
                {"GET /v1/payouts/{id}", {"/v1/payouts/" + payout, ""}},
                {"POST /v1/payouts/{id}/steps",
                 {"/v1/payouts/" + payout + "/steps", R"({"state":"rejected","reason":"x"})"}},
                {"GET /v1/accounts/{account}/lines", {"/v1/accounts/expense:rent/lines", ""}},
                {"POST /v1/holds", {"/v1/holds", hold_json(1)}},
                {"GET /v1/holds/{id}", {hold, ""}},
                {"POST /v1/holds/{id}/commit", {hold + "/commit", "{}"}},
                {"POST /v1/holds/{id}/void", {hold + "/void", "{}"}},
                {"POST /v1/charges", {"/v1/charges", charge_json("access-1")}},
                {"GET /v1/customers/{customer}/usage", {"/v1/customers/access-1/usage", ""}},
                {"POST /v1/top-ups", {"/v1/top-ups", "{}"}},
                {"POST /v1/usage-closes", {"/v1/usage-closes", "{}"}},
                {"POST /v1/closes", {"/v1/closes", "{}"}},
                {"POST /v1/seals", {"/v1/seals", "{}"}},
                {"POST /v1/fulfilments", {"/v1/fulfilments", "{}"}},
                {"POST /v1/share-outs", {"/v1/share-outs", "{}"}},
                {"POST /v1/splits/{name}/preview",
                 {"/v1/splits/nobody/preview", R"({"amount":{"amount":1,"currency":"CNY"}})"}},
                {"GET /v1/accounts/{account}/statement", {"/v1/accounts/expense:rent/statement", ""}},
                {"GET /v1/accounts/{account}/available", {"/v1/accounts/expense:rent/available", ""}},
                {"GET /v1/reconciliations/{id}", {"/v1/reconciliations/stripe:2026-11-18", ""}},
            };
        }();
        return made;
    }
    static std::string name_of(const api::Route& route) {
        return std::string(route.method) + " " + std::string(route.path);
    }
    static Sample sample(const api::Route& route) {
        const auto found = samples().find(name_of(route));
        return found == samples().end() ? Sample{std::string(route.path), ""} : found->second;
    }
    Answer call(const api::Route& route, const std::string& key) const {
        const auto one = sample(route);
        const bool is_post = route.method == "POST";
        return world_.request(std::string(route.method), one.path, key, one.body, is_post ? "access-1" : "");
    }
};

// By hand, so that a right given by mistake shows.
const std::map<std::string, std::string> kAllowed = {
    {"POST /v1/orders", "shop"},
    {"GET /v1/orders", "shop reader accountant"},
    {"GET /v1/orders/{id}", "shop reader accountant"},
    {"GET /v1/transactions", "reader accountant"},
    {"GET /v1/entries", "reader accountant"},
    {"GET /v1/entries/{id}", "reader accountant"},
    {"GET /v1/accounts", "reader accountant"},
    {"GET /v1/accounts/{account}/lines", "reader accountant"},
    {"GET /v1/balances", "reader accountant"},
    {"POST /v1/entries", "accountant"},
    {"POST /v1/entries/{id}/reversal", "accountant"},
    {"POST /v1/payouts", "accountant"},
    {"GET /v1/payouts", "reader accountant"},
    {"GET /v1/payouts/{id}", "reader accountant"},
    {"POST /v1/payouts/{id}/steps", "accountant"},
    {"GET /v1/reconciliations", "reader accountant"},
    {"GET /v1/reconciliations/{id}", "reader accountant"},
    {"GET /v1/discrepancies", "reader accountant"},
    {"GET /v1/cases", "reader accountant"},
    {"POST /v1/holds", "accountant"},
    {"GET /v1/holds", "reader accountant"},
    {"GET /v1/holds/{id}", "reader accountant"},
    {"POST /v1/holds/{id}/commit", "accountant"},
    {"POST /v1/holds/{id}/void", "accountant"},
    {"POST /v1/limits", "accountant"},
    {"GET /v1/limits", "reader accountant"},
    {"GET /v1/accounts/{account}/available", "reader accountant"},
    {"POST /v1/charges", "shop"},
    {"GET /v1/customers/{customer}/usage", "shop reader accountant"},
    {"POST /v1/top-ups", "accountant"},
    {"POST /v1/usage-closes", "accountant"},
    {"POST /v1/closes", "accountant"},
    {"GET /v1/closes", "reader accountant"},
    {"POST /v1/seals", "accountant"},
    {"GET /v1/trial-balance", "reader accountant"},
    {"GET /v1/ageing", "reader accountant"},
    {"GET /v1/ageing/items", "reader accountant"},
    {"GET /v1/accounts/{account}/statement", "reader accountant"},
    {"POST /v1/fulfilments", "shop"},
    {"POST /v1/share-outs", "accountant"},
    {"POST /v1/splits/{name}/preview", "shop reader accountant"},
};

TEST_F(Access, IsGivenToTheRolesThatHaveTheRightAndToNoOther) {
    ASSERT_EQ(api::routes().size(), kAllowed.size());
    for (const auto& route : api::routes()) {
        ASSERT_TRUE(kAllowed.contains(name_of(route))) << name_of(route);
        for (const std::string role : {"shop", "reader", "accountant"}) {
            const auto answer = call(route, world_.key(role));
            const bool allowed = kAllowed.at(name_of(route)).find(role) != std::string::npos;
            EXPECT_EQ(answer.status == 403, !allowed) << name_of(route) << " as " << role << ": " << answer.body;
            EXPECT_NE(answer.status, 401) << name_of(route) << " as " << role;
        }
        EXPECT_EQ(call(route, world_.key("made-up")).status, 403) << name_of(route) << " with a role nobody knows";
    }
    EXPECT_EQ(complaints(), "");
}

TEST_F(Access, NeedsAGoodKey) {
    const auto good = world_.key("accountant");
    auto forged = good;
    forged.back() = forged.back() == 'a' ? 'b' : 'a';
    const auto unknown = "dz_" + world_.tenant() + "_123456789012_" + std::string(43, 's');
    const auto nobody = "dz_nobody_123456789012_" + std::string(43, 's');
    for (const auto& route : api::routes()) {
        for (const std::string& key : {std::string(), std::string("dz_"), forged, unknown, nobody}) {
            const auto answer = call(route, key);
            EXPECT_EQ(answer.status, 401) << name_of(route) << " " << key;
            EXPECT_EQ(answer.header("www-authenticate"), "Bearer realm=\"duizhang\"") << name_of(route);
        }
    }
    for (const std::string& value :
         {"Basic " + good, good, std::string("Bearer"), "Bearer  " + good, "Bearer " + good + " x"}) {
        const auto answer = e2e::Client(world_.port()).get("/v1/orders", {{"Authorization", value}});
        EXPECT_EQ(answer.status, 401) << value.substr(0, 8);
    }
    const auto twice =
        e2e::Client(world_.port())
            .get("/v1/orders", {{"Authorization", "Bearer " + good}, {"Authorization", "Bearer " + good}});
    EXPECT_EQ(twice.status, 401);
    EXPECT_EQ(e2e::Client(world_.port()).get("/v1/orders", {{"Authorization", "bearer " + good}}).status, 200);
}

TEST_F(Access, EndsWithinTheTimeNamedWhenAKeyIsRevoked) {
    const auto made = world_.make_key("accountant", world_.tenant());
    const std::string text(made.text.reveal());
    ASSERT_EQ(world_.request("GET", "/v1/accounts", text).status, 200);
    core::db::TenantTransaction transaction(world_.application().database(), core::TenantId(world_.tenant()));
    ASSERT_TRUE(revoke_api_key(transaction, made.key.number, world_.clock().now()));
    transaction.commit();
    std::this_thread::sleep_for(kKeyRemembered + 500ms);
    for (const auto& route : api::routes()) {
        EXPECT_EQ(call(route, text).status, 401) << name_of(route);
    }
}

TEST_F(Access, OfAnotherTenantFindsNothing) {
    for (const auto& route : api::routes()) {
        if (route.path.find('{') == std::string_view::npos) {
            continue;
        }
        const auto answer = call(route, world_.key("accountant", true));
        EXPECT_EQ(answer.status, 404) << name_of(route) << ": " << answer.body;
    }
    for (const std::string path : {"/v1/orders", "/v1/transactions", "/v1/entries", "/v1/balances"}) {
        const auto answer = world_.request("GET", path + "?limit=1000", world_.key("accountant", true));
        EXPECT_EQ(answer.status, 200);
        EXPECT_THAT(answer.body, testing::Not(testing::HasSubstr("access-1"))) << path;
    }
    EXPECT_EQ(parsed(world_.request("GET", "/v1/orders?merchant_order_id=access-1", world_.key("shop", true)).body)
                  .find("data")
                  ->items()
                  .size(),
              0U);
}

class Edges : public WithApi {};

TEST_F(Edges, AreProblemsWithTheirStatus) {
    const auto status = [&](const Answer& answer) {
        EXPECT_EQ(answer.header("content-type"), "application/problem+json") << answer.status;
        EXPECT_EQ(parsed(answer.body).integer_at("status"), answer.status);
        return answer.status;
    };
    const auto& shop = world_.key("shop");
    const Headers authorized = {{"Authorization", "Bearer " + shop}};
    const e2e::Client client(world_.port());
    EXPECT_EQ(status(world_.request("GET", "/v1/nothing", shop)), 404);
    EXPECT_EQ(status(world_.request("GET", "/v1/orders/a/b", shop)), 404);
    EXPECT_EQ(status(world_.request("GET", "/v1/orders/", shop)), 404);
    EXPECT_EQ(status(world_.request("GET", "/v1/orders/nobody", shop)), 404);
    EXPECT_EQ(status(world_.get("/v1/entries/x", "reader")), 404);
    EXPECT_EQ(status(world_.get("/v1/entries/99999999999999999999", "reader")), 404);
    const auto method = client.request("DELETE", "/v1/orders", authorized, "");
    EXPECT_EQ(status(method), 405);
    EXPECT_EQ(method.header("allow"), "POST, GET, HEAD");
    EXPECT_EQ(status(client.post("/v1/orders", authorized, order_json("edge", 1))), 415);
    EXPECT_EQ(status(world_.request("POST", "/v1/orders", shop, std::string(65'537, ' '))), 413);
    EXPECT_EQ(status(world_.request("POST", "/v1/orders", shop, std::string(65'536, ' '))), 400);
    EXPECT_EQ(status(client.exchange("POST /v1/orders HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + shop +
                                     "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")),
              411);
    EXPECT_EQ(status(world_.post("/v1/entries", "accountant", entry_json(1))), 400) << "without an Idempotency-Key";
}

TEST_F(Edges, AnswerHeadAsGetWithoutItsBody) {
    const auto answer = e2e::Client(world_.port())
                            .request("HEAD", "/v1/orders", {{"Authorization", "Bearer " + world_.key("shop")}}, "");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "");
}

TEST_F(Edges, SlowAKeyDownThatAsksTooOften) {
    const std::string greedy(world_.make_key("reader", world_.tenant()).text.reveal());
    int limited = 0;
    std::vector<std::thread> threads;
    std::mutex mutex;
    for (int thread = 0; thread < 8; ++thread) {
        threads.emplace_back([&] {
            for (int i = 0; i < 150; ++i) {
                const auto answer = world_.asked_once("GET", "/v1/accounts?limit=1", greedy);
                const std::lock_guard lock(mutex);
                limited += answer.status == 429 && !answer.header("retry-after").empty() ? 1 : 0;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_GT(limited, 0);
    EXPECT_EQ(world_.get("/v1/accounts", "reader").status, 200) << "another key is not concerned";
}

TEST_F(Edges, SlowDownWhoGuessesKeysAndNobodyWhoHasOne) {
    ASSERT_EQ(world_.request("GET", "/v1/orders", world_.key("reader", true)).status, 200);
    int limited = 0;
    for (int i = 0; i < 200; ++i) {
        const auto number = "guess0000" + std::to_string(100 + i);
        const auto answer = world_.asked_once(
            "GET", "/v1/orders", "dz_" + world_.other_tenant() + "_" + number + "_" + std::string(43, 'g'));
        EXPECT_TRUE(answer.status == 401 || answer.status == 429) << answer.status;
        limited += answer.status == 429 ? 1 : 0;
    }
    EXPECT_GT(limited, 0);
    EXPECT_EQ(world_.asked_once("GET", "/v1/orders", world_.key("reader", true)).status, 200);
}

// The server makes 503 with Retry-After of it, as of a database that is away.
TEST_F(Edges, SayLaterWhileAPromiseIsBroken) {
    Metrics metrics;
    api::Api api(world_.application(), metrics, world_.clock());
    http::Request request;
    request.head.method = "GET";
    request.head.path = "/v1/orders";
    request.head.headers = {{"Authorization", "Bearer " + world_.key("shop")}};
    EXPECT_EQ(api.answer(request, true).status, 200);
    EXPECT_THROW((void)api.answer(request, false), core::OutsideFailure);
    EXPECT_THAT(metrics.text(),
                testing::HasSubstr("duizhang_api_requests_total{route=\"GET /v1/orders\",status=\"503\"} 1"));
}

TEST_F(Edges, AreCountedByRouteAndStatusAndLeaveNoKeyInTheLog) {
    std::string log;
    std::mutex mutex;
    core::set_log_sink([&](std::string_view line) {
        const std::lock_guard lock(mutex);
        log += line;
    });
    core::set_log_level(core::LogLevel::debug);
    const auto& key = world_.key("shop");
    (void)world_.request("GET", "/v1/orders/nobody", key);
    (void)world_.request("POST", "/v1/orders", key, "{", key);
    core::set_log_level(core::LogLevel::error);
    core::set_log_sink({});
    EXPECT_THAT(log, testing::Not(testing::HasSubstr(key.substr(key.rfind('_')))));

    const auto metrics = e2e::Client(world_.port()).get("/metrics").body;
    EXPECT_THAT(metrics,
                testing::HasSubstr("duizhang_api_requests_total{route=\"GET /v1/orders/{id}\",status=\"404\"}"));
    EXPECT_THAT(metrics, testing::HasSubstr("duizhang_api_requests_total{route=\"POST /v1/orders\",status=\"400\"}"));
    EXPECT_THAT(metrics, testing::Not(testing::HasSubstr("nobody")));
}

}  // namespace
}  // namespace server

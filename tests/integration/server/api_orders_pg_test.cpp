// Orders over the API, and that a request that is sent again acts once.
#include <barrier>
#include <set>
#include <thread>

#include "core/text/encoding.h"
#include "tests/integration/server/api_world.h"

namespace server {
namespace {

using testing::HasSubstr;

class Orders : public WithApi {};

TEST_F(Orders, AreRegisteredAndReadAgain) {
    const auto made =
        world_.post("/v1/orders", "shop",
                    order_json("read-1", 12345, R"(,"created_at":"2026-11-18T08:00:00Z","description":"两本书")"));
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.header("location"), "/v1/orders/read-1");
    world_.pays("ch_read_1", 12345, "read-1");

    const auto read = world_.get("/v1/orders/read-1", "shop");

    ASSERT_EQ(read.status, 200) << read.body;
    const auto order = parsed(read.body);
    EXPECT_EQ(text_at(order, "merchant_order_id"), "read-1");
    EXPECT_EQ(order.path("amount", "amount")->integer(), 12345);
    EXPECT_EQ(text_at(*order.find("amount"), "currency"), "CNY");
    EXPECT_EQ(text_at(order, "created_at"), "2026-11-18T08:00:00Z");
    EXPECT_EQ(text_at(order, "description"), "两本书");
    EXPECT_EQ(order.path("paid", "amount")->integer(), 12345);
    EXPECT_EQ(order.path("refunded", "amount")->integer(), 0);
    ASSERT_EQ(order.find("transactions")->items().size(), 1U);
    EXPECT_EQ(text_at(order.find("transactions")->items()[0], "channel_txn_id"), "ch_read_1");
    EXPECT_EQ(complaints(), "");
}

TEST_F(Orders, AreTheSameInTheFlatFormOfAFile) {
    const auto flat =
        R"({"merchant_order_id":"flat-1","amount":500,"currency":"CNY","created_at":"2026-11-18T08:00:00Z"})";
    EXPECT_EQ(world_.post("/v1/orders", "shop", flat).status, 201);
    EXPECT_EQ(world_.post("/v1/orders", "shop", order_json("flat-1", 500)).status, 200) << "the same order again";
}

TEST_F(Orders, OfAnotherContentAreAConflictThatSaysSo) {
    ASSERT_EQ(world_.post("/v1/orders", "shop", order_json("differs-1", 100)).status, 201);
    const auto again = world_.post("/v1/orders", "shop", order_json("differs-1", 101));
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(text_at(parsed(again.body), "type"), "urn:duizhang:problem:order-differs");
    EXPECT_EQ(text_at(parsed(again.body), "field"), "merchant_order_id");
    EXPECT_EQ(parsed(world_.get("/v1/orders/differs-1", "shop").body).path("amount", "amount")->integer(), 100);
    EXPECT_EQ(complaints(), "");
}

TEST_F(Orders, AreDueWhenTheySayOrOnTheirOwnDay) {
    const std::string made = R"(,"created_at":"2026-11-18T08:00:00Z")";
    const std::string due = made + R"(,"due_date":"2026-12-18")";
    const auto plain = world_.post("/v1/orders", "shop", order_json("due-1", 100, made));
    ASSERT_EQ(plain.status, 201) << plain.body;
    EXPECT_EQ(text_at(parsed(plain.body), "due_date"), "2026-11-18");
    EXPECT_EQ(text_at(parsed(world_.post("/v1/orders", "shop", order_json("due-2", 100, due)).body), "due_date"),
              "2026-12-18");
    EXPECT_EQ(world_.post("/v1/orders", "shop", order_json("due-2", 100, due)).status, 200) << "the same again";
    EXPECT_EQ(world_.post("/v1/orders", "shop", order_json("due-2", 100, made)).status, 200) << "asks for none";
    EXPECT_EQ(world_.post("/v1/orders", "shop", order_json("due-1", 100, due)).status, 409);
    const auto wrong = world_.post("/v1/orders", "shop", order_json("due-3", 100, R"(,"due_date":"2026-02-30")"));
    EXPECT_EQ(wrong.status, 400) << wrong.body;
    EXPECT_EQ(text_at(parsed(wrong.body), "field"), "due_date");
    EXPECT_EQ(complaints(), "");
}

TEST_F(Orders, HaveCardNumbersInThemReplacedAndAreFoundByThem) {
    const std::string card = "4242424242424242";
    const auto made =
        world_.post("/v1/orders", "shop", order_json("o-" + card, 100, R"(,"description":"paid with )" + card + "\""),
                    "key-" + card);
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_THAT(made.body, testing::Not(HasSubstr(card)));
    EXPECT_THAT(made.body, HasSubstr("424242******4242"));
    const auto read = world_.get("/v1/orders/o-" + card, "shop");
    EXPECT_EQ(read.status, 200);
    EXPECT_THAT(read.body, testing::Not(HasSubstr(card)));
    EXPECT_EQ(world_
                  .post("/v1/orders", "shop",
                        order_json("o-" + card, 100, R"(,"description":"paid with )" + card + "\""), "key-" + card)
                  .body,
              made.body)
        << "the key is found by its fingerprint";
}

TEST_F(Orders, StandForWhatTheyAreWhateverTheirText) {
    for (const std::string id : {"'; drop table payments.orders; --", "%27%20or%201=1", "{{7*7}}", "<script>", "a b"}) {
        ASSERT_EQ(world_.post("/v1/orders", "shop", order_json(id, 7)).status, 201) << id;
        const auto found = world_.get("/v1/orders?merchant_order_id=" + core::text::form_encode(id), "shop");
        ASSERT_EQ(found.status, 200) << found.body;
        ASSERT_EQ(parsed(found.body).find("data")->items().size(), 1U) << id;
        EXPECT_EQ(text_at(parsed(found.body).find("data")->items()[0], "merchant_order_id"), id);
    }
    EXPECT_EQ(complaints(), "");
}

struct Bad {
    const char* name;
    std::string body;
    std::string field;
};
class OrdersRefuse : public WithApi, public testing::WithParamInterface<Bad> {};

TEST_P(OrdersRefuse, NamingTheField) {
    const auto answer = world_.post("/v1/orders", "shop", GetParam().body);
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    const auto problem = parsed(answer.body);
    EXPECT_EQ(problem.integer_at("status"), 400);
    EXPECT_EQ(text_at(problem, "field"), GetParam().field.empty() ? "(none)" : GetParam().field) << answer.body;
}

INSTANTIATE_TEST_SUITE_P(
    , OrdersRefuse,
    testing::Values(Bad{"Nothing", "", ""}, Bad{"NoJson", "{", ""}, Bad{"AList", "[]", ""},
                    Bad{"ATwiceNamedField", R"({"amount":1,"amount":2})", ""},
                    Bad{"NoNumber", R"({"amount":1,"currency":"CNY"})", "merchant_order_id"},
                    Bad{"AnUnknownField", order_json("x", 1, R"(,"sum":1)"), "sum"},
                    Bad{"NoAmount", R"({"merchant_order_id":"x","currency":"CNY"})", "amount"},
                    Bad{"AnAmountOfZero", order_json("x", 0), "amount"},
                    Bad{"ANegativeAmount", order_json("x", -5), "amount"},
                    Bad{"AFraction", R"({"merchant_order_id":"x","amount":1.5,"currency":"CNY"})", "amount"},
                    Bad{"AnAmountAsText", R"({"merchant_order_id":"x","amount":"1","currency":"CNY"})", "amount"},
                    Bad{"AMoneyWithMoreInIt",
                        R"({"merchant_order_id":"x","amount":{"amount":1,"currency":"CNY","tax":0}})", "amount"},
                    Bad{"TwoCurrencies", order_json("x", 1, R"(,"currency":"CNY")"), "currency"},
                    Bad{"NoCurrency", R"({"merchant_order_id":"x","amount":1,"currency":"XQZ"})", "currency"},
                    Bad{"AnUnknownSplit", order_json("x", 1, R"(,"split":"nobody")"), "split"},
                    Bad{"NoTime", order_json("x", 1, R"(,"created_at":"yesterday")"), "created_at"},
                    Bad{"ALongNumber", order_json(std::string(65, 'x'), 1), "merchant_order_id"},
                    Bad{"ALongDescription", order_json("x", 1, R"(,"description":")" + std::string(513, 'd') + "\""),
                        "description"}),
    [](const auto& row) { return std::string(row.param.name); });

class Again : public WithApi {};

// Sixty-four at the same moment, from connections of their own.
std::vector<Answer> twins(const ApiWorld& world, const std::string& key, const std::string& path,
                          const std::string& body, const std::string& idempotency_key) {
    constexpr int kTwins = 64;
    std::vector<Answer> answers(kTwins);
    std::barrier together(kTwins);
    std::vector<std::thread> threads;
    for (auto& answer : answers) {
        threads.emplace_back([&] {
            together.arrive_and_wait();
            answer = world.request("POST", path, key, body, idempotency_key);
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    return answers;
}

TEST_F(Again, TwinsActOnceAndAreAnsweredAlike) {
    const auto& key = world_.key("shop");
    const auto answers = twins(world_, key, "/v1/orders", order_json("twins-1", 700), "twins-of-an-order");
    std::set<std::string> bodies;
    for (const auto& answer : answers) {
        EXPECT_EQ(answer.status, 201) << answer.body;
        EXPECT_EQ(answer.header("location"), "/v1/orders/twins-1");
        bodies.insert(answer.body);
    }
    EXPECT_EQ(bodies.size(), 1U);
    EXPECT_EQ(complaints(), "");
}

TEST_F(Again, TwinsPostOneEntry) {
    const auto answers =
        twins(world_, world_.key("accountant"), "/v1/entries", entry_json(900, "twins"), "twins-of-an-entry");
    std::set<std::string> bodies;
    for (const auto& answer : answers) {
        EXPECT_EQ(answer.status, 201) << answer.body;
        bodies.insert(answer.body);
    }
    EXPECT_EQ(bodies.size(), 1U);
    EXPECT_EQ(world_.walk("/v1/entries?source_key=manual:twins-of-an-entry", "reader", "entry").size(), 1U);
    EXPECT_EQ(complaints(), "");
}

TEST_F(Again, IsAnsweredAlikeForEver) {
    const auto body = order_json("for-ever-1", 800);
    const auto first = world_.post("/v1/orders", "shop", body, "for-ever");
    ASSERT_EQ(first.status, 201) << first.body;
    const auto now = world_.clock().now();
    for (const int years : {1, 10, 100}) {
        world_.set_clock(now + std::chrono::hours(24 * 366 * years));
        const auto again = world_.post("/v1/orders", "shop", body, "for-ever");
        EXPECT_EQ(again.status, 201) << years;
        EXPECT_EQ(again.body, first.body) << years;
    }
    world_.set_clock(now);
}

TEST_F(Again, WithAnotherBodyIsAConflictThatSaysSo) {
    ASSERT_EQ(world_.post("/v1/orders", "shop", order_json("reused-1", 1), "reused").status, 201);
    const auto conflict = world_.post("/v1/orders", "shop", order_json("reused-2", 1), "reused");
    EXPECT_EQ(conflict.status, 409);
    EXPECT_EQ(text_at(parsed(conflict.body), "type"), "urn:duizhang:problem:idempotency-key-reused");
    EXPECT_EQ(text_at(parsed(conflict.body), "field"), "Idempotency-Key");
    EXPECT_EQ(world_.get("/v1/orders/reused-2", "shop").status, 404) << "nothing was registered";
}

TEST_F(Again, OnAnotherPathIsAConflict) {
    ASSERT_EQ(world_.post("/v1/entries", "accountant", entry_json(5), "one-key").status, 201);
    const auto posted = world_.walk("/v1/entries?source_key=manual:one-key", "reader", "entry");
    ASSERT_EQ(posted.size(), 1U);
    EXPECT_EQ(
        world_.post("/v1/entries/" + posted[0] + "/reversal", "accountant", R"({"description":"x"})", "one-key").status,
        409);
}

TEST_F(Again, AfterARefusalMayBeCorrected) {
    EXPECT_EQ(world_.post("/v1/orders", "shop", order_json("corrected-1", 0), "corrected").status, 400);
    EXPECT_EQ(world_.post("/v1/orders", "shop", order_json("corrected-1", 10), "corrected").status, 201);
}

TEST_F(Again, IsATenantsOwn) {
    ASSERT_EQ(world_.post("/v1/orders", "shop", order_json("own-1", 10), "own").status, 201);
    const auto other = world_.request("POST", "/v1/orders", world_.key("shop", true), order_json("own-2", 20), "own");
    EXPECT_EQ(other.status, 201) << other.body;
}

struct BadKey {
    const char* name;
    std::string key;
    int status;
};
class IdempotencyKey : public WithApi, public testing::WithParamInterface<BadKey> {};

TEST_P(IdempotencyKey, HasItsBounds) {
    const auto answer =
        world_.post("/v1/orders", "shop", order_json(std::string("bounds-") + GetParam().name, 1), GetParam().key);
    EXPECT_EQ(answer.status, GetParam().status) << answer.body;
}

INSTANTIATE_TEST_SUITE_P(, IdempotencyKey,
                         testing::Values(BadKey{"OneCharacter", "k", 201},
                                         BadKey{"TheLongest", std::string(255, 'k'), 201},
                                         BadKey{"OneTooLong", std::string(256, 'k'), 400},
                                         BadKey{"ABlank", "a key", 400}, BadKey{"BeyondAscii", "schlüssel", 400},
                                         BadKey{"AQuote", "k'--", 201}),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace server

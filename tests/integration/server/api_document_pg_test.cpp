// The OpenAPI document against the running service: every operation of it is called, every answer fits its schema, and
// every route there is stands in it.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "server/api/route.h"
#include "tests/integration/server/api_world.h"
#include "tests/support/json_schema.h"

namespace server {
namespace {

class Document : public WithApi {
protected:
    static const Value& document() {
        static const Value read = parsed(e2e::Client(ApiWorld::the().port()).get("/openapi.json").body);
        return read;
    }
    // A day with discrepancies of each tenant, an order with its payment, a reversed entry.
    static void SetUpTestSuite() {
        auto& world = ApiWorld::the();
        ASSERT_NE(world.reconciled(), "");
        ASSERT_EQ(world.post("/v1/orders", "shop", order_json("document-1", 100, R"(,"split":"marketplace")")).status,
                  201);
        world.pays("ch_document_1", 100, "document-1");
        ASSERT_EQ(world.post("/v1/top-ups", "accountant", kTopUp, "document-top-up").status, 201);
    }

    static inline const std::set<std::string> kNeedsKey = {"/v1/entries", "/v1/holds", "/v1/charges", "/v1/top-ups",
                                                           "/v1/payouts"};
    // What a shop may and an accountant may not.
    static inline const std::set<std::string> kOfShops = {"/v1/orders", "/v1/charges", "/v1/fulfilments"};
    static inline const std::string kTopUp =
        R"({"customer":"c-document","from":"bank:main","amount":{"amount":1000,"currency":"CNY"}})";

    Answer called(const std::string& method, const std::string& path) {
        const std::string entry = newest_entry();
        const std::string hold = "/v1/holds/" + std::to_string(world_.held("document-" + path, 5));
        const auto payout = path.starts_with("/v1/payouts/{") ? world_.proposes(50, "document-payout") : "";
        const std::map<std::string, std::string> paths = {
            {"/v1/orders/{id}", "/v1/orders/document-1"},
            {"/v1/entries/{id}", "/v1/entries/" + entry},
            {"/v1/entries/{id}/reversal", "/v1/entries/" + entry + "/reversal"},
            {"/v1/payouts/{id}", "/v1/payouts/" + payout},
            {"/v1/payouts/{id}/steps", "/v1/payouts/" + payout + "/steps"},
            {"/v1/accounts/{account}/lines", "/v1/accounts/receivable:orders/lines"},
            {"/v1/accounts/{account}/available", "/v1/accounts/payable:held/available"},
            {"/v1/accounts/{account}/statement", "/v1/accounts/payable:held/statement?from=2026-11-18"},
            {"/v1/splits/{name}/preview", "/v1/splits/marketplace/preview"},
            {"/v1/customers/{customer}/usage", "/v1/customers/c-document/usage"},
            {"/v1/holds/{id}", hold},
            {"/v1/holds/{id}/commit", hold + "/commit"},
            {"/v1/holds/{id}/void", hold + "/void"},
            {"/v1/reconciliations/{id}", "/v1/reconciliations/" + world_.reconciled()},
            {"/callbacks/{tenant}/{channel}", "/callbacks/nobody/stripe"},
            {"/review/{tenant}/{channel}/{date}/{file}", "/review/nobody/stripe/2026-11-18/review.html"},
            {"/login", "/login?token=none"},
        };
        const std::map<std::string, std::string> bodies = {
            {"/v1/orders", order_json("document-2", 100)},
            {"/v1/entries", entry_json(100)},
            {"/v1/entries/{id}/reversal", R"({"description":"for the document"})"},
            {"/v1/holds", hold_json(5)},
            {"/v1/charges", charge_json("c-document")},
            {"/v1/top-ups", kTopUp},
            // Of the demo's books much is open; what a close answers is tried in api_closing_pg_test.cpp.
            {"/v1/closes", R"({"until":"2026-01-01","dry_run":true})"},
            {"/v1/seals", "{}"},
            {"/v1/fulfilments", R"({"merchant_order_id":"document-1"})"},
            {"/v1/share-outs", "{}"},
            {"/v1/splits/{name}/preview", R"({"amount":{"amount":100,"currency":"CNY"},"refunds":[10,20]})"},
            {"/v1/usage-closes", R"({"plan":"api","period":"2026-11-01"})"},
            {"/v1/holds/{id}/commit", "{}"},
            {"/v1/holds/{id}/void", "{}"},
            {"/v1/limits", R"({"account":"payable:limited","overdraft":{"amount":0,"currency":"CNY"}})"},
            {"/v1/payouts", payout_json(50)},
            {"/v1/payouts/{id}/steps", R"({"state":"rejected","reason":"for the document"})"},
        };
        const auto found = paths.find(path);
        const auto body = bodies.find(path);
        return world_.request(
            method, found == paths.end() ? path : found->second,
            path.starts_with("/v1/") ? world_.key(kOfShops.contains(path) ? "shop" : "accountant") : "",
            method == "POST" && body != bodies.end() ? body->second : "",
            method == "POST" && kNeedsKey.contains(path) ? "document" + path : "");
    }
    std::string newest_entry() {
        return std::to_string(parsed(world_.get("/v1/entries?limit=1&event=order", "reader").body)
                                  .find("data")
                                  ->items()
                                  .at(0)
                                  .integer_at("entry")
                                  .value_or(0));
    }

    // What the operation says of this status, by way of its reference; nullptr when it says nothing.
    static const Value* response(const Value& operation, int status) {
        const auto* said = operation.path("responses", std::to_string(status));
        const auto reference = said != nullptr ? said->string_at("$ref") : std::nullopt;
        return reference ? test_support::SchemaCheck(document()).resolve(*reference) : said;
    }

    static void expect_fits(const Value& operation, const Answer& answer, const std::string& what) {
        const auto* said = response(operation, answer.status);
        ASSERT_NE(said, nullptr) << what << " does not say " << answer.status << ": " << answer.body;
        const auto type = answer.header("content-type");
        const auto* schema = said->path("content", type, "schema");
        if (said->find("content") != nullptr) {
            ASSERT_NE(schema, nullptr) << what << " " << answer.status << " does not say " << type;
            EXPECT_EQ(test_support::SchemaCheck(document()).complaint(*schema, parsed(answer.body)), "")
                << what << ": " << answer.body;
        }
        if (const auto* headers = said->find("headers")) {
            for (const auto& [name, schema_of_it] : headers->members()) {
                std::string lower = name;
                std::transform(lower.begin(), lower.end(), lower.begin(),
                               [](char c) { return static_cast<char>(std::tolower(c)); });
                EXPECT_NE(answer.header(lower), "") << what << " " << answer.status << " lacks " << name;
            }
        }
    }
};

TEST_F(Document, IsTrueOfEveryOperation) {
    int operations = 0;
    for (const auto& [path, methods] : document().find("paths")->members()) {
        for (const auto& [method, operation] : methods.members()) {
            std::string upper = method;
            std::transform(upper.begin(), upper.end(), upper.begin(),
                           [](char c) { return static_cast<char>(std::toupper(c)); });
            const auto answer = called(upper, path);
            expect_fits(operation, answer, upper + " " + path);
            if (path.starts_with("/v1/")) {
                EXPECT_LT(answer.status, 300) << upper << " " << path << ": " << answer.body;
            }
            ++operations;
        }
    }
    EXPECT_GE(operations, 45);
    EXPECT_EQ(complaints(), "");
}

TEST_F(Document, IsTrueOfEveryRefusal) {
    for (const auto& route : api::routes()) {
        std::string method(route.method);
        std::transform(method.begin(), method.end(), method.begin(),
                       [](char c) { return static_cast<char>(std::tolower(c)); });
        const auto* operation = document().path("paths", route.path, method);
        ASSERT_NE(operation, nullptr) << route.path;
        std::string path(route.path);
        for (auto at = path.find('{'); at != std::string::npos; at = path.find('{')) {
            path.replace(at, path.find('}') + 1 - at, "nobody");
        }
        const auto expect = [&](int status, const Answer& answer) {
            EXPECT_EQ(answer.status, status) << path << ": " << answer.body;
            expect_fits(*operation, answer, std::string(route.method) + " " + path);
        };
        const std::string own_method(route.method);
        const bool has_parameter = path != route.path;
        expect(401, world_.request(own_method, path, ""));
        expect(403, world_.request(own_method, path, world_.key("made-up"), "{}"));
        if (own_method == "POST") {
            auto numbered = std::string(route.path);
            if (const auto at = numbered.find("{id}"); at != std::string::npos) {
                numbered.replace(at, 4, "1");
            }
            expect(400, world_.request("POST", numbered, world_.key(kOfShops.contains(path) ? "shop" : "accountant"),
                                       "[]", "refused"));
            expect(413, world_.request("POST", path, world_.key("shop"), std::string(70'000, ' ')));
        } else if (!has_parameter) {
            expect(400, world_.request("GET", path + "?limit=0", world_.key("reader")));
        } else {
            expect(404, world_.request("GET", path, world_.key("reader")));
        }
    }
}

TEST_F(Document, HasEveryRouteAndNoOther) {
    std::set<std::string> documented;
    for (const auto& [path, methods] : document().find("paths")->members()) {
        for (const auto& [method, operation] : methods.members()) {
            if (path.starts_with("/v1/")) {
                documented.insert(method + " " + path);
            }
        }
    }
    std::set<std::string> known;
    for (const auto& route : api::routes()) {
        known.insert((route.method == "GET" ? "get " : "post ") + std::string(route.path));
    }
    EXPECT_EQ(documented, known);
}

// Parameters, too: what the service refuses as unknown must not stand there, and what stands there is taken.
TEST_F(Document, NamesParametersThatAreTaken) {
    for (const auto& [path, methods] : document().find("paths")->members()) {
        const auto* get = methods.find("get");
        if (!path.starts_with("/v1/") || path.find('{') != std::string::npos || get == nullptr) {
            continue;
        }
        for (const auto& parameter : get->find("parameters")->items()) {
            if (parameter.find("$ref") != nullptr) {
                continue;
            }
            const auto& schema = *parameter.find("schema");
            const auto* words = schema.find(schema.find("enum") != nullptr ? "enum" : "examples");
            const auto format = schema.string_at("format").value_or("");
            const std::string value = format == "date"        ? "2026-11-18"
                                      : format == "date-time" ? "2026-11-18T09:00:00Z"
                                      : words != nullptr      ? std::string(*words->items()[0].string())
                                                              : "order";
            const auto answer = world_.get(path + "?" + text_at(parameter, "name") + "=" + value, "reader");
            EXPECT_EQ(answer.status, 200) << path << " " << text_at(parameter, "name") << answer.body;
        }
    }
}

void expect_examples_fit(const Value& at, const std::string& where, int& seen) {
    static const auto document = parsed(e2e::Client(ApiWorld::the().port()).get("/openapi.json").body);
    if (at.find("example") != nullptr && at.find("schema") != nullptr) {
        EXPECT_EQ(test_support::SchemaCheck(document).complaint(*at.find("schema"), *at.find("example")), "") << where;
        ++seen;
    }
    for (const auto& [name, member] : at.members()) {
        expect_examples_fit(member, where + "/" + name, seen);
    }
    for (const auto& item : at.items()) {
        expect_examples_fit(item, where, seen);
    }
}

TEST_F(Document, HasExamplesThatFit) {
    int seen = 0;
    expect_examples_fit(document(), "", seen);
    EXPECT_GE(seen, 6);
}

TEST(SchemaCheck, ComplainsOfWhatDoesNotFit) {
    const auto schema = parsed(
        R"({"type":"object","required":["a"],"additionalProperties":false,"properties":{"a":{"type":"integer","minimum":1},
            "day":{"type":"string","format":"date"},"list":{"type":"array","items":{"enum":["x"]}}}})");
    const test_support::SchemaCheck check(schema);
    EXPECT_EQ(check.complaint(schema, parsed(R"({"a":1,"day":"2026-11-18","list":["x"]})")), "");
    for (const char* bad : {R"({})", R"({"a":"1"})", R"({"a":0})", R"({"a":1,"b":2})", R"({"a":1,"day":"2026-02-30"})",
                            R"({"a":1,"list":["x","y"]})", R"([])"}) {
        EXPECT_NE(check.complaint(schema, parsed(bad)), "") << bad;
    }
    EXPECT_NE(check.complaint(parsed(R"({"unheardOf":1})"), parsed("1")), "");
}

}  // namespace
}  // namespace server

// The service, answering over HTTP in this program, with two tenants, keys for them, and a clock that the test turns.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "core/files.h"
#include "core/json/reader.h"
#include "core/log.h"
#include "server/api_keys.h"
#include "server/demo.h"
#include "server/nightly.h"
#include "server/serve.h"
#include "tests/e2e/service/client.h"
#include "tests/support/movements.h"

namespace server {

using core::json::Value;
using e2e::Answer;
using e2e::Headers;

inline Value parsed(const std::string& text) {
    auto value = core::json::parse(text);
    EXPECT_TRUE(value) << "no JSON: " << text;
    return value ? std::move(*value) : Value::make_null();
}

inline std::string payout_json(std::int64_t minor) {
    return R"({"party":"payable:courier","bank":"bank:main","description":"week 48","amount":{"amount":)" +
           std::to_string(minor) + R"(,"currency":"CNY"}})";
}

inline std::string text_at(const Value& value, std::string_view name) {
    return std::string(value.string_at(name).value_or("(none)"));
}

class ApiWorld {
public:
    static ApiWorld& the() {
        static ApiWorld world;
        return world;
    }

    const std::string& tenant() const { return world_.channels.front().tenant; }
    const std::string& other_tenant() const { return world_.channels.back().tenant; }
    Application& application() { return application_; }
    const core::FixedClock& clock() const { return clock_; }
    void set_clock(core::Instant now) { clock_.set(now); }
    std::uint16_t port() const { return service_.port(); }

    // A key of that role, made when first asked for.
    const std::string& key(const std::string& role, bool of_other_tenant = false) {
        auto& text = keys_[role + (of_other_tenant ? " of the other" : "")];
        if (text.empty()) {
            text = make_key(role, of_other_tenant ? other_tenant() : tenant()).text.reveal();
        }
        return text;
    }
    NewApiKey make_key(const std::string& role, const std::string& tenant) {
        auto made = make_api_key(core::TenantId(tenant), "", role, clock_.now(), std::nullopt);
        core::db::TenantTransaction transaction(application_.database(), core::TenantId(tenant));
        store_api_key(transaction, made.key);
        transaction.commit();
        return made;
    }

    // As a caller does who waits when told to.
    Answer request(const std::string& method, const std::string& path, const std::string& key,
                   const std::string& body = {}, const std::string& idempotency_key = {}) const {
        auto answer = asked_once(method, path, key, body, idempotency_key);
        for (int i = 0; i < 20 && answer.status == 429; ++i) {
            std::this_thread::sleep_for(std::chrono::seconds(std::stoi(answer.header("retry-after"))));
            answer = asked_once(method, path, key, body, idempotency_key);
        }
        return answer;
    }
    Answer asked_once(const std::string& method, const std::string& path, const std::string& key,
                      const std::string& body = {}, const std::string& idempotency_key = {}) const {
        Headers headers;
        if (!key.empty()) {
            headers.emplace_back("Authorization", "Bearer " + key);
        }
        if (method == "POST") {
            headers.emplace_back("Content-Type", "application/json");
        }
        if (!idempotency_key.empty()) {
            headers.emplace_back("Idempotency-Key", idempotency_key);
        }
        return e2e::Client(port()).request(method, path, headers, body);
    }
    Answer get(const std::string& path, const std::string& role) { return request("GET", path, key(role)); }
    Answer post(const std::string& path, const std::string& role, const std::string& body,
                const std::string& idempotency_key = {}) {
        return request("POST", path, key(role), body, idempotency_key);
    }

    // A captured payment of Stripe's, as a verified callback tells it.
    void pays(const std::string& id, std::int64_t minor, const std::string& order) {
        const auto told =
            test_support::message("event-" + id, {test_support::payment(id, test_support::cny(minor), order)});
        const auto request = test_support::request_of(told);
        application_.intake().take_in({core::TenantId(tenant()), "stripe", &told, &request});
    }

    // Money on an account that nothing else is done with, so that it can be held.
    void funds(const std::string& account, std::int64_t minor) {
        const auto amount = std::to_string(minor);
        const auto posted =
            post("/v1/entries", "accountant",
                 R"({"business_date":"2026-11-18","description":"funds","legs":[{"account":"bank:main",)"
                 R"("amount":{"amount":)" +
                     amount + R"(,"currency":"CNY"}},{"account":")" + account + R"(","currency":"CNY","amount":-)" +
                     amount + "}]}",
                 "funds-" + account);
        EXPECT_LT(posted.status, 202) << posted.body;
    }
    // The number of a hold of payable:held, under that key.
    std::int64_t held(const std::string& key, std::int64_t minor);
    // A payout of what the courier is owed, owed first; its number.
    std::string proposes(std::int64_t minor, const std::string& idempotency_key) {
        const auto leg = [&](const char* account, std::int64_t amount) {
            return R"({"account":")" + std::string(account) + R"(","amount":{"amount":)" + std::to_string(amount) +
                   R"(,"currency":"CNY"}})";
        };
        const auto owed = post("/v1/entries", "accountant",
                               R"({"business_date":"2026-11-18","description":"owed","legs":[)" +
                                   leg("bank:main", 2 * minor) + "," + leg("payable:courier", -2 * minor) + "]}",
                               "owed-for-" + idempotency_key);
        EXPECT_LT(owed.status, 300) << owed.body;
        const auto payout = post("/v1/payouts", "accountant", payout_json(minor), idempotency_key);
        EXPECT_LT(payout.status, 300) << payout.body;
        return std::to_string(parsed(payout.body).integer_at("payout").value_or(0));
    }

    // The days whose statements lie there, reconciled once; the id of one of the first tenant's.
    const std::string& reconciled() {
        if (run_.empty()) {
            for (const auto& day : run_nightly(application_, clock_, {{}, ""}, [](const auto&) {})) {
                if (day.tenant == tenant() && day.outcome == NightlyDay::Outcome::reconciled) {
                    run_ = day.channel + ":" + core::format_day(day.date);
                }
            }
        }
        return run_;
    }

    // Every page of a list, one row a line as `name` tells it.
    std::vector<std::string> walk(
        const std::string& path, const std::string& role, std::string_view name,
        const std::function<void(std::size_t page)>& between = [](std::size_t) {}) {
        std::vector<std::string> rows;
        std::string cursor;
        for (std::size_t pages = 1; pages < 1000; ++pages) {
            const auto answer =
                get(path + (cursor.empty() ? "" : (path.find('?') == std::string::npos ? "?" : "&") + cursor), role);
            EXPECT_EQ(answer.status, 200) << answer.body;
            const auto body = parsed(answer.body);
            for (const auto& row : body.find("data")->items()) {
                const auto number = row.integer_at(name);
                rows.push_back(number ? std::to_string(*number) : text_at(row, name));
            }
            if (body.find("next_cursor")->is_null()) {
                return rows;
            }
            cursor = "cursor=" + text_at(body, "next_cursor");
            between(pages);
        }
        ADD_FAILURE() << "the list has no end";
        return rows;
    }

private:
    ApiWorld() { core::set_log_level(core::LogLevel::error); }

    // The first tenant's customers pay 2 fen a call, at least 1 yuan a day; and it has an account at a bank.
    static std::filesystem::path with_plan(const std::filesystem::path& configuration) {
        auto text = core::read_file(configuration, 1U << 20U);
        const std::string tenant = "[[tenant]]\n";
        const auto second = text.find(tenant, text.find(tenant) + 1);
        text.insert(second,
                    "[[tenant.plan]]\nname = \"api\"\ncurrency = \"CNY\"\nperiod = \"day\"\nminimum = 100\n"
                    "prices = [ { event = \"call\", amount = 2 }, { event = \"scan\", amount = 1, per = 1000 } ]\n\n"
                    "[[tenant.bank]]\nname = \"listed\"\ncurrency = \"CNY\"\nnumber = \"6222000012345678\"\n"
                    "format = \"mt940\"\n\n");
        core::write_file(configuration, text);
        return configuration;
    }

    test_support::TestFolder folder_;
    core::FixedClock clock_{core::SystemClock().now()};
    DemoWorld world_ = make_demo_world(folder_.path(), 60, 5, clock_.now());
    Application application_{with_plan(world_.configuration)};
    Service service_{application_, clock_};
    std::map<std::string, std::string> keys_;
    std::string run_;
};

// A POST body for an order; `more` begins with a comma.
inline std::string order_json(const std::string& id, std::int64_t minor, const std::string& more = {}) {
    return R"({"merchant_order_id":")" + id + R"(","amount":{"amount":)" + std::to_string(minor) +
           R"(,"currency":"CNY"})" + more + "}";
}

inline std::string entry_json(std::int64_t minor, const std::string& description = "rent") {
    const auto amount = std::to_string(minor);
    return R"({"business_date":"2026-11-18","description":")" + description +
           R"(","legs":[{"account":"expense:rent","amount":{"amount":)" + amount +
           R"(,"currency":"CNY"}},{"account":"bank:main","currency":"CNY","amount":-)" + amount + "}]}";
}

inline std::string hold_json(std::int64_t minor, const std::string& more = {},
                             const std::string& account = "payable:held") {
    return R"({"account":")" + account + R"(","to":"bank:main","description":"payout","amount":{"amount":)" +
           std::to_string(minor) + R"(,"currency":"CNY"})" + more + "}";
}

// A charge of a call; `more` begins with a comma.
inline std::string charge_json(const std::string& customer, const std::string& more = {}) {
    return R"({"customer":")" + customer + R"(","plan":"api")" + more + "}";
}

inline std::int64_t ApiWorld::held(const std::string& key, std::int64_t minor) {
    funds("payable:held", 1'000'000);
    const auto made = post("/v1/holds", "accountant", hold_json(minor, R"(,"minutes":100000)"), key);
    EXPECT_LT(made.status, 202) << made.body;
    return parsed(made.body).integer_at("hold").value_or(0);
}

class WithApi : public testing::Test {
protected:
    ApiWorld& world_ = ApiWorld::the();

    // Of the first tenant's books; empty when they are right.
    std::string complaints() {
        core::db::TenantTransaction transaction(world_.application().database(), core::TenantId(world_.tenant()));
        std::string text;
        for (const auto& breach : ledger::verify(transaction).breaches) {
            text += breach + "\n";
        }
        return text;
    }
};

}  // namespace server

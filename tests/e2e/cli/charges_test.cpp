// duizhang charges import, top-up, close, statement: a tenant that sells calls, from its configuration to its books.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/e2e/cli/desk.h"

namespace e2e {
namespace {

using testing::HasSubstr;

constexpr const char* kTenant = R"(
[[tenant]]
id = "seller"
currency = "CNY"

[[tenant.plan]]
name = "api"
currency = "CNY"
minimum = 100
prices = [ { event = "call", per = 1000, tiers = [ { up_to = 1000, amount = 15000 }, { amount = 9000 } ] },
           { event = "report", amount = 250 } ]
)";

// A configuration and a database of its own, which stays up while the program runs.
class Counter {
public:
    static const Counter& get() {
        static const Counter counter;
        return counter;
    }
    Ran run(std::vector<std::string> words) const { return test_support::duizhang(folder_.path(), std::move(words)); }
    Ran charges(std::vector<std::string> words) const {
        words.insert(words.begin(), {"--json", "charges"});
        words.insert(words.end(), {"--tenant", "seller"});
        return run(std::move(words));
    }
    std::string file(const std::string& name, const std::string& text) const {
        test_support::write_text(folder_.path() / name, text);
        return (folder_.path() / name).string();
    }

private:
    Counter() {
        const auto made = run({"init"});
        if (made.status != 0) {
            throw std::runtime_error("init: " + made.err);
        }
        const auto configuration = folder_.path() / "duizhang.toml";
        test_support::write_text(configuration, test_support::text_of(configuration) + kTenant);
        server_ = std::make_unique<core::db::EmbeddedCluster>(folder_.path() / "var" / "postgres");
    }

    test_support::TestFolder folder_;
    std::unique_ptr<core::db::EmbeddedCluster> server_;
};

core::json::Value parsed(const Ran& ran, int status = 0) {
    EXPECT_EQ(ran.status, status) << ran.err;
    auto value = core::json::parse(ran.out);
    EXPECT_TRUE(value) << ran.out;
    return value ? *std::move(value) : core::json::Value();
}

std::string line(const std::string& key, const std::string& customer, const std::string& more) {
    return R"({"source_key":")" + key + R"(","customer":")" + customer + R"(","plan":"api")" + more + "}\n";
}

Ran tops_up(const char* customer, const char* key, const char* amount) {
    return Counter::get().charges(
        {"top-up", "--customer", customer, "--key", key, "--from", "bank:main", "--amount", amount});
}

TEST(ChargesCommands, ChargeWhatAFileSaysAndNameWhatTheyRefuse) {
    const auto& counter = Counter::get();
    EXPECT_EQ(parsed(tops_up("c-1", "t1", "1000")).integer_at("available"), 1000);
    EXPECT_EQ(parsed(tops_up("c-1", "t1", "1000")).boolean_at("already_there"), true);
    EXPECT_EQ(tops_up("c-1", "t1", "1001").status, 3);

    const auto file = counter.file("usage.jsonl", line("a", "c-1", R"(,"quantity":10,"at":"2026-10-05T00:00:00Z")") +
                                                      line("b", "c-1", R"(,"event":"report","quantity":4)") + "\n" +
                                                      line("c", "c-1", R"(,"event":"report")") +
                                                      line("d", "c-1", R"(,"event":"report")"));
    const auto told = parsed(counter.charges({"import", file}), 1);
    EXPECT_EQ(told.integer_at("charged"), 3);
    EXPECT_EQ(told.path("amounts", "CNY")->integer(), 650);
    ASSERT_EQ(told.find("refused")->items().size(), 1U);
    const auto& refused = told.find("refused")->items().front();
    EXPECT_EQ(refused.integer_at("line"), 2);
    EXPECT_EQ(refused.string_at("reason"), "spent");
    EXPECT_EQ(refused.integer_at("amount"), 1000);
    EXPECT_EQ(refused.integer_at("left"), 850);

    const auto again = parsed(counter.charges({"import", file}), 1);
    EXPECT_EQ(again.integer_at("charged"), 0);
    EXPECT_EQ(again.integer_at("already_there"), 3);
    EXPECT_THAT(counter.run({"charges", "import", "--tenant", "seller", file}).out,
                HasSubstr("usage.jsonl:2: spent, costs 1000, 350 left"));
    EXPECT_EQ(counter.run({"ledger", "verify", "--tenant", "seller"}).status, 0);
}

TEST(ChargesCommands, CloseAPeriodWithItsMinimum) {
    const auto& counter = Counter::get();
    const std::string in_october = R"(,"at":"2026-10-31T23:59:59Z")";
    parsed(tops_up("c-2", "t2", "100"));
    parsed(tops_up("c-3", "t3", "15"));
    parsed(counter.charges(
        {"import", counter.file("october.jsonl", line("e", "c-2", in_october) + line("f", "c-3", in_october))}));
    const auto close = [&] { return counter.charges({"close", "--plan", "api", "--period", "2026-10-01"}); };
    const auto closed = parsed(close(), 1);
    std::map<std::string, std::string> outcomes;
    for (const auto& one : closed.find("customers")->items()) {
        outcomes[std::string(one.string_at("customer").value())] =
            std::string(one.string_at("outcome").value()) + " " + std::to_string(one.integer_at("amount").value());
    }
    EXPECT_EQ(outcomes["c-2"], "charged 85");
    EXPECT_EQ(outcomes["c-3"], "spent 85");
    parsed(tops_up("c-3", "t4", "85"));
    EXPECT_EQ(parsed(close()).find("customers")->items().size(), 1U);
    EXPECT_EQ(parsed(close()).find("customers")->items().size(), 0U);
    const auto late = parsed(counter.charges({"import", counter.file("late.jsonl", line("g", "c-2", in_october))}), 1);
    EXPECT_EQ(late.find("refused")->items().front().string_at("reason"), "closed");

    const auto statement = parsed(counter.charges({"statement", "--customer", "c-2"}));
    ASSERT_EQ(statement.find("usage")->items().size(), 2U);
    EXPECT_EQ(statement.find("usage")->items()[0].integer_at("amount"), 15);
    EXPECT_EQ(statement.find("usage")->items()[1].integer_at("amount"), 85);
    ASSERT_EQ(statement.find("lines")->items().size(), 3U);
    EXPECT_EQ(statement.find("lines")->items()[0].integer_at("balance"), 100);
    EXPECT_EQ(statement.find("lines")->items()[2].integer_at("amount"), -85);
    EXPECT_EQ(statement.find("lines")->items()[2].integer_at("balance"), 0);
    EXPECT_EQ(counter.run({"ledger", "verify", "--tenant", "seller"}).status, 0);
}

TEST(ChargesCommands, TakeNothingOfAFileThatIsWrong) {
    const auto& counter = Counter::get();
    parsed(tops_up("c-5", "t5", "1000"));
    const auto wrong = [&](const std::string& more) {
        const auto ran = counter.charges({"import", counter.file("wrong.jsonl", line("w", "c-5", "") + more)});
        EXPECT_EQ(ran.status, 3);
        return ran.err;
    };
    EXPECT_THAT(wrong(line("x", "c-5", R"(,"event":"fax")")), HasSubstr("wrong.jsonl:2: event: the plan has no price"));
    EXPECT_THAT(wrong(line("x", "c-5", R"(,"quantity":0)")), HasSubstr("wrong.jsonl:2: quantity: must be"));
    EXPECT_THAT(wrong(line("x", "c-5", R"(,"quantity":1.5)")), HasSubstr("wrong.jsonl:2: quantity: must be"));
    EXPECT_THAT(wrong(line("x", "C 5", "")), HasSubstr("wrong.jsonl:2: customer: must be"));
    EXPECT_THAT(wrong(line("w", "c-5", "")), HasSubstr("wrong.jsonl:2: source_key: stands in line 1 already"));
    EXPECT_THAT(wrong("{\n"), HasSubstr("wrong.jsonl:2: "));
    const auto card = wrong(line("x", "4242424242424242", ""));
    EXPECT_THAT(card, HasSubstr("customer: must be"));
    EXPECT_THAT(card, testing::Not(HasSubstr("4242424242424242")));
    EXPECT_EQ(parsed(counter.charges({"statement", "--customer", "c-5"})).find("usage")->items().size(), 0U);
}

TEST(ChargesCommands, SayWhatIsWrongWithTheirWords) {
    const auto& counter = Counter::get();
    const auto today = core::format_rfc3339(core::SystemClock().now()).substr(0, 8) + "01";
    EXPECT_EQ(counter.charges({"close", "--plan", "api", "--period", today}).status, 2);
    EXPECT_EQ(counter.charges({"close", "--plan", "api", "--period", "2026-10-02"}).status, 2);
    EXPECT_EQ(counter.charges({"close", "--plan", "fax", "--period", "2026-10-01"}).status, 2);
    EXPECT_EQ(counter.charges({"statement", "--customer", "C 5"}).status, 2);
    EXPECT_EQ(
        counter.charges({"top-up", "--customer", "c-5", "--key", "k", "--from", "income:x", "--amount", "1"}).status,
        2);
    EXPECT_EQ(tops_up("c-5", "k", "0").status, 2);
}

}  // namespace
}  // namespace e2e

// duizhang ledger hold, commit, void, holds, limit: from the command line, on a tenant's books.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/cli/desk.h"

namespace e2e {
namespace {

using testing::HasSubstr;

// What it posts is undone at its end, so that the other tests' figures stay what they are.
class HoldCommands : public testing::Test {
protected:
    HoldCommands() {
        const std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
        post("\"funds of " + test + "\"", 5000, "funds");
    }
    void TearDown() override {
        for (const auto& entry : posted_) {
            EXPECT_EQ(ledger({"reverse", entry, "--description", "the test is over"}).status, 0);
        }
        EXPECT_EQ(ledger({"verify"}).status, 0);
    }

    static Ran ledger(std::vector<std::string> words) {
        const auto& desk = Desk::get();
        words.insert(words.begin(), {"--json", "ledger"});
        words.insert(words.end(), {"--tenant", desk.tenant()});
        return desk.run(words);
    }
    static core::json::Value parsed(const Ran& ran) {
        EXPECT_EQ(ran.status, 0) << ran.err;
        const auto value = core::json::parse(ran.out);
        EXPECT_TRUE(value) << ran.out;
        return value ? *value : core::json::Value();
    }
    Ran post(const std::string& key, std::int64_t minor, const std::string& name) {
        const auto file = (Desk::get().place() / (name + ".jsonl")).string();
        test_support::write_text(file, R"({"source_key":)" + key +
                                           R"(,"business_date":"2026-11-30","description":"d","legs":[)"
                                           R"({"account":"bank:safe","currency":"CNY","amount":)" +
                                           std::to_string(minor) +
                                           R"(},{"account":"income:other","currency":"CNY","amount":)" +
                                           std::to_string(-minor) + "}]}\n");
        const auto ran = ledger({"post", file});
        if (ran.status == 0) {
            const auto told = parsed(ran);
            for (const auto& id : told.find("posted")->items()) {
                posted_.push_back(std::to_string(id.integer().value()));
            }
        }
        return ran;
    }
    static Ran hold(const std::string& key, const char* amount) {
        return ledger({"hold", "--key", key, "--account", "bank:safe", "--to", "payable:seller", "--currency", "CNY",
                       "--amount", amount, "--description", "paid with 4242424242424242"});
    }
    static core::json::Value balance() {
        return parsed(ledger({"balance", "--account", "bank:safe"})).find("balances")->items().at(0);
    }

    std::vector<std::string> posted_;
};

TEST_F(HoldCommands, HoldCommitAndVoidOnce) {
    const auto held = parsed(hold("h1", "1200"));
    EXPECT_EQ(held.boolean_at("already"), false);
    EXPECT_EQ(held.find("hold")->string_at("state"), "pending");
    EXPECT_THAT(std::string(held.find("hold")->string_at("description").value()),
                testing::StartsWith("paid with 424242******4242~"));
    EXPECT_EQ(parsed(hold("h1", "1200")).boolean_at("already"), true);
    parsed(hold("h2", "800"));
    EXPECT_EQ(balance().integer_at("posted"), 5000);
    EXPECT_EQ(balance().integer_at("held"), 2000);
    EXPECT_EQ(balance().integer_at("available"), 3000);
    const auto spent = hold("h3", "3001");
    EXPECT_EQ(spent.status, 3);
    EXPECT_THAT(spent.err, HasSubstr("hold h3: only 3000 can be taken: 5000 posted, 2000 held"));

    const auto entry = parsed(ledger({"commit", "h1", "--amount", "700"})).find("hold")->integer_at("entry").value();
    posted_.push_back(std::to_string(entry));
    EXPECT_EQ(parsed(ledger({"commit", "h1"})).boolean_at("already"), true);
    const auto voided = ledger({"void", "h1"});
    EXPECT_EQ(voided.status, 3);
    EXPECT_THAT(voided.err, HasSubstr("already posted by entry " + std::to_string(entry) + ", with 700"));
    EXPECT_EQ(parsed(ledger({"void", "h2"})).boolean_at("already"), false);
    EXPECT_EQ(ledger({"commit", "h2"}).status, 3);
    EXPECT_EQ(balance().integer_at("available"), 4300);

    const auto all = parsed(ledger({"holds", "--account", "bank:safe"}));
    ASSERT_EQ(all.find("holds")->items().size(), 2U);
    EXPECT_EQ(all.find("holds")->items()[0].string_at("state"), "voided");
    EXPECT_EQ(all.find("holds")->items()[1].integer_at("posted"), 700);
    EXPECT_EQ(parsed(ledger({"holds", "--state", "pending"})).find("holds")->items().size(), 0U);
    EXPECT_EQ(parsed(ledger({"expire"})).integer_at("expired"), 0);
}

TEST_F(HoldCommands, LimitWhatIsPostedByHand) {
    const auto overdraft = [](std::vector<std::string> words) {
        words.insert(words.begin(), {"limit", "--account", "bank:safe", "--currency", "CNY"});
        return ledger(words);
    };
    EXPECT_EQ(parsed(overdraft({"--overdraft", "1000", "--by", "li"})).integer_at("overdraft"), 1000);
    EXPECT_EQ(balance().integer_at("overdraft"), 1000);
    const auto spent = post(R"("spent")", -6001, "spent");
    EXPECT_EQ(spent.status, 3);
    EXPECT_THAT(spent.err,
                HasSubstr("bank:safe: 6001 would be taken, and 5000 is available with an overdraft of 1000"));
    EXPECT_EQ(balance().integer_at("posted"), 5000) << "nothing of the file is posted";
    EXPECT_EQ(post(R"("spent")", -6000, "spent").status, 0);
    EXPECT_EQ(ledger({"reverse", posted_.front(), "--description", "would take 5000"}).status, 3);

    EXPECT_TRUE(parsed(overdraft({"--none"})).find("overdraft")->is_null());
    const auto set = parsed(ledger({"limits"}));
    ASSERT_EQ(set.find("limits")->items().size(), 2U);
    EXPECT_EQ(set.find("limits")->items()[1].string_at("set_by"), "li");
    EXPECT_EQ(overdraft({}).status, 2);
    EXPECT_EQ(overdraft({"--none", "--overdraft", "1"}).status, 2);
}

TEST_F(HoldCommands, SayWhatIsWrongWithTheirWords) {
    EXPECT_EQ(ledger({"void", "nobody"}).status, 3);
    EXPECT_EQ(
        ledger({"hold", "--key", "k", "--account", "cash", "--to", "bank:b", "--amount", "1", "--description", "d"})
            .status,
        2);
    EXPECT_EQ(
        ledger({"hold", "--key", "k", "--account", "bank:b", "--to", "bank:b", "--amount", "1", "--description", "d"})
            .status,
        2);
    EXPECT_EQ(hold("k", "0").status, 2);
    EXPECT_EQ(ledger({"holds", "--state", "gone"}).status, 2);
    EXPECT_THAT(Desk::get().run({"ledger", "hold", "--help"}).out, HasSubstr("--minutes"));
}

}  // namespace
}  // namespace e2e

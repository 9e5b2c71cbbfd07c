// duizhang ledger payout: from the command line, on a tenant's books.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "tests/e2e/cli/desk.h"

namespace e2e {
namespace {

using testing::HasSubstr;

// A party of each test's own is owed 5000; what is posted is undone at its end, so that the other tests' figures stay.
class PayoutCommands : public testing::Test {
protected:
    PayoutCommands() : party_(testing::UnitTest::GetInstance()->current_test_info()->name()) {
        std::transform(party_.begin(), party_.end(), party_.begin(),
                       [](char c) { return static_cast<char>(std::tolower(c)); });
        const auto file = (Desk::get().place() / (party_ + ".jsonl")).string();
        test_support::write_text(file, R"({"source_key":"owed to )" + party_ +
                                           R"(","business_date":"2026-11-30","description":"d","legs":[)"
                                           R"({"account":"bank:safe","currency":"CNY","amount":5000},)"
                                           R"({"account":"payable:)" +
                                           party_ + R"(","currency":"CNY","amount":-5000}]})" + "\n");
        const auto told = parsed(ledger({"post", file}));
        owed_ = std::to_string(told.find("posted")->items().at(0).integer().value());
    }
    void TearDown() override {
        EXPECT_EQ(ledger({"reverse", owed_, "--description", "the test is over"}).status, 0);
        EXPECT_EQ(ledger({"verify"}).status, 0);
    }

    static Ran ledger(std::vector<std::string> words, bool as_json = true) {
        const auto& desk = Desk::get();
        words.insert(words.begin(), "ledger");
        if (as_json) {
            words.insert(words.begin(), "--json");
        }
        words.insert(words.end(), {"--tenant", desk.tenant()});
        return desk.run(words);
    }
    static Ran payout(std::vector<std::string> words, bool as_json = true) {
        words.insert(words.begin(), "payout");
        return ledger(std::move(words), as_json);
    }
    static core::json::Value parsed(const Ran& ran) {
        EXPECT_EQ(ran.status, 0) << ran.err;
        const auto value = core::json::parse(ran.out);
        EXPECT_TRUE(value) << ran.out;
        return value ? *value : core::json::Value();
    }
    Ran propose(const std::string& key, const char* amount, const char* description = "paid with 4242424242424242") {
        return payout({"propose", "--key", key, "--party", party_, "--bank", "safe", "--currency", "CNY", "--amount",
                       amount, "--description", description, "--by", "mei"});
    }
    static std::string state(const Ran& ran) {
        return std::string(parsed(ran).find("payout")->string_at("state").value_or("?"));
    }

    std::string party_;
    std::string owed_;
};

TEST_F(PayoutCommands, PayOnceAndSaySo) {
    const auto proposed = parsed(propose("p1", "5000"));
    EXPECT_EQ(proposed.boolean_at("already"), false);
    EXPECT_THAT(std::string(proposed.find("payout")->string_at("description").value()),
                testing::StartsWith("paid with 424242******4242~"));
    EXPECT_EQ(parsed(propose("p1", "5000")).boolean_at("already"), true);
    const auto again = propose("p2", "1");
    EXPECT_EQ(again.status, 3);
    EXPECT_THAT(again.err, HasSubstr("payout p2: only 0 (minor units) is owed"));

    const auto alone = payout({"approve", "p1", "--by", "mei"});
    EXPECT_EQ(alone.status, 3);
    EXPECT_THAT(alone.err, HasSubstr("who proposed a payout can't approve it"));
    EXPECT_EQ(payout({"send", "p1"}).status, 3);
    EXPECT_FALSE(parsed(payout({"show", "p1"})).find("request_key")) << "not before it is approved";
    EXPECT_EQ(state(payout({"approve", "p1", "--by", "li"})), "approved");
    const auto request_key = std::string(parsed(payout({"show", "p1"})).string_at("request_key").value());
    EXPECT_THAT(payout({"show", "p1"}, false).out,
                testing::AllOf(HasSubstr("request key " + request_key),
                               HasSubstr("end-to-end id " + request_key.substr(0, 32) + "\n")));
    EXPECT_THAT(payout({"export"}, false).out, HasSubstr("," + request_key.substr(0, 32) + "\r\n"));
    EXPECT_EQ(state(payout({"send", "p1"})), "sent");
    EXPECT_EQ(state(payout({"confirm", "p1", "--reason", "bank reference 17"})), "confirmed");
    EXPECT_EQ(parsed(payout({"confirm", "p1"})).boolean_at("already"), true);
    EXPECT_EQ(payout({"return", "p1"}).status, 2) << "why is to be said";
    EXPECT_EQ(state(payout({"return", "p1", "--reason", "account closed"})), "returned");

    const auto shown = parsed(payout({"show", "p1"}));
    EXPECT_EQ(shown.find("steps")->items().size(), 5U);
    EXPECT_EQ(shown.string_at("request_key"), request_key) << "for ever";
    EXPECT_EQ(shown.find("steps")->items().at(4).string_at("reason"), "account closed");
    EXPECT_THAT(payout({"show", "p1"}, false).out, HasSubstr("bank reference 17"));
    EXPECT_EQ(payout({"show", "none"}).status, 3);
    EXPECT_EQ(parsed(payout({"list", "--party", party_, "--state", "returned"})).find("payouts")->items().size(), 1U);
    EXPECT_EQ(payout({"list", "--state", "gone"}).status, 2);
}

TEST_F(PayoutCommands, ProposeAllThatIsOwedAndTellTheBank) {
    const auto all = [&](const char* least) {
        const auto told = parsed(payout({"propose", "--all", "--until", "2026-11-30", "--bank", "safe", "--least",
                                         least, "--description", "=week 48", "--by", "mei"}));
        std::string key;
        for (const auto& one : told.find("payouts")->items()) {
            if (one.string_at("party") == "payable:" + party_) {
                key = one.string_at("key").value();
                EXPECT_EQ(one.path("amount", "amount")->integer(), 5000);
            } else {
                EXPECT_EQ(
                    payout({"reject", std::string(one.string_at("key").value()), "--reason", "another test's"}).status,
                    0);
            }
        }
        return key;
    };
    EXPECT_EQ(all("5001"), "");
    const auto key = all("5000");
    EXPECT_EQ(key, "all:2026-11-30:payable:" + party_ + ":CNY");
    EXPECT_EQ(payout({"export"}, false).out,
              "\xEF\xBB\xBFpayout,key,party,bank,amount,currency,description,approved_by,approved_at,end_to_end_id\r\n")
        << "nothing is approved";
    EXPECT_EQ(state(payout({"approve", key, "--by", "li"})), "approved");
    EXPECT_THAT(payout({"export"}, false).out,
                HasSubstr("," + key + ",payable:" + party_ + ",bank:safe,50.00,CNY,'=week 48,li,"));
    EXPECT_EQ(state(payout({"reject", key, "--reason", "the test is over"})), "rejected");
}

TEST_F(PayoutCommands, SayWhatIsWrongWithTheirWords) {
    EXPECT_EQ(payout({"propose", "--bank", "safe", "--description", "d"}).status, 2);
    EXPECT_EQ(payout({"propose", "--all", "--bank", "safe", "--description", "d"}).status, 2);
    EXPECT_EQ(
        payout({"propose", "--all", "--until", "2026-11-30", "--key", "k", "--bank", "safe", "--description", "d"})
            .status,
        2);
    EXPECT_EQ(propose("k", "0").status, 2);
    EXPECT_EQ(payout({"approve", "nobody"}).status, 3);
    EXPECT_THAT(Desk::get().run({"ledger", "payout", "--help"}).out, HasSubstr("export"));
}

}  // namespace
}  // namespace e2e

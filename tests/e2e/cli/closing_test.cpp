// Sealing and closing from the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/command.h"

namespace e2e {
namespace {

using test_support::duizhang;
using test_support::Ran;
using test_support::TestFolder;
using test_support::write_text;
using testing::HasSubstr;

// A shop with books of its own, and a payment of one day that somebody entered by hand.
class ClosingBooks : public testing::Test {
protected:
    ClosingBooks() {
        EXPECT_EQ(run({"init"}).status, 0);
        write_text(place() / "keys" / "stripe.secret", "whsec_" + std::string(32, 'a') + "\n", 0600);
        write_text(place() / "duizhang.toml",
                   test_support::text_of(place() / "duizhang.toml") +
                       "\n[[tenant]]\nid = \"shop\"\nname = \"My shop\"\ncurrency = \"USD\"\n\n[tenant.stripe]\n"
                       "account = \"acct_1MyShop\"\nwebhook_secrets = [\"file:keys/stripe.secret\"]\n"
                       "time_zone = \"UTC\"\n");
        post("first", "2026-11-18", "bank:main");
    }
    const std::filesystem::path& place() const { return folder_.path(); }
    Ran run(std::vector<std::string> words) const { return duizhang(place(), std::move(words)); }
    Ran ledger(std::vector<std::string> words) const {
        words.insert(words.begin(), "ledger");
        words.insert(words.end(), {"--tenant", "shop"});
        return run(std::move(words));
    }
    Ran post(const std::string& key, const std::string& date, const std::string& account) const {
        write_text(place() / "entry.jsonl", "{\"source_key\": \"" + key + "\", \"business_date\": \"" + date +
                                                "\", \"description\": \"by hand\", \"legs\": [{\"account\": \"" +
                                                account +
                                                "\", \"currency\": \"USD\", \"amount\": 500}, {\"account\": "
                                                "\"income:sales\", \"currency\": \"USD\", \"amount\": -500}]}\n");
        return ledger({"post", "entry.jsonl"});
    }

    TestFolder folder_;
};

TEST_F(ClosingBooks, SealsAndPublishes) {
    const auto sealed = ledger({"seal"});
    EXPECT_EQ(sealed.status, 0) << sealed.err;
    EXPECT_THAT(sealed.out, HasSubstr("seal 1: 1 entries up to "));
    EXPECT_TRUE(std::filesystem::exists(place() / "var" / "seals" / "shop" / "000001.json"));
    EXPECT_THAT(ledger({"seal"}).out, HasSubstr("nothing new to seal"));
    EXPECT_EQ(ledger({"verify"}).status, 0);
    const auto key = run({"ledger", "seal-key"});
    EXPECT_EQ(key.status, 0);
    EXPECT_EQ(key.out.size(), 65U);

    // What was published, and the books don't have.
    write_text(place() / "var" / "seals" / "shop" / "000002.json", "{}\n");
    const auto broken = ledger({"seal"});
    EXPECT_EQ(broken.status, 1);
    EXPECT_THAT(broken.out, HasSubstr("000002.json was published, and the books have no such seal"));
    EXPECT_EQ(ledger({"close", "--date", "2026-11-18"}).status, 1);
    EXPECT_EQ(run({"nightly"}).status, 1);
}

TEST_F(ClosingBooks, ClosesForGood) {
    const auto tried = ledger({"close", "--period", "2026-10", "--dry-run"});
    EXPECT_EQ(tried.status, 0) << tried.out << tried.err;
    EXPECT_THAT(tried.out, HasSubstr("2026-10-31 can be closed"));
    EXPECT_THAT(ledger({"closes"}).out, testing::Not(HasSubstr("2026-10-31")));
    const auto closed = ledger({"close", "--date", "2026-11-18"});
    EXPECT_EQ(closed.status, 0) << closed.out << closed.err;
    EXPECT_THAT(closed.out, HasSubstr("closed until 2026-11-18: 1 entries"));
    EXPECT_THAT(ledger({"closes"}).out, HasSubstr("2026-11-18"));
    EXPECT_TRUE(std::filesystem::exists(place() / "var" / "seals" / "shop" / "close-2026-11-18.json"));
    EXPECT_EQ(ledger({"close", "--date", "2026-11-18"}).status, 0) << "again is harmless";

    const auto refused = post("late", "2026-11-18", "bank:main");
    EXPECT_EQ(refused.status, 3);
    EXPECT_THAT(refused.err, HasSubstr("entry.jsonl:1: business_date: 2026-11-18 is closed; date a correction "
                                       "2026-11-19 or later"));
    EXPECT_EQ(post("first", "2026-11-18", "bank:main").status, 0) << "what stands already is there";
    EXPECT_EQ(post("late", "2026-11-19", "bank:main").status, 0);
    EXPECT_EQ(ledger({"reverse", "1", "--description", "oops", "--date", "2026-11-18"}).status, 2);
    EXPECT_EQ(ledger({"verify"}).status, 0);
}

TEST_F(ClosingBooks, SaysWhatIsOpenAndWhoAcceptedIt) {
    post("open", "2026-11-18", "transit:funds:stripe");
    const auto refused = ledger({"close", "--date", "2026-11-18"});
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.out, HasSubstr("transit:funds:stripe: 5.00 USD stands on it, which no bank statement proves; "
                                       "compare it with the bank\n2026-11-18 is not closed"));
    const auto closed = ledger({"close", "--date", "2026-11-18", "--accept-open", "the bank says so, Li"});
    EXPECT_EQ(closed.status, 0) << closed.out << closed.err;
    EXPECT_THAT(run({"--json", "ledger", "closes", "--tenant", "shop"}).out,
                HasSubstr("the bank says so, Li\\ntransit:funds:stripe: 5.00 USD stands on it"));
}

TEST_F(ClosingBooks, SaysHowTheVerifierConnects) {
    const auto connection = run({"ledger", "connection"});
    EXPECT_EQ(connection.status, 0) << connection.err;
    EXPECT_THAT(connection.out, HasSubstr("user=duizhang_service"));
}

TEST_F(ClosingBooks, RefusesADayThatIsNotOverAndWordsItDoesNotKnow) {
    EXPECT_EQ(ledger({"close", "--date", "2999-01-01"}).status, 2);
    EXPECT_EQ(ledger({"close"}).status, 2);
    EXPECT_EQ(ledger({"close", "--date", "2026-11-18", "--period", "2026-11"}).status, 2);
    EXPECT_EQ(ledger({"close", "--period", "2026-13"}).status, 2);
}

}  // namespace
}  // namespace e2e

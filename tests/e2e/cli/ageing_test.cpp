// duizhang ledger ageing, statement: what a shop is owed and owes, by days.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json/reader.h"
#include "tests/support/command.h"

namespace e2e {
namespace {

using test_support::duizhang;
using test_support::Ran;
using test_support::TestFolder;
using test_support::write_text;
using testing::HasSubstr;
using testing::Not;

// A shop that owes a seller since two days, with an order that nobody has paid.
class AgeingBooks : public testing::Test {
protected:
    AgeingBooks() {
        EXPECT_EQ(run({"init"}).status, 0);
        write_text(place() / "keys" / "stripe.secret", "whsec_" + std::string(32, 'a') + "\n", 0600);
        write_text(place() / "duizhang.toml",
                   test_support::text_of(place() / "duizhang.toml") +
                       "\n[[tenant]]\nid = \"shop\"\nname = \"My shop\"\ncurrency = \"USD\"\n\n[tenant.stripe]\n"
                       "account = \"acct_1MyShop\"\nwebhook_secrets = [\"file:keys/stripe.secret\"]\n"
                       "time_zone = \"UTC\"\n");
        write_text(place() / "orders.csv",
                   "merchant_order_id,amount,currency,created_at\nA-1,700,USD,"
                   "2026-09-01T12:00:00Z\n");
        const auto orders = run({"orders", "import", "--tenant", "shop", "orders.csv"});
        EXPECT_EQ(orders.status, 0) << orders.err;
        write_text(place() / "entries.jsonl",
                   entry("2026-08-01", -1000) + entry("2026-11-17", -300) + entry("2026-11-18", 900));
        const auto posted = ledger({"post", "entries.jsonl"});
        EXPECT_EQ(posted.status, 0) << posted.err;
    }
    static std::string entry(const std::string& day, std::int64_t minor) {
        return "{\"source_key\": \"" + day + "\", \"business_date\": \"" + day +
               "\", \"description\": \"by hand\", \"legs\": [{\"account\": \"payable:seller\", \"currency\": \"USD\", "
               "\"amount\": " +
               std::to_string(minor) +
               "}, {\"account\": \"bank:main\", \"currency\": \"USD\", \"amount\": " + std::to_string(-minor) + "}]}\n";
    }
    const std::filesystem::path& place() const { return folder_.path(); }
    Ran run(std::vector<std::string> words) const { return duizhang(place(), std::move(words)); }
    Ran ledger(std::vector<std::string> words) const {
        words.insert(words.begin(), {"--json", "ledger"});
        words.insert(words.end(), {"--tenant", "shop"});
        return run(std::move(words));
    }
    core::json::Value parsed(std::vector<std::string> words) const {
        const auto ran = ledger(std::move(words));
        EXPECT_EQ(ran.status, 0) << ran.err;
        const auto value = core::json::parse(ran.out);
        EXPECT_TRUE(value) << ran.out;
        return value ? *value : core::json::Value();
    }

    TestFolder folder_;
};

TEST_F(AgeingBooks, SayWhatIsOpenAndForHowLong) {
    const auto told = parsed({"ageing", "--date", "2026-11-20", "--items"});
    EXPECT_EQ(told.string_at("as_of"), "2026-11-20");
    const auto accounts = told.find("accounts")->items();
    ASSERT_EQ(accounts.size(), 2U);
    EXPECT_EQ(accounts[0].string_at("account"), "payable:seller");
    EXPECT_EQ(accounts[0].integer_at("current"), 0);
    EXPECT_EQ(accounts[0].integer_at("days_1_to_30"), -300);
    EXPECT_EQ(accounts[0].integer_at("over_90_days"), -100);
    EXPECT_EQ(accounts[0].integer_at("balance"), -400);
    EXPECT_EQ(accounts[1].string_at("account"), "receivable:orders");
    EXPECT_EQ(accounts[1].integer_at("days_61_to_90"), 700);
    const auto items = told.find("items")->items();
    ASSERT_EQ(items.size(), 3U);
    EXPECT_EQ(items[0].string_at("since"), "2026-08-01");
    EXPECT_EQ(items[0].integer_at("days"), 111);
    EXPECT_EQ(items[0].integer_at("amount"), -100);
    EXPECT_EQ(items[2].string_at("group"), "order:A-1");
}

TEST_F(AgeingBooks, AreShownInPartAndToPeople) {
    EXPECT_EQ(parsed({"ageing", "--date", "2026-11-20", "--receivables"}).find("accounts")->items().size(), 1U);
    EXPECT_EQ(parsed({"ageing", "--date", "2026-11-20", "--channel", "stripe"}).find("accounts")->items().size(), 0U);
    EXPECT_EQ(parsed({"ageing", "--date", "2026-07-31"}).find("accounts")->items().size(), 0U);
    const auto table = run({"ledger", "ageing", "--tenant", "shop", "--party", "seller", "--date", "2026-11-17"});
    EXPECT_EQ(table.status, 0) << table.err;
    EXPECT_THAT(table.out, HasSubstr("1–30"));
    EXPECT_THAT(table.out, HasSubstr("-3.00"));
    EXPECT_THAT(table.out, HasSubstr("-13.00"));
    EXPECT_THAT(table.out, Not(HasSubstr("receivable")));
}

TEST_F(AgeingBooks, StateAnAccountOfSomeDaysAsItsBalanceSays) {
    const std::vector<std::string> words{"statement", "--account", "payable:seller"};
    auto november = words;
    november.insert(november.end(), {"--from", "2026-11-01", "--until", "2026-11-17"});
    const auto told = parsed(november);
    EXPECT_EQ(told.find("opening")->items().at(0).integer_at("balance"), -1000);
    ASSERT_EQ(told.find("lines")->items().size(), 1U);
    EXPECT_EQ(told.find("lines")->items()[0].integer_at("amount"), -300);
    EXPECT_EQ(told.find("lines")->items()[0].integer_at("balance"), -1300);
    const auto balance = parsed({"balance", "--account", "payable:seller", "--until", "2026-11-17"});
    EXPECT_EQ(told.find("closing")->items().at(0).integer_at("balance"),
              balance.find("balances")->items().at(0).integer_at("balance"));
    EXPECT_EQ(parsed(words).find("lines")->items().size(), 3U);

    const auto table =
        run({"ledger", "statement", "--tenant", "shop", "--account", "payable:seller", "--until", "2026-11-18"});
    EXPECT_EQ(table.status, 0) << table.err;
    EXPECT_THAT(table.out, HasSubstr("Closing"));
    EXPECT_THAT(table.out, HasSubstr("-4.00"));
    november = words;
    november.insert(november.end(), {"--from", "2026-11-02", "--until", "2026-11-01"});
    EXPECT_EQ(ledger(november).status, 2);
}

// A shop on 30 days' terms, with an order that says its own date, and one that was there before.
TEST_F(AgeingBooks, CountFromTheDayAnOrderIsDue) {
    const auto path = place() / "duizhang.toml";
    auto text = test_support::text_of(path);
    text.insert(text.find("currency = \"USD\""), "payment_terms_days = 30\n");
    write_text(path, text);
    write_text(place() / "more.csv",
               "merchant_order_id,amount,currency,created_at,due_date\nA-1,700,USD,2026-09-01T12:00:00Z,\n"
               "A-2,50,USD,2026-10-01T12:00:00Z,\nA-3,20,USD,2026-10-01T12:00:00Z,2026-11-20\n");
    const auto imported = run({"orders", "import", "--tenant", "shop", "more.csv"});
    EXPECT_EQ(imported.status, 0) << imported.err;
    const auto told = parsed({"ageing", "--date", "2026-11-20", "--receivables", "--items"});
    const auto& row = told.find("accounts")->items().at(0);
    EXPECT_EQ(row.integer_at("current"), 20);
    EXPECT_EQ(row.integer_at("days_1_to_30"), 50);
    EXPECT_EQ(row.integer_at("days_61_to_90"), 700) << "registered before there were terms";
    const auto items = told.find("items")->items();
    ASSERT_EQ(items.size(), 3U);
    EXPECT_EQ(items[1].string_at("group"), "order:A-2");
    EXPECT_EQ(items[1].integer_at("days"), 50);
    EXPECT_EQ(items[1].string_at("due_date"), "2026-10-31");
    EXPECT_EQ(items[1].integer_at("days_past_due"), 20);
    EXPECT_EQ(items[2].string_at("due_date"), "2026-11-20");

    for (const auto& words : {std::vector<std::string>{"statement", "--account", "receivable:orders"},
                              {"statement", "--account", "receivable:orders", "--from", "2026-01-01"}}) {
        const auto lines = parsed(words).find("lines")->items();
        ASSERT_EQ(lines.size(), 3U);
        EXPECT_FALSE(lines[0].find("due_date")) << "due on its own day";
        EXPECT_EQ(lines[1].string_at("due_date"), "2026-10-31");
        EXPECT_EQ(lines[2].string_at("due_date"), "2026-11-20");
    }
    EXPECT_THAT(run({"ledger", "statement", "--tenant", "shop", "--account", "receivable:orders"}).out,
                HasSubstr("2026-11-20"));
    EXPECT_THAT(run({"orders", "show", "--tenant", "shop", "A-2"}).out, HasSubstr("due 2026-10-31"));

    write_text(place() / "later.csv",
               "merchant_order_id,amount,currency,created_at,due_date\nA-3,20,USD,2026-10-01T12:00:00Z,2026-11-21\n");
    const auto later = run({"orders", "import", "--tenant", "shop", "later.csv"});
    EXPECT_EQ(later.status, 3);
    EXPECT_THAT(later.err, HasSubstr("due date"));
}

TEST_F(AgeingBooks, RefuseWhatNoDayOrPartyIs) {
    const auto day = ledger({"ageing", "--date", "2026-02-30"});
    EXPECT_EQ(day.status, 2);
    EXPECT_THAT(day.err, HasSubstr("--date"));
    const auto party = ledger({"ageing", "--party", "the seller"});
    EXPECT_EQ(party.status, 2);
    EXPECT_THAT(party.err, HasSubstr("--party"));
}

}  // namespace
}  // namespace e2e

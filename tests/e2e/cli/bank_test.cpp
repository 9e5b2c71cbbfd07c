// duizhang bank import, list, show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/files.h"
#include "payments/bank/simulator.h"
#include "tests/e2e/cli/desk.h"

namespace e2e {
namespace {

using testing::HasSubstr;

// A shop with one channel and one account; nothing has happened yet.
class BankCommands : public testing::Test {
protected:
    BankCommands() {
        must({"init", "--dir", "."});
        const auto keys = place_.path() / "keys";
        core::write_file(keys / "stripe.secret", "whsec_abcdefghijklmnopqrstuvwxyz123456\n", 0600);
        auto toml = test_support::text_of(place_.path() / "duizhang.toml");
        toml +=
            "\n[[tenant]]\nid = \"shop\"\ncurrency = \"USD\"\n\n[tenant.stripe]\naccount = \"acct_1MyShop\"\n"
            "webhook_secrets = [\"file:keys/stripe.secret\"]\n\n"
            "[[tenant.bank]]\nname = \"main\"\ncurrency = \"USD\"\nnumber = \"6222 0000 1234 5678\"\nformat = "
            "\"mt940\"\n\n"
            "[[tenant.bank.settles]]\nchannel = \"stripe\"\ncontains = [\"STRIPE\"]\ntold_by = \"payouts\"\n";
        test_support::write_text(place_.path() / "duizhang.toml", toml);
    }

    Ran run(std::vector<std::string> words) const { return test_support::duizhang(place_.path(), std::move(words)); }
    void must(std::vector<std::string> words) const {
        const auto ran = run(std::move(words));
        ASSERT_EQ(ran.status, 0) << ran.err;
    }
    Ran import(const std::string& file) const {
        return run({"--json", "bank", "import", "--tenant", "shop", "--account", "bank:main", file});
    }
    static std::string statement(std::int64_t off_by = 0) {
        config::Bank bank{"main", *core::Currency::from_code("USD")};
        bank.number = "6222000012345678";
        bank.format = config::BankFormat::mt940;
        const auto day = *core::parse_day("2026-11-19");
        return payments::bank::write_statement(
                   bank,
                   {day, 3, 1000, {{day, 500, "R1", "STRIPE", "payout"}, {day, -20, "R2", "Bank", "fee"}}, off_by})
            .bytes;
    }

    test_support::TestFolder place_;
};

TEST_F(BankCommands, TakeAStatementInOnceAndListWhatNothingExplains) {
    test_support::write_text(place_.path() / "a.sta", statement());

    const auto first = import("a.sta");

    ASSERT_EQ(first.status, 0) << first.err;
    EXPECT_THAT(first.out, HasSubstr("\"outcome\": \"taken_in\""));
    const auto folder = place_.path() / "var/review/shop/bank-main/2026-11-19";
    const auto csv = test_support::text_of(folder / "review.csv");
    EXPECT_THAT(csv, HasSubstr("missing_in_ledger,shop,bank-main,2026-11-19,payout,R1,,,5.00,5.00,USD"));
    EXPECT_THAT(csv, HasSubstr("missing_in_ledger,shop,bank-main,2026-11-19,adjustment,R2,,,-0.20,-0.20,USD"));
    EXPECT_THAT(csv, HasSubstr("a.sta:5"));
    const auto summary = core::json::parse(test_support::text_of(folder / "summary.json"));
    ASSERT_TRUE(summary);
    const auto& equations = summary->find("equations")->items();
    ASSERT_EQ(equations.size(), 2U);
    EXPECT_EQ(equations[0].string_at("edge"), "bank_balance");
    EXPECT_EQ(equations[0].integer_at("residual"), 0);
    EXPECT_EQ(equations[1].string_at("edge"), "settlement_bank");
    EXPECT_EQ(equations[1].integer_at("residual"), -500);

    const auto again = import("a.sta");
    EXPECT_THAT(again.out, HasSubstr("\"outcome\": \"again\""));
    EXPECT_EQ(test_support::text_of(folder / "review.csv"), csv);
}

TEST_F(BankCommands, ShowWhatWasTakenIn) {
    test_support::write_text(place_.path() / "a.sta", statement());
    ASSERT_EQ(import("a.sta").status, 0);

    const auto listed = run({"--json", "bank", "list", "--tenant", "shop", "--account", "bank:main"});
    EXPECT_THAT(listed.out, HasSubstr("\"number\": \"6222****5678\""));
    EXPECT_THAT(listed.out, HasSubstr("\"closing\": 1480"));
    EXPECT_THAT(run({"bank", "list", "--tenant", "shop", "--account", "bank:main"}).out, HasSubstr("14.80"));
    const auto shown =
        run({"--json", "bank", "show", "--tenant", "shop", "--account", "bank:main", "--date", "2026-11-19"});
    EXPECT_THAT(shown.out, HasSubstr("\"counterparty\": \"STRIPE\""));
    EXPECT_THAT(shown.out, HasSubstr("\"settles\": null"));
    EXPECT_THAT(run({"bank", "show", "--tenant", "shop", "--account", "bank:main", "--date", "2026-11-19"}).out,
                HasSubstr("STRIPE"));
}

TEST_F(BankCommands, RefuseWithFileLineAndField) {
    test_support::write_text(place_.path() / "a.sta", statement(1));
    const auto refused = import("a.sta");
    EXPECT_EQ(refused.status, 3);
    EXPECT_THAT(refused.err, HasSubstr("a.sta:1: balance: opening balance and entries give 14.80"));
    EXPECT_FALSE(fs::exists(place_.path() / "var/review/shop/bank-main"));
    const auto unknown = run({"bank", "list", "--tenant", "shop", "--account", "bank:other"});
    EXPECT_EQ(unknown.status, 2);
    EXPECT_THAT(unknown.err, HasSubstr("configured are: bank:main"));
}

TEST_F(BankCommands, AreTheNightlyRoundsToo) {
    const auto folder = place_.path() / "var/statements/shop/bank-main/2026-11-19";
    fs::create_directories(folder);
    test_support::write_text(folder / "a.sta", statement());
    const auto night = run({"--json", "nightly"});
    EXPECT_EQ(night.status, 0) << night.err;
    EXPECT_THAT(night.out, HasSubstr("\"channel\": \"bank-main\""));
    EXPECT_THAT(night.out, HasSubstr("\"outcome\": \"reconciled\""));
    EXPECT_THAT(run({"--json", "nightly"}).out, HasSubstr("\"outcome\": \"unchanged\""));

    fs::rename(folder, folder.parent_path() / "2026-11-20");
    const auto elsewhere = run({"--json", "nightly"});
    EXPECT_EQ(elsewhere.status, 3);
    EXPECT_THAT(elsewhere.out, HasSubstr("closes on 2026-11-19; put it into the folder of that day"));
}

}  // namespace
}  // namespace e2e

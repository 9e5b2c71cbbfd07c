// The commands on good and bad input: what they print, what they leave behind, and with which status they end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/e2e/cli/desk.h"

namespace e2e {
namespace {

using test_support::duizhang;
using test_support::TestFolder;
using test_support::write_text;
using testing::HasSubstr;

core::json::Value parsed(const Ran& ran) {
    auto value = core::json::parse(ran.out, {std::size_t{1} << 24U, 32});
    EXPECT_TRUE(value) << "no JSON document: " << ran.out << ran.err;
    return value ? std::move(*value) : core::json::Value::make_null();
}

// ---- init, migrate -------------------------------------------------------------------------------------------------

TEST(Init, MakesAPlaceThatConfigCheckIsHappyWith) {
    const TestFolder folder;
    const auto made = duizhang(folder.path(), {"init", "--dir", "shop"});
    ASSERT_EQ(made.status, 0) << made.err;
    const auto place = folder.path() / "shop";
    EXPECT_EQ(fs::status(place / "keys" / "master.key").permissions(), fs::perms(0600));

    const auto checked = duizhang(place, {"--json", "config", "check"});
    EXPECT_EQ(checked.status, 0) << checked.err;
    EXPECT_EQ(parsed(checked).boolean_at("valid"), true);
    const auto migrated = duizhang(place, {"migrate", "--check"});
    EXPECT_EQ(migrated.status, 0) << migrated.out << migrated.err;

    const auto key = test_support::text_of(place / "keys" / "master.key");
    EXPECT_EQ(duizhang(place, {"init"}).status, 2) << "a second init overwrites nothing";
    EXPECT_EQ(test_support::text_of(place / "keys" / "master.key"), key);
}

TEST(Migrate, CheckSaysWhatIsMissingAndChangesNothing) {
    const TestFolder folder;
    write_text(folder.path() / "keys" / "master.key", std::string(64, '1') + "\n", 0600);
    write_text(folder.path() / "duizhang.toml",
               "[database]\nembedded = \"pg\"\n\n[secrets]\nmaster_key = \"file:keys/master.key\"\n");
    for (int i = 0; i < 2; ++i) {
        const auto check = duizhang(folder.path(), {"--json", "migrate", "--check"});
        EXPECT_EQ(check.status, 1) << check.err;
        EXPECT_GE(parsed(check).find("missing")->items().size(), 4U);
    }
    EXPECT_EQ(duizhang(folder.path(), {"migrate"}).status, 0);
    EXPECT_EQ(duizhang(folder.path(), {"migrate", "--check"}).status, 0);
}

// ---- orders import -------------------------------------------------------------------------------------------------

struct BadOrder {
    const char* name;
    const char* row;
    const char* field;
};

class BadOrders : public testing::TestWithParam<BadOrder> {};

TEST_P(BadOrders, AreRefusedWithTheGoodOnesBeforeThem) {
    const auto& desk = Desk::get();
    const TestFolder inbox;
    const auto file = inbox.path() / "orders.csv";
    write_text(file,
               std::string("merchant_order_id,amount,currency,created_at\nE2E-GOOD-1,100,CNY,2026-11-17T08:52:12Z\n") +
                   GetParam().row + "\n");
    const auto books = desk.books();
    const auto ran = desk.run({"orders", "import", "--tenant", desk.tenant(), file.string()});
    EXPECT_EQ(ran.status, 3) << ran.out << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(file.string() + ":3: " + GetParam().field + ":"));
    EXPECT_EQ(desk.books(), books);
}

INSTANTIATE_TEST_SUITE_P(
    , BadOrders,
    testing::Values(BadOrder{"AmountOfWords", "E2E-2,many,CNY,2026-11-17T08:52:12Z", "amount"},
                    BadOrder{"AmountInMajorUnits", "E2E-2,12.50,CNY,2026-11-17T08:52:12Z", "amount"},
                    BadOrder{"AmountOfZero", "E2E-2,0,CNY,2026-11-17T08:52:12Z", "amount"},
                    BadOrder{"AmountBelowZero", "E2E-2,-5,CNY,2026-11-17T08:52:12Z", "amount"},
                    BadOrder{"UnknownCurrency", "E2E-2,100,XQZ,2026-11-17T08:52:12Z", "currency"},
                    BadOrder{"NoTime", "E2E-2,100,CNY,yesterday", "created_at"},
                    BadOrder{"NoOrderNumber", ",100,CNY,2026-11-17T08:52:12Z", "merchant_order_id"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(OrdersImport, SaysHowManyAndIsHarmlessTheSecondTime) {
    const auto& desk = Desk::get();
    const TestFolder inbox;
    const auto file = inbox.path() / "orders.jsonl";
    write_text(file,
               R"({"merchant_order_id":"E2E-TWICE","amount":1250,"currency":"CNY","created_at":"2026-11-17T08:52:12Z"})"
               "\n");
    const std::vector<std::string> words = {"--json", "orders", "import", "--tenant", desk.tenant(), file.string()};
    EXPECT_EQ(parsed(desk.run(words)).integer_at("registered"), 1);
    const auto books = desk.books();
    const auto again = parsed(desk.run(words));
    EXPECT_EQ(again.integer_at("registered"), 0);
    EXPECT_EQ(again.integer_at("already_there"), 1);
    EXPECT_EQ(desk.books(), books);
    // The same number with another amount is somebody's mistake.
    write_text(file,
               R"({"merchant_order_id":"E2E-TWICE","amount":1251,"currency":"CNY","created_at":"2026-11-17T08:52:12Z"})"
               "\n");
    const auto other = desk.run(words);
    EXPECT_EQ(other.status, 3);
    EXPECT_THAT(other.err, HasSubstr("E2E-TWICE"));
    EXPECT_EQ(desk.books(), books);
}

TEST(CallbacksReplay, NamesTheLineThatIsNoCallback) {
    const auto& desk = Desk::get();
    const TestFolder inbox;
    write_text(inbox.path() / "bad.jsonl",
               "{\"path\":\"/callbacks/x/stripe\",\"headers\":{},\"body_base64\":\"***\"}\n");
    const auto ran = desk.run({"callbacks", "replay", (inbox.path() / "bad.jsonl").string()});
    EXPECT_EQ(ran.status, 3);
    EXPECT_THAT(ran.err, HasSubstr("bad.jsonl:1: body_base64:"));
}

// ---- diff ----------------------------------------------------------------------------------------------------------

class DiffEnds : public testing::Test {
protected:
    DiffEnds() {
        const std::string head = "channel_txn_id,merchant_order_id,type,amount,fee,currency,status,occurred_at\n";
        write_text(place() / "left.csv", head + "t1,o1,payment,100,,CNY,captured,2026-11-17T08:52:12Z\n");
        write_text(place() / "same.csv", head + "t1,o1,payment,100,,CNY,captured,2026-11-17T08:52:12Z\n");
        write_text(place() / "other.csv", head + "t1,o1,payment,101,,CNY,captured,2026-11-17T08:52:12Z\n");
        write_text(place() / "broken.csv", head + "t1,o1,payment,1.5.2,,CNY,captured,2026-11-17T08:52:12Z\n");
    }
    const fs::path& place() const { return folder_.path(); }
    Ran diff(const std::string& right, std::vector<std::string> more = {}) const {
        std::vector<std::string> words = {"diff", "--left", "left.csv", "--right", right};
        words.insert(words.end(), more.begin(), more.end());
        return duizhang(place(), words);
    }

private:
    TestFolder folder_;
};

TEST_F(DiffEnds, WithZeroWhenNothingDiffers) { EXPECT_EQ(diff("same.csv").status, 0); }

TEST_F(DiffEnds, WithOneWhenSomethingDiffers) {
    const auto ran = diff("other.csv");
    EXPECT_EQ(ran.status, 1) << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("amount_mismatch"));
    const auto json = diff("other.csv", {"--json", "--out", "out"});
    EXPECT_EQ(json.status, 1);
    EXPECT_TRUE(parsed(json).is_object());
    for (const char* file : {"diff.csv", "diff.html", "summary.json"}) {
        EXPECT_TRUE(fs::exists(place() / "out" / file)) << file;
    }
}

TEST_F(DiffEnds, WithZeroWhenARuleLetsTheDifferencePass) {
    write_text(place() / "rules.toml",
               "[[rule]]\nname = \"fen\"\nkind = \"tolerance\"\ncurrency = \"CNY\"\nabsolute = 1\n");
    const auto ran = diff("other.csv", {"--rules", "rules.toml", "--json"});
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("\"matched_by_rule\": {"));
}

TEST_F(DiffEnds, WithTwoForARuleThatIsNone) {
    write_text(place() / "rules.toml", "[[rule]]\nname = \"fen\"\nkind = \"guess\"\ncurrency = \"CNY\"\n");
    const auto ran = diff("other.csv", {"--rules", "rules.toml"});
    EXPECT_EQ(ran.status, 2);
    EXPECT_THAT(ran.err, HasSubstr("kind: must be tolerance"));
    EXPECT_THAT(ran.err, HasSubstr("absolute: a tolerance needs absolute (minor units), basis_points or both"));
}

TEST_F(DiffEnds, WithTwoForAMappingWhereRulesAreWanted) {
    write_text(place() / "both.toml",
               "[left]\n[[rule]]\nname = \"fen\"\nkind = \"tolerance\"\ncurrency = \"CNY\"\nabsolute = 1\n");
    const auto ran = diff("other.csv", {"--rules", "both.toml"});
    EXPECT_EQ(ran.status, 2);
    EXPECT_THAT(ran.err,
                HasSubstr("left: is of a mapping file; diff takes mapping and [[rule]] in one file as --mapping"));
    EXPECT_THAT(ran.err, testing::Not(HasSubstr("unknown key")));
    EXPECT_EQ(diff("other.csv", {"--mapping", "both.toml"}).status, 0);
}

TEST_F(DiffEnds, WithTwoForUnknownUnits) { EXPECT_EQ(diff("same.csv", {"--units", "pounds"}).status, 2); }

TEST_F(DiffEnds, WithTwoForASizeThatIsNone) { EXPECT_EQ(diff("same.csv", {"--memory", "lots"}).status, 2); }

TEST_F(DiffEnds, WithThreeForABadRow) {
    const auto ran = diff("broken.csv", {"--out", "out"});
    EXPECT_EQ(ran.status, 3);
    EXPECT_THAT(ran.err, HasSubstr("broken.csv:2: amount"));
    EXPECT_FALSE(fs::exists(place() / "out"));
}

TEST_F(DiffEnds, WithFourWhenTheFolderCannotBeMade) {
    EXPECT_EQ(diff("other.csv", {"--out", "left.csv/out"}).status, 4);
}

// A file that isn't there is a slip of the pen, not of the data.
TEST_F(DiffEnds, WithTwoForAFileThatIsNotThere) {
    const auto ran = diff("nowhere.csv");
    EXPECT_EQ(ran.status, 2) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("nowhere.csv"));
}

// ---- nightly -------------------------------------------------------------------------------------------------------

std::map<std::string, int> outcomes(const Ran& ran) {
    std::map<std::string, int> counts;
    const auto days = parsed(ran);
    for (const auto& day : days.find("days")->items()) {
        ++counts[std::string(day.string_at("outcome").value_or(""))];
    }
    return counts;
}

// In one test, since each step builds on the one before.
TEST(Nightly, TakesUpWhereItStoppedAndIsNotStoppedByABadFile) {
    const auto& desk = Desk::get();
    const int days = static_cast<int>(desk.world().channels.size()) * 2;
    const auto first = desk.run({"--json", "--quiet", "nightly"});
    ASSERT_EQ(first.status, 0) << first.err;
    EXPECT_EQ(outcomes(first), (std::map<std::string, int>{{"reconciled", days}}));
    const auto lists = files_below(desk.place() / "review");
    const auto books = desk.books();
    const auto told = core::json::parse(first.out);
    for (const auto& day : told->find("days")->items()) {
        const auto summary =
            core::json::parse(test_support::text_of(fs::path(std::string(*day.string_at("folder"))) / "summary.json"));
        EXPECT_EQ(day.find("leftovers")->items().size(), summary->find("leftovers")->items().size());
    }
    EXPECT_EQ(lists.size(), static_cast<std::size_t>(days) * 5 + desk.world().channels.size() + 2)
        << "four files and their folder a day";

    EXPECT_EQ(outcomes(desk.run({"--json", "nightly"})), (std::map<std::string, int>{{"unchanged", days}}));
    EXPECT_EQ(files_below(desk.place() / "review"), lists);

    // As if it had been killed before the last list was out.
    const auto& channel = desk.channel("stripe");
    const auto part = fs::path(channel.tenant) / "stripe" / core::format_day(desk.world().first_day);
    for (const char* file : {"review.csv", "review.html", "review.xlsx", "summary.json"}) {
        fs::remove(desk.place() / "review" / part / file);
    }
    EXPECT_EQ(outcomes(desk.run({"--json", "nightly"})),
              (std::map<std::string, int>{{"reconciled", 1}, {"unchanged", days - 1}}));
    EXPECT_EQ(test_support::text_of(desk.place() / "review" / part / "review.csv"),
              lists.at((part / "review.csv").string()));
    EXPECT_EQ(desk.books(), books);

    // Expected rows count as found, and only the flag makes them an error.
    EXPECT_EQ(
        desk.run({"--quiet", "nightly", "--date", core::format_day(desk.world().last_day), "--fail-on-discrepancy"})
            .status,
        1);

    const auto bad = desk.place() / "statements" / channel.tenant / "stripe" / "2026-01-05" / "report.csv";
    write_text(bad, "no,statement\n");
    const auto refused = desk.run({"--json", "--quiet", "nightly"});
    EXPECT_EQ(refused.status, 3);
    EXPECT_EQ(outcomes(refused), (std::map<std::string, int>{{"refused", 1}, {"unchanged", days}}));
    EXPECT_THAT(refused.out, HasSubstr(bad.string()));
    fs::remove_all(bad.parent_path());
    EXPECT_EQ(desk.books(), books);
}

TEST(Nightly, RefusesATenantThatIsNotThere) {
    EXPECT_EQ(Desk::get().run({"nightly", "--tenant", "nobody"}).status, 2);
    EXPECT_EQ(Desk::get().run({"nightly", "--date", "2026-02-30"}).status, 2);
}

// ---- the books -----------------------------------------------------------------------------------------------------

TEST(LedgerCommands, PrintOneJsonDocument) {
    const auto& desk = Desk::get();
    const auto balance = parsed(desk.run({"--json", "ledger", "trial-balance", "--tenant", desk.tenant()}));
    EXPECT_EQ(balance.string_at("tenant"), desk.tenant());
    ASSERT_FALSE(balance.find("accounts")->items().empty());
    for (const auto& row : balance.find("accounts")->items()) {
        EXPECT_EQ(row.integer_at("debit").value() - row.integer_at("credit").value(), row.integer_at("balance"));
    }
    for (const auto& total : balance.find("totals")->items()) {
        EXPECT_EQ(total.integer_at("debit"), total.integer_at("credit"));
    }
    const auto verified = desk.run({"--json", "ledger", "verify", "--tenant", desk.tenant()});
    EXPECT_EQ(verified.status, 0);
    EXPECT_TRUE(parsed(verified).find("breaches")->items().empty());
    const auto lines = parsed(
        desk.run({"--json", "ledger", "statement", "--tenant", desk.tenant(), "--account", "transit:payment:stripe"}));
    ASSERT_FALSE(lines.find("lines")->items().empty());
    const auto entry = std::to_string(lines.find("lines")->items().front().integer_at("entry").value());
    const auto shown = parsed(desk.run({"--json", "ledger", "entry", "--tenant", desk.tenant(), entry}));
    EXPECT_GE(shown.find("legs")->items().size(), 2U);
    EXPECT_EQ(parsed(desk.run({"--json", "tenant", "list"})).find("tenants")->items().size(), 2U);
}

TEST(LedgerCommands, ExportTheSameEntriesInEachFormat) {
    const auto& desk = Desk::get();
    const auto exported = [&](const std::string& format) {
        const auto ran = desk.run({"ledger", "export", "--tenant", desk.tenant(), "--format", format});
        EXPECT_EQ(ran.status, 0) << ran.err;
        return ran.out;
    };
    const auto count = [](const std::string& text, const std::string& what) {
        std::size_t found = 0;
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
            ++found;
        }
        return found;
    };
    const auto entries =
        parsed(desk.run({"--json", "ledger", "export", "--tenant", desk.tenant()})).find("entries")->items();
    ASSERT_FALSE(entries.empty());
    std::size_t legs = 0;
    for (const auto& entry : entries) {
        legs += entry.find("legs")->items().size();
    }
    EXPECT_EQ(count(exported("hledger"), "\n    ; source: "), entries.size());
    EXPECT_EQ(count(exported("beancount"), "\n  source: "), entries.size());
    EXPECT_EQ(count(exported("csv"), "\r\n"), legs + 1);
    EXPECT_EQ(parsed(desk.run({"--json", "ledger", "export", "--tenant", desk.tenant(), "--until", "1999-12-31"}))
                  .find("entries")
                  ->items()
                  .size(),
              0U);
}

// What it posts it undoes, so that the other tests' figures stay what they are.
TEST(LedgerCommands, PostByHandOnceAndReverseOnce) {
    const auto& desk = Desk::get();
    const auto file = (desk.place() / "rent.jsonl").string();
    const std::string rent =
        R"({"source_key":"rent","business_date":"2026-11-30","description":"paid with 4242424242424242","legs":[)"
        R"({"account":"expense:rent","currency":"CNY","amount":880000},)"
        R"({"account":"bank:main","currency":"CNY","amount":-880000}]})";
    test_support::write_text(file, rent + "\n");
    const auto balance = [&] {
        const auto found =
            parsed(desk.run({"--json", "ledger", "balance", "--tenant", desk.tenant(), "--account", "expense:rent"}));
        return found.find("balances")->items().at(0).integer_at("balance");
    };
    const auto post = [&] { return desk.run({"--json", "ledger", "post", "--tenant", desk.tenant(), file}); };

    const auto posted = parsed(post());
    ASSERT_EQ(posted.find("posted")->items().size(), 1U);
    const auto id = std::to_string(posted.find("posted")->items().at(0).integer().value());
    EXPECT_EQ(parsed(post()).integer_at("already_there"), 1);
    EXPECT_EQ(balance(), 880000);
    const auto shown = desk.run({"ledger", "entry", "--tenant", desk.tenant(), id});
    EXPECT_THAT(shown.out, testing::HasSubstr("424242******4242"));
    EXPECT_THAT(shown.out, testing::Not(testing::HasSubstr("4242424242424242")));

    // Another entry under the same key, behind a good one: neither is posted.
    test_support::write_text(file, std::string(rent).replace(rent.find("\"rent\""), 6, "\"more\"") + "\n" +
                                       std::string(rent).replace(rent.find("2026-11-30"), 10, "2026-11-29"));
    const auto other = post();
    EXPECT_EQ(other.status, 3);
    EXPECT_THAT(other.err, testing::HasSubstr("rent.jsonl:2: source_key: entry " + id));
    EXPECT_EQ(balance(), 880000);

    const auto reverse = [&](const std::string& entry) {
        return desk.run({"--json", "ledger", "reverse", "--tenant", desk.tenant(), entry, "--description", "not ours"});
    };
    const auto back = parsed(reverse(id));
    EXPECT_EQ(back.boolean_at("already_there"), false);
    EXPECT_EQ(balance(), 0);
    EXPECT_EQ(parsed(reverse(id)).integer_at("entry"), back.integer_at("entry"));
    EXPECT_EQ(balance(), 0);
    EXPECT_EQ(reverse("999999999").status, 3);
    EXPECT_EQ(desk.run({"ledger", "verify", "--tenant", desk.tenant()}).status, 0);
}

TEST(LedgerCommands, DoNotShowAnotherTenantsEntry) {
    const auto& desk = Desk::get();
    const auto lines = parsed(
        desk.run({"--json", "ledger", "statement", "--tenant", desk.tenant(), "--account", "transit:payment:stripe"}));
    const auto entry = std::to_string(lines.find("lines")->items().front().integer_at("entry").value());
    const auto other = desk.run({"ledger", "entry", "--tenant", desk.foreign("stripe").tenant, entry});
    // Numbers are a tenant's own, so the other may have one of that number, but never this one.
    const auto own = desk.run({"ledger", "entry", "--tenant", desk.tenant(), entry});
    EXPECT_NE(other.out, own.out);
    EXPECT_EQ(desk.run({"ledger", "entry", "--tenant", desk.tenant(), "999999999"}).status, 3);
    EXPECT_EQ(desk.run({"ledger", "balance", "--tenant", desk.tenant(), "--account", "cash"}).status, 2);
}

}  // namespace
}  // namespace e2e

#include "ledger/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace ledger {
namespace {

using testing::HasSubstr;
using testing::Not;

const core::Instant kWhen = *core::parse_rfc3339("2026-11-18T01:02:03Z");

StoredEntry entry(std::vector<StoredLeg> legs, std::string description = "order A-1") {
    return {core::EntryId(7), "payment", "source:1",     "order:1", std::move(description), kWhen,
            "2026-11-18",     kWhen,     std::move(legs)};
}

StoredEntry sale() { return entry({{1, "bank:main", "CNY", 12345}, {2, "income:sales", "CNY", -12345}}); }

JournalExport journal(ExportFormat format) { return {format, core::TenantId("acme")}; }

TEST(HledgerExport, DeclaresAnAccountOnceAndWritesTheEntry) {
    auto books = journal(ExportFormat::hledger);
    const std::string written =
        "\n2026-11-18 * (7) payment | order A-1\n    ; source: source:1\n    ; occurred: 2026-11-18T01:02:03Z\n"
        "    bank:main  CNY 123.45\n    income:sales  CNY -123.45\n";
    EXPECT_EQ(books.entry(sale()),
              "\ncommodity CNY 1000.00\n\naccount bank:main  ; type:A\n\naccount income:sales  ; type:R\n" + written);
    EXPECT_EQ(books.entry(sale()), written);
}

TEST(HledgerExport, HasTheDecimalsOfTheCurrency) {
    auto books = journal(ExportFormat::hledger);
    const auto text = books.entry(entry({{1, "bank:main", "JPY", 5},
                                         {2, "income:sales", "JPY", -5},
                                         {3, "bank:main", "KWD", 1},
                                         {4, "income:sales", "KWD", -1}}));
    EXPECT_THAT(text, HasSubstr("commodity JPY 1000.\n"));
    EXPECT_THAT(text, HasSubstr("bank:main  JPY 5\n"));
    EXPECT_THAT(text, HasSubstr("commodity KWD 1000.000\n"));
    EXPECT_THAT(text, HasSubstr("bank:main  KWD 0.001\n"));
}

// A description is what a channel or a shop wrote: it must not end its line, nor begin a comment.
TEST(HledgerExport, KeepsADescriptionInItsLine) {
    auto books = journal(ExportFormat::hledger);
    const auto text = books.entry(
        entry({{1, "bank:main", "CNY", 1}, {2, "income:sales", "CNY", -1}}, "a;b\n    bank:main  CNY 99\r\tc"));
    EXPECT_THAT(text, HasSubstr("payment | a,b     bank:main  CNY 99  c\n    ; source"));
}

TEST(BeancountExport, WritesTheEntryWithItsAccountsOpened) {
    auto books = journal(ExportFormat::beancount);
    EXPECT_EQ(books.entry(entry({{1, "expense:channel_fee:stripe", "USD", 30}, {2, "transit:customer:x-y", "USD", -30}},
                                R"(the "best" \ order)")),
              "\n1970-01-01 open Expenses:Expense:Channel-fee:Stripe\n"
              "\n1970-01-01 open Liabilities:Transit:Customer:X-Dy\n"
              "\n2026-11-18 * \"payment\" \"the \\\"best\\\" \\\\ order\"\n  entry: \"7\"\n  source: \"source:1\"\n"
              "  occurred: \"2026-11-18T01:02:03Z\"\n"
              "  Expenses:Expense:Channel-fee:Stripe  0.30 USD\n  Liabilities:Transit:Customer:X-Dy  -0.30 USD\n");
    EXPECT_THAT(books.entry(sale()), Not(HasSubstr("Stripe")));
}

TEST(BeancountExport, MakesNoTwoAccountsOne) {
    std::set<std::string> names;
    std::vector<std::string> words = {""};
    // All words of up to four of the letters that are written otherwise, and of those they are written with.
    for (std::size_t from = 0, length = 0; length < 4; ++length) {
        const auto until = words.size();
        for (; from < until; ++from) {
            for (const char c : {'-', '_', 'd', 'u', '7'}) {
                words.push_back(words[from] + c);
                EXPECT_TRUE(names.insert(beancount_account("bank:" + words.back())).second) << words.back();
            }
        }
    }
    EXPECT_EQ(names.size(), 5U + 25 + 125 + 625);
}

TEST(CsvExport, HasARowForEachLeg) {
    auto books = journal(ExportFormat::csv);
    EXPECT_THAT(books.head(), HasSubstr("amount_minor\r\n"));
    EXPECT_EQ(books.entry(entry({{1, "bank:main", "JPY", 5}, {2, "income:sales", "JPY", -5}}, "=1+1, \"x\"")),
              "7,2026-11-18,2026-11-18T01:02:03Z,2026-11-18T01:02:03Z,payment,source:1,order:1,\"'=1+1, \"\"x\"\"\",1,"
              "bank:main,asset,JPY,5\r\n"
              "7,2026-11-18,2026-11-18T01:02:03Z,2026-11-18T01:02:03Z,payment,source:1,order:1,\"'=1+1, \"\"x\"\"\",2,"
              "income:sales,income,JPY,-5\r\n");
}

TEST(Opening, IsWhatStoodOnTheAccounts) {
    auto books = journal(ExportFormat::hledger);
    const auto text = books.opening(*core::parse_day("2026-11-01"), {{"bank:main", "asset", "CNY", 500, 20},
                                                                     {"income:sales", "income", "CNY", 0, 480},
                                                                     {"payable:seller", "liability", "CNY", 7, 7}});
    EXPECT_THAT(text, HasSubstr("2026-11-01 * (0) opening | what stood on the accounts before\n"
                                "    bank:main  CNY 4.80\n    income:sales  CNY -4.80\n"));
    EXPECT_THAT(text, Not(HasSubstr("payable")));
    EXPECT_EQ(journal(ExportFormat::csv).opening(*core::parse_day("2026-11-01"), {}), "");
}

}  // namespace
}  // namespace ledger

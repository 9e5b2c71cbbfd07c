#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/bank/statements.h"

namespace payments::bank::test {
namespace {

using testing::HasSubstr;

const config::Bank& bank() {
    static const auto made = account(config::BankFormat::camt053);
    return made;
}
std::string good() { return write_statement(bank(), a_day()).bytes; }

struct Change {
    const char* name;
    std::string from;
    std::string to;
    std::string outcome;
};

class Camt053With : public testing::TestWithParam<Change> {};

TEST_P(Camt053With, IsJudged) {
    EXPECT_THAT(outcome(read(bank(), replaced(good(), GetParam().from, GetParam().to))), HasSubstr(GetParam().outcome));
}

INSTANTIATE_TEST_SUITE_P(
    , Camt053With,
    testing::Values(
        Change{"Version08", "053.001.02", "053.001.08", "read"},
        Change{"Version09", "053.001.02", "053.001.09", "is no camt.053.001.02 to .08"},
        Change{"AnotherMessage", "camt.053", "camt.052", "is no camt.053"},
        Change{"NoNamespace", " xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"", "", "is no camt.053"},
        Change{"ADocumentType", "<Document ", "<!DOCTYPE d [<!ENTITY a \"b\">]><Document ",
               "bank:2: has a document type"},
        Change{"AnUnknownEntity", "settlement", "&settlement;", "is no XML"},
        Change{"AnotherAccount", "6222000012345678", "6222000012345679",
               "account: is of account 6222****5679, not of 6222****5678"},
        Change{"AnotherCurrency", "Ccy=\"CNY\">1234", "Ccy=\"USD\">1234", "Amt: is not in CNY"},
        Change{"AFractionOfACent", "1234.56<", "1234.567<", "bank:6: Ntry/Amt: is no amount"},
        Change{"ASignedAmount", ">1234.56<", ">-1234.56<", "is below zero"},
        Change{"NoDirection", "</Amt><CdtDbtInd>DBIT", "</Amt><CdtDbtInd>", "is neither CRDT nor DBIT"},
        Change{"NoSuchDay", "<BookgDt><Dt>2026-11-19", "<BookgDt><Dt>2026-11-31", "BookgDt: is no day"},
        Change{"NoBookingDay", "<BookgDt><Dt>2026-11-19</Dt></BookgDt>", "", "BookgDt: is missing"},
        Change{"ATime", "<BookgDt><Dt>2026-11-19</Dt>", "<BookgDt><DtTm>2026-11-19T23:59:59+08:00</DtTm>", "read"},
        Change{"AnEntryPendingToo", "</Stmt>",
               "<Ntry><Amt Ccy=\"CNY\">9.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts></Ntry></Stmt>",
               "read"},
        Change{"AMissingPage", "<ElctrncSeqNb>",
               "<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn><ElctrncSeqNb>",
               "the pages after it are missing"},
        Change{"ASecondPageAlone", "<ElctrncSeqNb>",
               "<StmtPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></StmtPgntn><ElctrncSeqNb>",
               "the pages before it are missing"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Camt053, IsRefusedWhenItIsNestedTooDeeply) {
    std::string deep;
    for (int i = 0; i < 100; ++i) {
        deep += "<a>";
    }
    EXPECT_THAT(outcome(read(bank(), replaced(good(), "<Ntry>", deep))), HasSubstr("is nested too deeply"));
}

TEST(Camt053, IsRefusedForATextWithoutEnd) {
    EXPECT_THAT(outcome(read(bank(), replaced(good(), "settlement", std::string(70'000, 'a')))),
                HasSubstr("has a text of more than 64 KiB"));
}

TEST(Camt053, TakesThePreviousClosingBalanceForTheOpeningOne) {
    EXPECT_EQ(outcome(read(bank(), replaced(good(), "OPBD", "PRCD"))), "read");
}

TEST(Camt053, OfSeveralPagesIsOneStatement) {
    const auto page = [](const char* number, const char* last, const char* kinds, std::string text) {
        text = replaced(text, "<ElctrncSeqNb>",
                        std::string("<StmtPgntn><PgNb>") + number + "</PgNb><LastPgInd>" + last +
                            "</LastPgInd></StmtPgntn><ElctrncSeqNb>");
        return replaced(text, kinds[0] == 'c' ? "CLBD" : "OPBD", "ITBD");
    };
    const auto first = page("1", "false", "closing", good());
    const auto second = page("2", "true", "opening", write_statement(bank(), a_day("2026-11-19", 7, 131461)).bytes);

    const auto read = test::read(bank(), {{"one.xml", first + ""}});
    EXPECT_THAT(outcome(read), HasSubstr("the pages after it are missing"));
    const auto begin = second.find("<Stmt>");
    const auto both = replaced(first, "</BkToCstmrStmt>",
                               second.substr(begin, second.find("</BkToCstmrStmt>") - begin) + "</BkToCstmrStmt>");
    const auto whole = test::read(bank(), both);
    ASSERT_TRUE(whole) << whole.error().message();
    ASSERT_EQ(whole->size(), 1U);
    EXPECT_EQ(whole->front().entries.size(), 6U);
    EXPECT_EQ(whole->front().opening->minor, 100'00);
}

}  // namespace
}  // namespace payments::bank::test

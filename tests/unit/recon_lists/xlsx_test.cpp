#include <gmock/gmock.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>

#include "core/archive.h"
#include "core/failure.h"
#include "reconciliation/lists/xlsx.h"
#include "tests/unit/recon_lists/sample_list.h"

namespace reconciliation {
namespace {

using testing::HasSubstr;
using testing::Not;

std::map<std::string, std::string> members_of(const std::string& xlsx) {
    const auto members = core::unpack(xlsx);
    EXPECT_TRUE(members) << (members ? "" : members.error());
    std::map<std::string, std::string> out;
    for (const auto& member : *members) {
        out[member.name] = member.bytes;
    }
    return out;
}

std::string details_of(const ReviewList& list) { return members_of(review_xlsx(list))["xl/worksheets/sheet2.xml"]; }

// The cell's element, e.g. cell(sheet, "E2") = "<c r=\"E2\" s=\"3\"><v>254.18</v></c>".
std::string cell(const std::string& sheet, const std::string& reference) {
    const auto begin = sheet.find("<c r=\"" + reference + "\"");
    const auto end = sheet.find("</c>", begin);
    return begin == std::string::npos || end == std::string::npos ? "" : sheet.substr(begin, end - begin);
}

TEST(ReviewXlsx, HasTwoSheetsInBothLanguages) {
    auto members = members_of(review_xlsx(sample::every_kind()));
    EXPECT_THAT(members["xl/workbook.xml"], HasSubstr("汇总 Summary"));
    EXPECT_THAT(members["xl/workbook.xml"], HasSubstr("差异 Discrepancies"));
    EXPECT_THAT(members["xl/worksheets/sheet1.xml"], HasSubstr("acme 商城 (acme)"));
    EXPECT_THAT(members["xl/worksheets/sheet1.xml"], HasSubstr("Asia/Shanghai 24:00"));
    EXPECT_THAT(members["xl/worksheets/sheet1.xml"], HasSubstr("2026-11-19 09:00:01 Asia/Shanghai"));
    EXPECT_THAT(members["xl/worksheets/sheet1.xml"], HasSubstr(std::string(64, 'a')));
}

TEST(ReviewXlsx, KeepsAmountsNumbersAndIdsText) {
    auto row = sample::amount_mismatch();
    row.channel_txn_id = "50368730202611189711008307407";  // as a number it would lose its last digits
    const auto sheet = details_of(sample::list_of({row}));
    EXPECT_THAT(cell(sheet, "C2"),
                testing::AllOf(HasSubstr("t=\"inlineStr\""), HasSubstr("50368730202611189711008307407")));
    EXPECT_THAT(cell(sheet, "E2"), testing::AllOf(Not(HasSubstr("t=")), HasSubstr("<v>254.18</v>")));
    EXPECT_THAT(cell(sheet, "F2"), HasSubstr("<v>254.17</v>"));
    EXPECT_THAT(cell(sheet, "G2"), testing::AllOf(Not(HasSubstr("t=")), HasSubstr("<v>-0.01</v>")));
}

TEST(ReviewXlsx, ShowsAsManyDecimalsAsTheCurrencyHas) {
    auto dinar = sample::amount_mismatch();
    dinar.ledger_exponent = dinar.channel_exponent = 3;
    auto members = members_of(review_xlsx(sample::list_of({sample::missing_in_ledger(), dinar})));
    EXPECT_THAT(members["xl/styles.xml"], HasSubstr("#,##0.000;[Red]-#,##0.000"));
    EXPECT_THAT(members["xl/styles.xml"], HasSubstr("#,##0;[Red]-#,##0"));
    EXPECT_THAT(cell(members["xl/worksheets/sheet2.xml"], "F2"), HasSubstr("<v>-5297</v>"));
    EXPECT_THAT(cell(members["xl/worksheets/sheet2.xml"], "F3"), HasSubstr("<v>25.417</v>"));
}

TEST(ReviewXlsx, WritesAnAmountThatANumberWouldRoundAsText) {
    auto row = sample::amount_mismatch();
    row.ledger_amount = 999'999'999'999'999;
    row.channel_amount = 9'007'199'254'740'993;  // 2^53 + 1
    const auto sheet = details_of(sample::list_of({row}));
    EXPECT_THAT(cell(sheet, "E2"), HasSubstr("<v>9999999999999.99</v>"));
    EXPECT_THAT(cell(sheet, "F2"), testing::AllOf(HasSubstr("inlineStr"), HasSubstr("90071992547409.93")));
}

TEST(ReviewXlsx, HasNoFormulaWhateverTheTextSays) {
    auto row = sample::amount_mismatch();
    row.merchant_order_id = "=HYPERLINK(\"http://example.com\")";
    row.channel_status = "+1";
    row.evidence = {"@SUM(A1)"};
    auto list = sample::list_of({row});
    list.summary.tenant_name = "=1+1";
    list.summary.statements[0].file = "=2+2";
    auto members = members_of(review_xlsx(list));
    for (const auto* name : {"xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"}) {
        EXPECT_THAT(members[name], Not(HasSubstr("<f>"))) << name;
        EXPECT_THAT(members[name], Not(HasSubstr("<f "))) << name;
        EXPECT_THAT(members[name], Not(HasSubstr("<hyperlink"))) << name;
    }
    EXPECT_THAT(cell(members["xl/worksheets/sheet2.xml"], "D2"),
                testing::AllOf(HasSubstr("inlineStr"), HasSubstr("=HYPERLINK(")));
}

TEST(ReviewXlsx, FiltersFreezesAndPrints) {
    const auto sheet = details_of(sample::every_kind());
    EXPECT_THAT(sheet, HasSubstr("<autoFilter ref=\"A1:AF13\"/>"));
    EXPECT_THAT(sheet, HasSubstr("state=\"frozen\""));
    EXPECT_THAT(sheet, HasSubstr("orientation=\"landscape\""));
    EXPECT_THAT(sheet, HasSubstr("fitToHeight=\"0\""));
    auto members = members_of(review_xlsx(sample::every_kind()));
    EXPECT_THAT(members["xl/workbook.xml"], HasSubstr("_xlnm.Print_Titles"));
}

TEST(ReviewXlsx, HoldsTimesAsDatesInTheDaysZone) {
    const auto sheet = details_of(sample::list_of({sample::amount_mismatch()}));
    // 2026-11-18 is day 46344 of the spreadsheet's calendar; 16:05:27 UTC is 00:05:27 of the next day in Shanghai.
    EXPECT_THAT(cell(sheet, "S2"), HasSubstr("<v>46345.003784"));
    EXPECT_THAT(cell(sheet, "U2"), HasSubstr("<v>46344</v>"));
}

TEST(ReviewXlsx, MakesRoomForWrappedText) {
    auto row = sample::amount_mismatch();
    row.evidence = {"a:1", "b:2", "c:3", "d:4", "e:5", "f:6", "g:7", "h:8"};
    EXPECT_THAT(details_of(sample::list_of({row})), HasSubstr("<row r=\"2\" ht=\"120\""));
}

TEST(ReviewXlsx, TellsWhereInTheFileTheEvidenceStands) {
    auto row = sample::missing_in_ledger();
    row.evidence_bytes = {{"bill.csv.gz:18", 1024, 87}};
    const auto sheet = details_of(sample::list_of({row}));
    EXPECT_THAT(cell(sheet, "AF1"), HasSubstr("Evidence, bytes"));
    EXPECT_THAT(cell(sheet, "AF2"), HasSubstr("bill.csv.gz:18 1024+87"));
}

TEST(ReviewXlsx, IsValidWhenThereIsNothingToReview) {
    auto members = members_of(review_xlsx(sample::list_of({})));
    EXPECT_THAT(members["xl/worksheets/sheet1.xml"], HasSubstr("今日无差异"));
    EXPECT_THAT(members["xl/worksheets/sheet2.xml"], HasSubstr("<autoFilter ref=\"A1:AF1\"/>"));
}

TEST(ReviewXlsx, GoesOnOnAnotherSheet) {
    auto members = members_of(lists::xlsx_of(sample::every_kind(), 5));
    EXPECT_THAT(members["xl/workbook.xml"], HasSubstr("差异 Discrepancies 3"));
    EXPECT_EQ(members.count("xl/worksheets/sheet4.xml"), 1U);
    EXPECT_THAT(members["xl/worksheets/sheet4.xml"], HasSubstr("9d191a70d482e5e2"));
}

TEST(ReviewXlsx, SurvivesTextThatXmlCannotHold) {
    auto row = sample::amount_mismatch();
    row.merchant_order_id = "a\x01<&\xFF";
    row.evidence = {std::string(40'000, 'x')};
    const auto sheet = details_of(sample::list_of({row}));
    EXPECT_THAT(cell(sheet, "D2"), HasSubstr("a?&lt;&amp;?"));
    EXPECT_THAT(cell(sheet, "L2"), HasSubstr("xxx…"));
}

TEST(ReviewXlsx, IsTheSameFileForTheSameList) {
    EXPECT_EQ(review_xlsx(sample::every_kind()), review_xlsx(sample::every_kind()));
}

// Sets an environment variable for one test.
class TemporaryFolderIs {
public:
    explicit TemporaryFolderIs(const char* folder) {
        const char* before = std::getenv("TMPDIR");
        before_ = before == nullptr ? std::nullopt : std::optional<std::string>(before);
        setenv("TMPDIR", folder, 1);
    }
    ~TemporaryFolderIs() {
        if (before_) {
            setenv("TMPDIR", before_->c_str(), 1);
        } else {
            unsetenv("TMPDIR");
        }
    }
    TemporaryFolderIs(const TemporaryFolderIs&) = delete;
    TemporaryFolderIs& operator=(const TemporaryFolderIs&) = delete;

private:
    std::optional<std::string> before_;
};

TEST(ReviewXlsx, SaysWhenThereIsNoTemporaryFolder) {
    const TemporaryFolderIs nowhere("/nonexistent-folder");
    EXPECT_THROW(review_xlsx(sample::list_of({})), core::OutsideFailure);
}

TEST(ReviewXlsx, LeavesNothingBehind) {
    const auto folder = std::filesystem::temp_directory_path() / ("xlsx-test-" + std::to_string(getpid()));
    std::filesystem::create_directory(folder);
    {
        const TemporaryFolderIs ours(folder.c_str());
        EXPECT_FALSE(review_xlsx(sample::every_kind()).empty());
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder));
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace reconciliation

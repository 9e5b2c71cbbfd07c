#include <gmock/gmock.h>

#include "reconciliation/lists/cards.h"
#include "reconciliation/lists/page.h"
#include "tests/unit/recon_lists/sample_list.h"

namespace reconciliation {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) {
        ++found;
    }
    return found;
}

TEST(HtmlEscape, LeavesNothingThatEndsATextOrAnAttribute) {
    EXPECT_EQ(lists::html_escape("<a href='x' title=\"y\">&"), "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;");
    EXPECT_EQ(lists::html_escape("长款"), "长款");
    EXPECT_EQ(lists::html_escape("a\xFF"
                                 "b"),
              "a?b");
}

TEST(HtmlPage, NeedsNothingFromOutside) {
    const auto page = review_html(sample::every_kind());
    EXPECT_THAT(page, HasSubstr("default-src 'none'; style-src 'unsafe-inline'"));
    for (const auto* reference : {"<script", "<link", "<img", "<iframe", "url(", "@import", "src=", "http"}) {
        // http-equiv is the one "http" there is.
        EXPECT_EQ(count_of(page, reference), std::string(reference) == "http" ? 1U : 0U) << reference;
    }
}

TEST(ReviewHtml, ListsEveryDiscrepancyWithBothLanguages) {
    const auto list = sample::every_kind();
    const auto page = review_html(list);
    for (const auto& row : list.discrepancies) {
        SCOPED_TRACE(name_of(row.kind));
        const auto told = explain(row, sample::kDay);
        EXPECT_EQ(count_of(page, "<tbody id=\"d-" + row.id + "\">"), 1U);
        EXPECT_THAT(page, AllOf(HasSubstr(lists::html_escape(told.zh)), HasSubstr(lists::html_escape(told.en))));
        EXPECT_THAT(page,
                    AllOf(HasSubstr(std::string(chinese_of(row.kind))), HasSubstr(std::string(english_of(row.kind)))));
        for (const auto& evidence : row.evidence) {
            EXPECT_THAT(page, HasSubstr(">" + evidence + "</li>"));
        }
    }
    EXPECT_THAT(page, HasSubstr("需要处理 11 笔"));
    EXPECT_THAT(page, HasSubstr("1 item in transit"));
}

TEST(ReviewHtml, EscapesWhatComesFromOutside) {
    const std::string attack = "\"><script>alert(1)</script>";
    auto row = sample::status_mismatch();
    row.id = attack;
    row.channel_txn_id = attack;
    row.merchant_order_id = attack;
    row.channel_status = attack;
    row.ledger_status = attack;
    row.channel_currency = attack;
    row.order_amount = 1;
    row.order_currency = attack;
    row.evidence = {attack};
    row.totals = {{attack, attack, attack}};
    auto list = sample::list_of({row});
    list.summary.tenant_name = attack;
    list.summary.channel_label_zh = attack;
    list.summary.statements[0].file = attack;
    list.summary.statements[0].sha256 = attack;
    list.summary.digest = attack;
    list.summary.ledger_amount[attack] = 1;
    EXPECT_THAT(review_html(list), Not(HasSubstr("<script")));
    EXPECT_THAT(index_html({{list.summary, attack}}), Not(HasSubstr("<script")));
}

TEST(ReviewHtml, MarksTheFieldsThatDiffer) {
    const auto cards = [](const Discrepancy& row) { return lists::discrepancy_cards_html({row}, {}); };
    EXPECT_THAT(cards(sample::amount_mismatch()),
                AllOf(HasSubstr("<mark>254.18</mark> USD"), HasSubstr("<mark>254.17</mark> USD")));
    EXPECT_THAT(cards(sample::currency_mismatch()), HasSubstr("254.18 <mark>EUR</mark>"));
    EXPECT_THAT(cards(sample::status_mismatch()), HasSubstr("<mark>REVOKED</mark>"));
    EXPECT_THAT(cards(sample::fee_mismatch()), AllOf(HasSubstr("<mark>2.45</mark>"), HasSubstr("<mark>2.31</mark>")));
    EXPECT_THAT(cards(sample::missing_in_channel()), HasSubstr("<mark>没有"));
    EXPECT_THAT(cards(sample::nobodys()), Not(HasSubstr("<mark>")));
}

TEST(ReviewHtml, SaysSoWhenThereIsNothing) {
    const auto page = review_html(sample::list_of({}));
    EXPECT_THAT(page,
                AllOf(HasSubstr("今日无差异"), HasSubstr("Nothing to review"), Not(HasSubstr("<table class=\"rows"))));
}

TEST(ReviewHtml, TellsTheRestWhenThereAreTooManyRows) {
    lists::CardOptions options;
    options.rows_max = 2;
    const auto cards =
        lists::discrepancy_cards_html({sample::amount_mismatch(), sample::nobodys(), sample::fee_mismatch()}, options);
    EXPECT_EQ(count_of(cards, "<tbody id="), 2U);
    EXPECT_THAT(cards, HasSubstr("共 3 笔"));
}

// Many rows are laid out as several tables, each with its own heading, and none is lost at a border.
TEST(ReviewHtml, KeepsEveryRowOfALongList) {
    std::vector<Discrepancy> rows;
    for (int i = 0; i < 201; ++i) {
        rows.push_back(sample::amount_mismatch());
        rows.back().id = "row" + std::to_string(i) + ".";
    }
    const auto cards = lists::discrepancy_cards_html(rows, {});
    EXPECT_EQ(count_of(cards, "<tbody id="), 201U);
    EXPECT_EQ(count_of(cards, "<thead>"), 3U);
    EXPECT_EQ(count_of(cards, "id=\"d-row100.\""), 1U);
    EXPECT_EQ(count_of(cards, "id=\"d-row200.\""), 1U);
}

TEST(ReviewHtml, ShowsTimesInTheDaysZone) {
    EXPECT_THAT(review_html(sample::list_of({sample::amount_mismatch()})),
                AllOf(HasSubstr("2026-11-19 00:05:27"), HasSubstr("Asia/Shanghai"), HasSubstr("24:00 日切")));
}

TEST(ReviewHtml, DrawsTotalsEachCurrencyOnItsOwnScale) {
    const auto page = review_html(sample::list_of({}));
    EXPECT_THAT(page, AllOf(HasSubstr("103,994.59"), HasSubstr("-1.500"), HasSubstr("差额 difference 7,390")));
}

TEST(Cards, TakeOtherNamesForTheSides) {
    lists::CardOptions options;
    options.sides = {"左侧", "Left", "右侧", "Right"};
    EXPECT_THAT(lists::discrepancy_cards_html({sample::amount_mismatch()}, options),
                AllOf(HasSubstr("左侧 <span lang=\"en\">Left</span>"), HasSubstr("data-label=\"右侧 Right\"")));
}

class IndexLink : public testing::TestWithParam<std::pair<const char*, bool>> {};

TEST_P(IndexLink, LeadsOnlyWhereItShould) {
    const auto page = index_html({{sample::empty_summary(), GetParam().first}});
    EXPECT_EQ(count_of(page, "<a href="), GetParam().second ? 1U : 0U);
}

INSTANTIATE_TEST_SUITE_P(, IndexLink,
                         testing::Values(std::pair{"/lists/acme/stripe/2026-11-18/review.html", true},
                                         std::pair{"acme/stripe/review.html?a=b:c", true},
                                         std::pair{"https://example.com/", true},
                                         std::pair{"javascript:alert(1)", false}, std::pair{"//example.com/", false},
                                         std::pair{"/\\example.com", false}, std::pair{"", false}));

TEST(IndexHtml, ListsTheNewestDayFirst) {
    auto older = sample::empty_summary();
    older.business_date = date::year(2026) / 11 / 17;
    const auto page = index_html({{older, "a"}, {sample::every_kind().summary, "b"}});
    EXPECT_LT(page.find("href=\"b\""), page.find("href=\"a\""));
    EXPECT_THAT(page, AllOf(HasSubstr("需要处理 11 笔"), HasSubstr("无差异")));
    EXPECT_THAT(index_html({}), HasSubstr("还没有清单"));
}

}  // namespace
}  // namespace reconciliation

#include <gmock/gmock.h>

#include "core/json/reader.h"
#include "tests/unit/recon_lists/sample_list.h"

namespace reconciliation {
namespace {

TEST(SummaryJson, HasTheContractsFieldsInItsOrder) {
    auto list = sample::list_of({sample::timing(), sample::amount_mismatch()});
    list.summary.discrepancies[DiscrepancyKind::fee_mismatch] = 0;  // doesn't occur, so isn't told
    EXPECT_EQ(summary_json(list.summary), R"({
 "tenant": "acme",
 "channel": "stripe",
 "business_date": "2026-11-18",
 "statements": [
  {
   "file": "bill.csv.gz",
   "sha256": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
   "lines": 32
  }
 ],
 "ledger": {
  "count": 29,
  "amount": {
   "JPY": 32531,
   "USD": 10399459
  }
 },
 "channel_side": {
  "count": 32,
  "amount": {
   "JPY": 39921,
   "KWD": -1500,
   "USD": 10399459
  },
  "fee": {
   "USD": 35898
  }
 },
 "matched": 22,
 "discrepancies": {
  "timing": 1,
  "amount_mismatch": 1
 },
 "carried_in": 1,
 "carried_out": 0,
 "cleared": 1,
 "displaced": 0,
 "digest": "d1",
 "started_at": "2026-11-19T01:00:00Z",
 "finished_at": "2026-11-19T01:00:01Z",
 "equations": []
}
)");
}

TEST(SummaryJson, HasEachEquationWithItsTermsSumsAndWhatIsLeft) {
    Summary summary;
    summary.equations = {{"statement_settlement",
                          "stripe",
                          "USD",
                          {{"payments", 1000}, {"refunds", -200}, {"fees", -30}},
                          {{"paid_by_bank", 700}}}};
    EXPECT_THAT(summary_json(summary), testing::HasSubstr(R"( "equations": [
  {
   "edge": "statement_settlement",
   "channel": "stripe",
   "currency": "USD",
   "left": [
    {
     "term": "payments",
     "amount": 1000
    },
    {
     "term": "refunds",
     "amount": -200
    },
    {
     "term": "fees",
     "amount": -30
    }
   ],
   "right": [
    {
     "term": "paid_by_bank",
     "amount": 700
    }
   ],
   "left_sum": 770,
   "right_sum": 700,
   "residual": 70
  }
 ]
)"));
}

TEST(SummaryJson, EndsWithWhatIsOnOneSideOnlyItsGroundsAndTheConditionEachCandidateFails) {
    auto alone = sample::missing_in_ledger();
    alone.evidence_bytes = {{"bill.csv.gz:18", 1024, 87}};
    alone.candidates = {
        {Candidate::Failed::amount, "entry:12", payments::TransactionType::refund, "re_1", "A-1", -5296, "JPY", 0}};
    const auto text = summary_json(sample::list_of({alone, sample::amount_mismatch(), sample::missing_in_channel()}));

    const auto json = core::json::parse(text);
    ASSERT_TRUE(json) << text;
    EXPECT_EQ(json->members().back().first, "leftovers");
    const auto leftovers = json->path("leftovers")->items();
    ASSERT_EQ(leftovers.size(), 2U);
    EXPECT_EQ(leftovers[0].string_at("discrepancy_id"), "af82b956b8a68ea2");
    EXPECT_EQ(leftovers[0].string_at("kind"), "missing_in_ledger");
    EXPECT_EQ(leftovers[0].string_at("side"), "channel");
    EXPECT_EQ(leftovers[0].path("amount", "amount")->integer(), -5297);
    const auto evidence = leftovers[0].path("evidence")->items();
    EXPECT_EQ(evidence[0].string_at("at"), "bill.csv.gz:18");
    EXPECT_EQ(evidence[0].integer_at("begin"), 1024);
    EXPECT_EQ(evidence[0].integer_at("bytes"), 87);
    const auto candidates = leftovers[0].path("candidates")->items();
    ASSERT_EQ(candidates.size(), 1U);
    EXPECT_EQ(candidates[0].string_at("failed"), "amount");
    EXPECT_EQ(candidates[0].string_at("evidence"), "entry:12");
    EXPECT_EQ(candidates[0].path("amount", "amount")->integer(), -5296);
    EXPECT_EQ(leftovers[1].string_at("side"), "ledger");
    EXPECT_TRUE(leftovers[1].path("candidates")->items().empty());
}

TEST(ReviewHtml, MarksWhatIsLeftOfAnEquation) {
    auto list = sample::every_kind();
    EXPECT_THAT(review_html(list), testing::Not(testing::HasSubstr("Equations")));
    list.summary.equations = {
        {"settlement_bank", "stripe", "USD", {{"settled", 1000}, {"due", 0}}, {{"credits", 1000}}},
        {"bank_balance", "", "USD", {{"opening", 5}}, {{"closing", 12'305}}}};
    const auto page = review_html(list);
    EXPECT_THAT(page, testing::HasSubstr("<span lang=\"en\">Settlement = bank</span>"));
    EXPECT_THAT(page, testing::HasSubstr("<mark>-123.00</mark>"));
    EXPECT_THAT(page, testing::Not(testing::HasSubstr("<mark>0.00</mark>")));
}

TEST(ReviewFiles, AreFourWithTheSummaryLast) {
    const auto files = review_files(sample::every_kind());
    std::vector<std::string> names;
    for (const auto& [name, bytes] : files) {
        names.push_back(name);
        EXPECT_FALSE(bytes.empty()) << name;
    }
    EXPECT_THAT(names, testing::ElementsAre("review.csv", "review.xlsx", "review.html", "summary.json"));
}

}  // namespace
}  // namespace reconciliation

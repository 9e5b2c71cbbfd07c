#include <gmock/gmock.h>

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
 "digest": "d1",
 "started_at": "2026-11-19T01:00:00Z",
 "finished_at": "2026-11-19T01:00:01Z"
}
)");
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

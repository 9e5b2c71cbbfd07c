// The review list as people and programs get it: review.csv, review.xlsx, review.html, summary.json.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/time.h"
#include "reconciliation/discrepancy.h"

namespace reconciliation {

using AmountByCurrency = std::map<std::string, std::int64_t>;  // minor units

struct StatementSummary {
    std::string file;
    std::string sha256;
    std::uint64_t lines = 0;
};

// One edge of the reconciliation as an equation: what its left side adds up to, what its right side does, and what is
// left between them, which the lines have to explain. Minor units of one currency.
//
//   books_statement       the day's movements in the books = the channel's trade statement
//   statement_settlement  gross - refunds - fees +- adjustments = what was paid out of the day so far
//   settlement_bank       what was due or was paid = what the bank received for it
//   bank_balance          opening balance + entries = closing balance
struct EquationTerm {
    std::string name;  // "payments", "refunds", "fees" ...
    std::int64_t minor = 0;
};
struct Equation {
    std::string edge;
    std::string channel;
    std::string currency;
    std::vector<EquationTerm> left;
    std::vector<EquationTerm> right;

    std::int64_t left_sum() const;
    std::int64_t right_sum() const;
    std::int64_t residual() const;  // left - right
};

// summary.json, contract section 5.
struct Summary {
    std::string tenant;
    std::string tenant_name;  // for people; not in summary.json
    std::string channel;
    std::string channel_label_zh;  // "微信支付"; for people, may be empty; not in summary.json
    std::string channel_label_en;  // "WeChat Pay"; likewise
    core::BusinessDay business_date{};
    // Whose day business_date is; pages show times in its zone. An empty zone: UTC, and nothing is said about the cut.
    core::DayCut day_cut;
    std::vector<StatementSummary> statements;
    std::uint64_t ledger_count = 0;
    AmountByCurrency ledger_amount;
    std::uint64_t channel_count = 0;
    AmountByCurrency channel_amount;
    AmountByCurrency channel_fee;
    std::uint64_t matched = 0;
    std::uint64_t displaced = 0;                           // pairs whose movement the books have on a neighbouring day
    std::map<std::string, std::uint64_t> matched_by_rule;  // of `matched`, by the rules in force
    std::vector<FoundRate> found_rates;                    // where fees are not the contract's and others explain them
    std::map<DiscrepancyKind, std::uint64_t> discrepancies;
    std::uint64_t carried_in = 0;
    std::uint64_t carried_out = 0;
    std::uint64_t cleared = 0;
    std::string digest;
    core::Instant started_at{};
    core::Instant finished_at{};
    std::vector<Equation> equations;  // evaluated before lines
};

struct ReviewList {
    Summary summary;
    std::vector<Discrepancy> discrepancies;
};

// Exponent of an ISO currency for display; 2 for an unknown one.
int display_exponent(const std::string& currency);

// Contract section 5: byte-order mark, CRLF, the 20 columns first and further ones behind them.
std::string review_csv(const ReviewList& list);
// Two sheets, figures and discrepancies. Throws OutsideFailure when the temporary folder fails.
std::string review_xlsx(const ReviewList& list);
// One page that needs nothing else; it spells out kHtmlRowsMax rows and says so where there are more.
std::string review_html(const ReviewList& list);
std::string summary_json(const Summary& summary);
// With a last member "leftovers": the rows of which one side has nothing, what each rests on, and its candidates.
std::string summary_json(const ReviewList& list);

inline constexpr std::size_t kHtmlRowsMax = 10'000;

// The four files by name, in the order in which they are to be published.
std::vector<std::pair<std::string, std::string>> review_files(const ReviewList& list);

// The page in front of many review lists: newest day first, one row a tenant, channel and day.
struct IndexEntry {
    Summary summary;
    std::string href;  // of its review.html; only a relative or http(s) address becomes a link
};
std::string index_html(const std::vector<IndexEntry>& entries);

}  // namespace reconciliation

#include "core/text/csv.h"

#include <array>

#include "reconciliation/lists/texts.h"
#include "reconciliation/review_list.h"

namespace reconciliation {
namespace {

using lists::amount_text;
using lists::day_text;

// One line of the file under way. What stands in a cell decides how it is written: text may come from anybody and
// must not start a formula; numbers and dates are made by us, and a negative amount has to stay a number.
class CsvLine {
public:
    CsvLine& text(std::string_view value) { return cell(core::text::csv_text_cell(value)); }
    CsvLine& number(std::string_view value) { return cell(value); }

    void end_into(std::string& out) const {
        out += line_;
        out += "\r\n";
    }

private:
    CsvLine& cell(std::string_view written) {
        if (!first_) {
            line_ += ',';
        }
        first_ = false;
        line_ += written;
        return *this;
    }

    std::string line_;
    bool first_ = true;
};

// The contract's columns, in its order; then ours.
constexpr std::array<std::string_view, 20> kContractColumns{
    "discrepancy_id", "kind",           "tenant",           "channel",
    "business_date",  "type",           "channel_txn_id",   "merchant_order_id",
    "ledger_amount",  "channel_amount", "difference",       "currency",
    "ledger_fee",     "channel_fee",    "ledger_status",    "channel_status",
    "occurred_at",    "age_days",       "suggested_action", "evidence"};
constexpr std::array<std::string_view, 15> kFurtherColumns{
    "ledger_currency",     "channel_occurred_at", "item_date",      "also",
    "order_amount",        "order_currency",      "totals",         "kind_zh",
    "suggested_action_zh", "explanation_zh",      "explanation_en", "expected_by",
    "age_business_days",   "candidates",          "evidence_bytes"};

std::string instant_text(const std::optional<core::Instant>& instant) {
    return instant ? core::format_rfc3339(*instant) : std::string();
}

std::string also_text(const Discrepancy& row) {
    std::vector<std::string> names;
    names.reserve(row.also.size());
    for (const auto kind : row.also) {
        names.emplace_back(name_of(kind));
    }
    return lists::joined(names, "; ");
}

std::string totals_text(const Discrepancy& row) {
    std::vector<std::string> parts;
    parts.reserve(row.totals.size());
    for (const auto& total : row.totals) {
        parts.push_back(total.name + ": " + total.stated + " / " + total.actual);
    }
    return lists::joined(parts, "; ");
}

void add_contract_cells(CsvLine& line, const Summary& summary, const Discrepancy& row, const Explanation& told) {
    line.text(row.id).text(name_of(row.kind)).text(summary.tenant).text(summary.channel);
    line.number(day_text(summary.business_date)).text(row.type ? name_of(*row.type) : "");
    line.text(row.channel_txn_id).text(row.merchant_order_id);
    line.number(amount_text(row.ledger_amount, row.ledger_exponent));
    line.number(amount_text(row.channel_amount, row.channel_exponent));
    line.number(amount_text(row.difference(), row.exponent())).text(row.currency());
    line.number(amount_text(row.ledger_fee, row.exponent())).number(amount_text(row.channel_fee, row.exponent()));
    line.text(row.ledger_status).text(row.channel_status).number(instant_text(row.occurred_at));
    line.number(std::to_string(row.age_days)).text(told.suggested_action);
    line.text(lists::joined(row.evidence, "; "));
}

void add_further_cells(CsvLine& line, const Discrepancy& row, const Explanation& told) {
    line.text(row.ledger_currency == row.currency() ? "" : row.ledger_currency);
    line.number(instant_text(row.channel_occurred_at)).number(day_text(row.item_day)).text(also_text(row));
    const int order_exponent =
        row.order_currency == row.currency() ? row.exponent() : display_exponent(row.order_currency);
    line.number(amount_text(row.order_amount, order_exponent)).text(row.order_currency);
    line.text(totals_text(row)).text(chinese_of(row.kind));
    line.text(told.suggested_action_zh).text(told.zh).text(told.en);
    line.number(row.expected_by ? day_text(*row.expected_by) : "");
    line.number(row.age_business_days ? std::to_string(*row.age_business_days) : "");
    line.text(candidates_text(row.candidates)).text(evidence_bytes_text(row.evidence_bytes));
}

}  // namespace

std::string review_csv(const ReviewList& list) {
    std::string out = "\xEF\xBB\xBF";
    CsvLine header;
    for (const auto column : kContractColumns) {
        header.number(column);
    }
    for (const auto column : kFurtherColumns) {
        header.number(column);
    }
    header.end_into(out);

    for (const auto& row : list.discrepancies) {
        const Explanation told = explain(row, list.summary.business_date);
        CsvLine line;
        add_contract_cells(line, list.summary, row, told);
        add_further_cells(line, row, told);
        line.end_into(out);
    }
    return out;
}

}  // namespace reconciliation

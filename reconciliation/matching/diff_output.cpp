#include <algorithm>
#include <array>

#include "core/files.h"
#include "core/json/writer.h"
#include "core/money.h"
#include "core/text/csv.h"
#include "core/time.h"
#include "reconciliation/diff.h"
#include "reconciliation/lists/grounds.h"
#include "reconciliation/matching/diff_totals.h"

namespace reconciliation {

namespace {

using payments::TransactionType;

constexpr std::string_view kHeader =
    "discrepancy_id,kind,type,channel_txn_id,merchant_order_id,ledger_amount,channel_amount,difference,currency,"
    "ledger_fee,channel_fee,ledger_status,channel_status,occurred_at,suggested_action,evidence,"
    "ledger_currency,channel_occurred_at,also,kind_zh,suggested_action_zh,explanation_zh,explanation_en,candidates\r\n";

std::string amount_text(const std::optional<std::int64_t>& minor, int exponent) {
    return minor ? core::decimal_from_minor(*minor, exponent) : std::string();
}

std::string instant_text(const std::optional<core::Instant>& instant) {
    return instant ? core::format_rfc3339(*instant) : std::string();
}

template <typename Parts, typename Text>
std::string joined(const Parts& parts, Text text) {
    std::string out;
    for (const auto& part : parts) {
        out += (out.empty() ? "" : "; ") + std::string(text(part));
    }
    return out;
}

std::string also_text(const Discrepancy& row) {
    return joined(row.also, [](DiscrepancyKind kind) { return name_of(kind); });
}

std::string evidence_text(const Discrepancy& row) {
    return joined(row.evidence, [](const std::string& line) { return line; });
}

// Amounts and times are numbers and words of ours; everything else may come from anybody and is written as text that
// can't start a formula.
void add_row(std::string& out, const Discrepancy& row) {
    const Explanation told = explain(row, core::BusinessDay{});
    const auto text = [&](std::string_view value) { out += core::text::csv_text_cell(value) + ","; };
    const auto number = [&](const std::string& value) { out += value + ","; };
    text(row.id);
    text(name_of(row.kind));
    text(row.type ? payments::name_of(*row.type) : std::string_view());
    text(row.channel_txn_id);
    text(row.merchant_order_id);
    number(amount_text(row.ledger_amount, row.ledger_exponent));
    number(amount_text(row.channel_amount, row.channel_exponent));
    number(amount_text(row.difference(), row.exponent()));
    text(row.currency());
    number(amount_text(row.ledger_fee, row.exponent()));
    number(amount_text(row.channel_fee, row.exponent()));
    text(row.ledger_status);
    text(row.channel_status);
    number(instant_text(row.occurred_at));
    text(told.suggested_action);
    text(evidence_text(row));
    text(row.ledger_currency == row.currency() ? std::string_view() : std::string_view(row.ledger_currency));
    number(instant_text(row.channel_occurred_at));
    text(also_text(row));
    text(chinese_of(row.kind));
    text(told.suggested_action_zh);
    text(told.zh);
    text(told.en);
    out += core::text::csv_text_cell(candidates_text(row.candidates)) + "\r\n";
}

void add_amounts(core::json::Writer& json, std::string_view name, const AmountByCurrency& amounts) {
    json.key(name).begin_object();
    for (const auto& [currency, minor] : amounts) {
        json.member(currency, minor);
    }
    json.end_object();
}

AmountByCurrency amounts_of(const DiffSide& side, TransactionType type) {
    const auto found = side.amounts.find(type);
    return found == side.amounts.end() ? AmountByCurrency() : found->second;
}

void add_other_types(core::json::Writer& json, const DiffSide& side) {
    json.key("others").begin_object();
    for (const auto& [type, amounts] : side.amounts) {
        if (type != TransactionType::payment && type != TransactionType::refund) {
            add_amounts(json, payments::name_of(type), amounts);
        }
    }
    json.end_object();
}

void add_columns(core::json::Writer& json, const DiffSide& side) {
    json.key("columns").begin_object();
    for (const DiffColumn& column : side.columns) {
        json.key(column.field).begin_object();
        json.member("column", column.column).member("found_by", name_of(column.source));
        json.end_object();
    }
    json.end_object();
    json.key("notes").begin_array();
    for (const std::string& note : side.notes) {
        json.value(note);
    }
    json.end_array();
}

void add_side(core::json::Writer& json, std::string_view name, const DiffSide& side) {
    json.key(name).begin_object();
    json.member("file", side.file).member("sha256", side.sha256).member("count", side.count);
    add_amounts(json, "payments", amounts_of(side, TransactionType::payment));
    add_amounts(json, "refunds", amounts_of(side, TransactionType::refund));
    add_other_types(json, side);
    add_amounts(json, "fee", side.fee);
    json.member("units", name_of(side.units));
    add_columns(json, side);
    json.end_object();
}

// As wide as the widest cell of its column. Chinese letters are twice as wide on a terminal, but ids and figures are
// what stands here.
std::string padded(std::string_view text, std::size_t width, bool right) {
    const std::string blanks(width > text.size() ? width - text.size() : 0, ' ');
    return right ? blanks + std::string(text) : std::string(text) + blanks;
}

constexpr std::size_t kTableColumns = 9;
using TableRow = std::array<std::string, kTableColumns>;

// Control characters of a file must not reach the terminal.
std::string printable(std::string_view text) {
    std::string out(text);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    return out;
}

TableRow table_row(const Discrepancy& row) {
    return {std::string(name_of(row.kind)),
            std::string(row.type ? payments::name_of(*row.type) : std::string_view()),
            printable(row.channel_txn_id),
            printable(row.merchant_order_id),
            amount_text(row.ledger_amount, row.ledger_exponent),
            amount_text(row.channel_amount, row.channel_exponent),
            amount_text(row.difference(), row.exponent()),
            printable(row.currency()),
            printable(evidence_text(row))};
}

}  // namespace

std::string diff_csv(const DiffResult& result) {
    constexpr std::size_t kUsualRowBytes = 1024;
    std::string out;
    out.reserve((result.discrepancies.size() + 1) * kUsualRowBytes);  // one that grows is there twice for a moment
    out = "\xEF\xBB\xBF";
    out += kHeader;
    for (const Discrepancy& row : result.discrepancies) {
        add_row(out, row);
    }
    return out;
}

std::string diff_summary_json(const DiffResult& result) {
    core::json::Writer json(1);
    json.begin_object();
    json.key("ledger").begin_object().member("count", result.left.count);
    add_amounts(json, "amount", matching::net_amounts(result.left));
    json.end_object();
    json.key("channel_side").begin_object().member("count", result.right.count);
    add_amounts(json, "amount", matching::net_amounts(result.right));
    add_amounts(json, "fee", result.right.fee);
    json.end_object();
    json.member("paired", result.paired).member("matched", result.matched);
    if (!result.matched_by_rule.empty()) {
        json.key("matched_by_rule").begin_object();
        for (const auto& [rule, pairs] : result.matched_by_rule) {
            json.member(rule, pairs);
        }
        json.end_object();
    }
    json.key("discrepancies").begin_object();
    for (const auto& [kind, count] : count_kinds(result)) {
        json.member(name_of(kind), count);
    }
    json.end_object();
    json.member("digest", result.digest);
    add_side(json, "left", result.left);
    add_side(json, "right", result.right);
    lists::write_leftovers(json, result.discrepancies);
    json.end_object();
    return json.text() + "\n";
}

std::string diff_table(const DiffResult& result) {
    std::vector<TableRow> rows{{"kind", "type", "channel_txn_id", "merchant_order_id", "ledger", "channel",
                                "difference", "currency", "where"}};
    for (const Discrepancy& row : result.discrepancies) {
        rows.push_back(table_row(row));
    }
    std::array<std::size_t, kTableColumns> widths{};
    for (const TableRow& row : rows) {
        for (std::size_t i = 0; i < kTableColumns; ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    std::string out;
    if (!result.discrepancies.empty()) {
        for (const TableRow& row : rows) {
            for (std::size_t i = 0; i + 1 < kTableColumns; ++i) {
                out += padded(row[i], widths[i], i >= 4 && i <= 6) + "  ";
            }
            out += row.back() + "\n";
        }
        out += "\n";
    }
    out += std::to_string(result.left.count) + " left, " + std::to_string(result.right.count) + " right, " +
           std::to_string(result.matched) + " matched, " + std::to_string(result.discrepancies.size()) +
           " to look at\n";
    return out;
}

void write_diff(const std::filesystem::path& folder, const DiffResult& result) {
    core::FilesTogether files(folder);
    files.add("diff.csv", diff_csv(result));
    files.add("diff.html", diff_html(result));
    // Last: whoever watches the folder for it finds the others there.
    files.add("summary.json", diff_summary_json(result));
    files.publish();
}

}  // namespace reconciliation

#include "reconciliation/lists/cards.h"

#include <algorithm>

#include "reconciliation/lists/page.h"
#include "reconciliation/lists/texts.h"

namespace reconciliation::lists {
namespace {

// What about the row is to be marked. Told by the facts of the row, not by its kind alone: a row has one kind, but
// may differ in more than one field.
struct Marks {
    bool amount;
    bool currency;
    bool status;
    bool fee;
};

bool has(const Discrepancy& row, DiscrepancyKind kind) {
    return row.kind == kind || std::find(row.also.begin(), row.also.end(), kind) != row.also.end();
}

Marks marks_of(const Discrepancy& row) {
    const bool both = row.ledger_amount && row.channel_amount;
    const bool in_transit_on_both = row.kind == DiscrepancyKind::timing && both;
    return {both && row.difference().value_or(0) != 0, both && row.ledger_currency != row.channel_currency,
            has(row, DiscrepancyKind::status_mismatch) || in_transit_on_both, has(row, DiscrepancyKind::fee_mismatch)};
}

std::string marked(const std::string& escaped, bool differs) {
    return differs ? "<mark>" + escaped + "</mark>" : escaped;
}

// One side of the row, with its column's heading for narrow screens.
struct Side {
    const std::optional<std::int64_t>& amount;
    int exponent;
    const std::string& currency;
    const std::string& status;
    const std::optional<std::int64_t>& fee;
    std::string_view fee_zh;
    std::string_view fee_en;
    const std::optional<core::Instant>& occurred_at;
};

std::string small_line(std::string_view zh, std::string_view en, const std::string& value_html) {
    return "<div class=\"soft\">" + bilingual(zh, en) + " " + value_html + "</div>";
}

std::string amount_line(const Discrepancy& row, const Side& side, const Marks& marks) {
    if (side.amount) {
        return "<div class=\"amount\">" + marked(amount_text(side.amount, side.exponent), marks.amount) + " " +
               marked(html_escape(side.currency), marks.currency) + "</div>";
    }
    return row.kind == DiscrepancyKind::total_mismatch
               ? "<span class=\"soft\">—</span>"
               : "<div class=\"amount\"><mark>没有 <span lang=\"en\">none</span></mark></div>";
}

std::string side_cell(const std::string& heading, const Discrepancy& row, const Side& side, const Marks& marks,
                      const std::string& zone) {
    std::string out = "<td data-label=\"" + html_escape(heading) + "\">" + amount_line(row, side, marks);
    if (!side.status.empty()) {
        out += small_line("状态", "state", marked(html_escape(side.status), marks.status));
    }
    if (side.fee) {
        out += small_line(side.fee_zh, side.fee_en, marked(amount_text(side.fee, row.exponent()), marks.fee));
    }
    if (side.occurred_at) {
        out += "<div class=\"soft\">" + html_escape(time_text(side.occurred_at, zone)) + "</div>";
    }
    return out + "</td>";
}

std::string order_line(const Discrepancy& row) {
    if (!row.order_amount) {
        return "";
    }
    const int exponent = row.order_currency == row.currency() ? row.exponent() : display_exponent(row.order_currency);
    return small_line("订单", "order",
                      marked(html_escape(money_text(row.order_amount, exponent, row.order_currency)),
                             has(row, DiscrepancyKind::order_mismatch)));
}

std::string sides(const Discrepancy& row, const CardOptions& options) {
    const Marks marks = marks_of(row);
    const SideNames& names = options.sides;
    const Side left{row.ledger_amount, row.ledger_exponent, row.ledger_currency, row.ledger_status,
                    row.ledger_fee,    "合同手续费",        "contract fee",      row.occurred_at};
    const Side right{row.channel_amount,
                     row.channel_exponent,
                     row.channel_currency,
                     row.channel_status,
                     row.channel_fee,
                     "手续费",
                     "fee",
                     row.channel_occurred_at};
    return side_cell(names.left_zh + " " + names.left_en, row, left, marks, options.zone) +
           side_cell(names.right_zh + " " + names.right_en, row, right, marks, options.zone);
}

std::string difference_cell(const Discrepancy& row) {
    std::string out = "<td class=\"num\" data-label=\"差额 Difference\">";
    const auto difference = row.difference();
    if (row.kind == DiscrepancyKind::total_mismatch || !difference) {
        return out + "<span class=\"soft\">—</span></td>";
    }
    return out + "<span class=\"amount\">" + (*difference > 0 ? "+" : "") + amount_text(difference, row.exponent()) +
           "</span> " + html_escape(row.currency()) + "</td>";
}

std::string kind_cell(const Discrepancy& row) {
    std::string out = "<th scope=\"rowgroup\" rowspan=\"2\"><span class=\"tag " + std::string(weight_of(row.kind)) +
                      "\">" + std::string(chinese_of(row.kind)) + "</span><div class=\"soft\" lang=\"en\">" +
                      std::string(english_of(row.kind)) + "</div>";
    for (const auto kind : row.also) {
        out += small_line("另有", "also", std::string(chinese_of(kind)));
    }
    if (row.age_days > 0) {
        const std::string days = std::to_string(row.age_days);
        out += "<div class=\"soft\"><b>挂账 " + days + " 天</b> <span lang=\"en\">" + days + " d open</span></div>";
    }
    if (row.kind == DiscrepancyKind::timing && row.expected_by) {
        out += small_line("最晚等到", "expected by", day_text(*row.expected_by));
    }
    return out + "<div class=\"id soft\">" + html_escape(row.id) + "</div></th>";
}

std::string totals_lines(const Discrepancy& row) {
    std::string out;
    for (const auto& total : row.totals) {
        out += "<div>" + html_escape(total.name) + "</div><div class=\"soft\">" + bilingual("账单写", "stated") +
               " <mark>" + html_escape(total.stated) + "</mark> · " + bilingual("逐行相加", "lines add up to") +
               " <mark>" + html_escape(total.actual) + "</mark></div>";
    }
    return out;
}

std::string transaction_cell(const Discrepancy& row, const CardOptions& options) {
    std::string out = "<td class=\"wide\" data-label=\"交易 Transaction\">";
    if (row.type) {
        out += "<div>" + bilingual(chinese_of(*row.type), english_of(*row.type)) + "</div>";
    }
    out += totals_lines(row);
    if (!row.channel_txn_id.empty()) {
        out += "<div class=\"id\">" + html_escape(row.channel_txn_id) + "</div>";
    }
    if (!row.merchant_order_id.empty()) {
        out += small_line("订单号", "order", "<span class=\"id\">" + html_escape(row.merchant_order_id) + "</span>");
    }
    out += order_line(row);
    if (row.item_day.ok() && row.item_day != options.day) {
        out += small_line("营业日", "day", day_text(row.item_day));
    }
    return out + "</td>";
}

std::string action_cell(const Explanation& told) {
    return "<td class=\"wide\" data-label=\"建议处理 What to do\"><p><b>" + html_escape(told.suggested_action_zh) +
           "</b></p><p class=\"en\" lang=\"en\">" + html_escape(told.suggested_action_en) + "</p></td>";
}

// ", 字节 bytes 1024+87" of a line whose place in the file is known.
std::string bytes_of(const Discrepancy& row, const std::string& evidence) {
    const auto range = std::find_if(row.evidence_bytes.begin(), row.evidence_bytes.end(),
                                    [&](const auto& known) { return known.evidence == evidence; });
    return range == row.evidence_bytes.end()
               ? std::string()
               : ", 字节 bytes " + std::to_string(range->begin) + "+" + std::to_string(range->bytes);
}

// The second line of the row: what happened in both languages, and where to look it up.
std::string story_line(const Discrepancy& row, const Explanation& told) {
    std::string out = "<tr class=\"story\"><td class=\"wide\" colspan=\"4\"><div class=\"pair\"><p>" +
                      html_escape(told.zh) + "</p><p class=\"en\" lang=\"en\">" + html_escape(told.en) +
                      "</p></div></td><td class=\"wide\">";
    if (!row.evidence.empty()) {
        out += "<span class=\"soft\">" + bilingual("证据", "evidence") + "</span><ul class=\"evidence\">";
        for (const auto& evidence : row.evidence) {
            out += "<li class=\"id\">" + html_escape(evidence) + html_escape(bytes_of(row, evidence)) + "</li>";
        }
        out += "</ul>";
    }
    return out + "</td></tr>";
}

// A browser lays out only the tables that are in sight; one with thousands of rows would keep it busy for a minute.
constexpr std::size_t kRowsPerTable = 100;

// A row group each, so that a printed page never cuts one in two.
std::string card(const Discrepancy& row, const CardOptions& options) {
    const Explanation told = explain(row, options.day);
    return "<tbody id=\"d-" + html_escape(row.id) + "\"><tr>" + kind_cell(row) + transaction_cell(row, options) +
           sides(row, options) + difference_cell(row) + action_cell(told) + "</tr>\n" + story_line(row, told) +
           "</tbody>\n";
}

std::string table_head(const CardOptions& options) {
    const auto heading = [](const std::string& zh, const std::string& en, std::string_view attributes = "") {
        return "<th scope=\"col\"" + std::string(attributes) + ">" + bilingual(zh, en) + "</th>";
    };
    return "<colgroup><col class=\"kind\"><col class=\"txn\"><col class=\"side\"><col class=\"side\">"
           "<col class=\"diff\"><col></colgroup>\n<thead><tr>" +
           heading("类别", "Kind") + heading("交易", "Transaction") +
           heading(options.sides.left_zh, options.sides.left_en) +
           heading(options.sides.right_zh, options.sides.right_en) + heading("差额", "Difference", " class=\"num\"") +
           heading("建议处理", "What to do; times are " + options.zone) + "</tr></thead>\n";
}

std::string rest_note(std::size_t shown, std::size_t all) {
    const std::string first = grouped_count(shown);
    const std::string total = grouped_count(all);
    return "<p class=\"note\">" +
           bilingual("本页只列出前 " + first + " 笔，共 " + total + " 笔；全部都在 CSV 与 XLSX 文件里。",
                     "This page spells out the first " + first + " of " + total +
                         "; all of them are in the CSV and XLSX files.") +
           "</p>\n";
}

}  // namespace

std::string kind_tag_html(DiscrepancyKind kind) {
    return "<span class=\"tag " + std::string(weight_of(kind)) + "\">" + std::string(chinese_of(kind)) +
           "</span> <span class=\"soft\" lang=\"en\">" + std::string(english_of(kind)) + "</span>";
}

std::string discrepancy_cards_html(const std::vector<Discrepancy>& discrepancies, const CardOptions& options) {
    if (discrepancies.empty()) {
        return "<p>" + bilingual("没有差异，没有需要处理的。", "No discrepancies: nothing to review.") + "</p>\n";
    }
    const std::size_t shown = std::min(discrepancies.size(), options.rows_max);
    std::string out = shown < discrepancies.size() ? rest_note(shown, discrepancies.size()) : "";
    for (std::size_t begin = 0; begin < shown; begin += kRowsPerTable) {
        out += "<div class=\"part\"><table class=\"rows\">\n" + table_head(options);
        for (std::size_t i = begin; i < std::min(begin + kRowsPerTable, shown); ++i) {
            out += card(discrepancies[i], options);
        }
        out += "</table></div>\n";
    }
    return out;
}

}  // namespace reconciliation::lists

#include <set>

#include "core/money.h"
#include "reconciliation/diff.h"
#include "reconciliation/lists/cards.h"
#include "reconciliation/lists/figures.h"
#include "reconciliation/lists/page.h"
#include "reconciliation/lists/texts.h"
#include "reconciliation/matching/diff_totals.h"

namespace reconciliation {

namespace {

using lists::bilingual;
using lists::html_escape;

std::string heading(std::string_view zh, std::string_view en) { return "<h2>" + bilingual(zh, en) + "</h2>\n"; }

std::string column_heading(std::string_view zh, std::string_view en) {
    return "<th scope=\"col\">" + bilingual(zh, en) + "</th>";
}

std::string number_cell(const std::string& text) { return "<td class=\"num\">" + text + "</td>"; }

std::string verdict(const DiffResult& result) {
    const std::string matched = lists::grouped_count(result.matched);
    const std::string count = lists::grouped_count(result.discrepancies.size());
    if (result.discrepancies.empty()) {
        return "<p class=\"verdict clear\"><b>两份文件一致</b>，共 " + matched +
               " 笔。<br><span lang=\"en\">The two files agree, " + matched + " matched.</span></p>\n";
    }
    return "<p class=\"verdict\"><b>差异 " + count + " 笔</b>，一致 " + matched +
           " 笔。<br><span lang=\"en\">Discrepancies: " + count + "; matched: " + matched + ".</span></p>\n";
}

int shown_exponent(const DiffResult& result, const std::string& currency) {
    const bool minor = result.left.units == DiffUnits::minor && result.right.units == DiffUnits::minor;
    return minor ? 0 : display_exponent(currency);
}

std::vector<lists::CurrencyTotals> totals_of(const DiffResult& result) {
    const AmountByCurrency left = matching::net_amounts(result.left);
    const AmountByCurrency right = matching::net_amounts(result.right);
    std::set<std::string> currencies;
    for (const auto* amounts : {&left, &right}) {
        for (const auto& [currency, minor] : *amounts) {
            currencies.insert(currency);
        }
    }
    std::vector<lists::CurrencyTotals> totals;
    totals.reserve(currencies.size());
    for (const auto& currency : currencies) {
        totals.push_back({currency, shown_exponent(result, currency), lists::amount_in(left, currency),
                          lists::amount_in(right, currency)});
    }
    return totals;
}

std::string totals_table(const DiffResult& result, const std::vector<lists::CurrencyTotals>& totals) {
    std::string out = "<div class=\"scroll\"><table>\n<thead><tr>" + column_heading("总额", "Totals") +
                      column_heading("账上", "Books") + column_heading("渠道", "Channel") +
                      column_heading("差额", "Difference") + "</tr></thead>\n<tbody>\n<tr><th scope=\"row\">" +
                      bilingual("笔数", "Count") + "</th>" + number_cell(lists::grouped_count(result.left.count)) +
                      number_cell(lists::grouped_count(result.right.count)) + "<td></td></tr>\n";
    for (const auto& total : totals) {
        const auto difference = core::checked_subtract(total.right, total.left);
        out += "<tr><th scope=\"row\">" + html_escape(total.currency) + "</th>" +
               number_cell(lists::grouped_amount(total.left, total.exponent)) +
               number_cell(lists::grouped_amount(total.right, total.exponent)) +
               number_cell(difference ? lists::grouped_amount(*difference, total.exponent) : "—") + "</tr>\n";
    }
    return out + "</tbody>\n</table></div>\n";
}

std::string_view chinese_of(DiffColumn::Source source) {
    switch (source) {
        case DiffColumn::Source::mapping:
            return "映射指定";
        case DiffColumn::Source::name:
            return "列名相同";
        case DiffColumn::Source::guess:
            return "按常用列名猜的，请核对";
        case DiffColumn::Source::constant:
            return "固定值";
        case DiffColumn::Source::absent:
            return "没有这一列";
    }
    return "";
}

// How the file was understood: whoever reads the list must be able to see that a column was guessed.
std::string file_section(const DiffSide& side, std::string_view zh, std::string_view en) {
    std::string out = "<section>" + heading(zh, en) + "<p class=\"id\">" + html_escape(side.file) +
                      "</p>\n<p class=\"hash\">SHA-256 " + html_escape(side.sha256) + "</p>\n";
    for (const auto& note : side.notes) {
        out += "<p class=\"note\">" + html_escape(note) + "</p>\n";
    }
    out += "<div class=\"scroll\"><table>\n<thead><tr>" + column_heading("字段", "Field") +
           column_heading("列", "Column") + column_heading("依据", "Found by") + "</tr></thead>\n<tbody>\n";
    for (const auto& column : side.columns) {
        out += "<tr><th scope=\"row\" class=\"id\">" + html_escape(column.field) + "</th><td>" +
               html_escape(column.column) + "</td><td>" + bilingual(chinese_of(column.source), name_of(column.source)) +
               "</td></tr>\n";
    }
    return out + "</tbody>\n</table></div></section>\n";
}

std::string figures(const DiffResult& result) {
    const auto totals = totals_of(result);
    const std::string kinds = lists::kinds_figure(count_kinds(result));
    return "<div class=\"columns\">\n<section>" + heading("两边总额", "Control totals") + totals_table(result, totals) +
           lists::totals_figure(totals, {}) + "</section>\n<section>" + heading("差异类别", "Discrepancies by kind") +
           (kinds.empty() ? "<p>" + bilingual("没有差异。", "None.") + "</p>\n" : kinds) + "</section>\n</div>\n";
}

std::string foot(const DiffResult& result) {
    return "<footer><p class=\"screen\">" + bilingual("同一份清单的其他格式：", "The same list as") +
           " <a href=\"diff.csv\">diff.csv</a> · <a href=\"summary.json\">summary.json</a></p>\n<p>" +
           bilingual("金额的单位和正负号与文件中一致；差额 = 渠道 − 账上。",
                     "Amounts stand in the files' own units and signs; difference = channel − books.") +
           "</p>\n<p class=\"hash\">" + bilingual("结果摘要", "digest") + " " + html_escape(result.digest) +
           "</p></footer>\n";
}

}  // namespace

std::string diff_html(const DiffResult& result) {
    std::string body =
        "<a class=\"skip\" href=\"#list\">跳到差异 Skip to the discrepancies</a>\n<main>\n<header>\n<h1>" +
        bilingual("两份文件的差异", "Differences between two files") + "</h1>\n</header>\n";
    body += verdict(result) + figures(result);
    body += "<section id=\"list\">" + heading("逐笔差异", "Discrepancies, one by one");
    body += lists::discrepancy_cards_html(result.discrepancies, {}) + "</section>\n<div class=\"columns\">\n";
    body += file_section(result.left, "账上文件", "The books' file");
    body += file_section(result.right, "渠道文件", "The channel's file") + "</div>\n";
    body += foot(result) + "</main>\n";
    return lists::html_page("两份文件的差异 " + result.left.file + " " + result.right.file, body);
}

}  // namespace reconciliation

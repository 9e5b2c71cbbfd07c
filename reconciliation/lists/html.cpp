#include "core/money.h"
#include "reconciliation/lists/cards.h"
#include "reconciliation/lists/equations.h"
#include "reconciliation/lists/figures.h"
#include "reconciliation/lists/page.h"
#include "reconciliation/lists/texts.h"
#include "reconciliation/review_list.h"

namespace reconciliation {
namespace {

using lists::bilingual;
using lists::html_escape;

std::string heading(std::string_view zh, std::string_view en) { return "<h2>" + bilingual(zh, en) + "</h2>\n"; }

std::string fact(std::string_view zh, std::string_view en, const std::string& value_html) {
    return "<div><dt>" + bilingual(zh, en) + "</dt><dd>" + value_html + "</dd></div>\n";
}

std::string calendar_of(const core::DayCut& cut) {
    if (cut.zone.empty()) {
        return "";
    }
    const std::string time = lists::cut_time(cut);
    return " <span class=\"soft\">" + html_escape(cut.zone) + " · " + bilingual(time + " 日切", "day ends at " + time) +
           "</span>";
}

std::string head(const Summary& summary) {
    const std::string zone = lists::shown_zone(summary.day_cut);
    std::string out = "<header>\n<h1>" + bilingual("对账差异清单", "Reconciliation review list") + "</h1>\n";
    out += "<dl class=\"facts\">\n" + fact("租户", "Tenant", html_escape(lists::tenant_title(summary)));
    out += fact("渠道", "Channel", html_escape(lists::channel_title(summary)));
    out += fact("营业日", "Business day", lists::day_text(summary.business_date) + calendar_of(summary.day_cut));
    out += fact("生成", "Generated",
                html_escape(lists::time_text(summary.finished_at, zone)) + " <span class=\"soft\">" +
                    html_escape(zone) + "</span>");
    return out + "</dl>\n</header>\n";
}

std::string plural(std::uint64_t count, std::string_view word) {
    return lists::grouped_count(count) + " " + std::string(word) + (count == 1 ? "" : "s");
}

// The answer to the only question of the morning, in one line.
std::string verdict(const Summary& summary) {
    const auto review = lists::to_review(summary);
    const auto waiting = lists::count_of(summary, DiscrepancyKind::timing);
    const bool bad_totals = lists::count_of(summary, DiscrepancyKind::total_mismatch) > 0;
    const std::string carried_zh =
        waiting == 0 ? "" : "；另有 " + lists::grouped_count(waiting) + " 笔跨日在途，会自行清账";
    const std::string carried_en =
        waiting == 0 ? "" : "; " + plural(waiting, "item") + " in transit, clearing by themselves";
    if (review == 0) {
        return "<p class=\"verdict clear\"><b>今日无差异</b>，没有需要处理的" + carried_zh +
               "。<br><span lang=\"en\">Nothing to review" + carried_en + ".</span></p>\n";
    }
    std::string out = "<p class=\"verdict" + std::string(bad_totals ? " stop" : "") + "\"><b>需要处理 " +
                      lists::grouped_count(review) + " 笔</b>" + carried_zh + "。";
    if (bad_totals) {
        out += "账单合计不符，本次没有记账，也没有结清任何一笔。";
    }
    return out + "<br><span lang=\"en\">" + plural(review, "item") + " to review" + carried_en + "." +
           (bad_totals ? " The statement's totals are wrong: nothing was booked or closed from it." : "") +
           "</span></p>\n";
}

std::string number_cell(const std::string& text, std::string_view mark = "") {
    return "<td class=\"num\">" + (mark.empty() ? text : "<mark>" + text + "</mark>") + "</td>";
}

std::string totals_row(const Summary& summary, const std::string& currency) {
    const int exponent = display_exponent(currency);
    const auto books = lists::amount_in(summary.ledger_amount, currency);
    const auto channel = lists::amount_in(summary.channel_amount, currency);
    const auto difference = core::checked_subtract(channel, books);
    return "<tr><th scope=\"row\">" + html_escape(currency) + "</th>" +
           number_cell(lists::grouped_amount(books, exponent)) + number_cell(lists::grouped_amount(channel, exponent)) +
           number_cell(difference ? lists::grouped_amount(*difference, exponent) : "—",
                       difference == 0 ? "" : "differs") +
           number_cell(lists::grouped_amount(lists::amount_in(summary.channel_fee, currency), exponent)) + "</tr>\n";
}

std::string control_totals(const Summary& summary) {
    const auto column = [](std::string_view zh, std::string_view en) {
        return "<th scope=\"col\" class=\"num\">" + bilingual(zh, en) + "</th>";
    };
    std::string out = "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">" + bilingual("总额", "Totals") +
                      "</th>" + column("账上", "Books") + column("渠道", "Channel") + column("差额", "Difference") +
                      column("渠道手续费", "Channel fee") + "</tr></thead>\n<tbody>\n";
    out += "<tr><th scope=\"row\">" + bilingual("笔数", "Count") + "</th>" +
           number_cell(lists::grouped_count(summary.ledger_count)) +
           number_cell(lists::grouped_count(summary.channel_count)) + "<td></td><td></td></tr>\n";
    for (const auto& currency : lists::currencies_of(summary)) {
        out += totals_row(summary, currency);
    }
    out += "</tbody>\n</table></div>\n<p class=\"soft\">" +
           bilingual("一致 " + lists::grouped_count(summary.matched) + " 笔 · 前日带入 " +
                         lists::grouped_count(summary.carried_in) + " · 今日清账 " +
                         lists::grouped_count(summary.cleared) + " · 带到下一日 " +
                         lists::grouped_count(summary.carried_out) + "。",
                     lists::grouped_count(summary.matched) + " matched · " + lists::grouped_count(summary.carried_in) +
                         " carried in · " + lists::grouped_count(summary.cleared) + " cleared · " +
                         lists::grouped_count(summary.carried_out) + " carried out.");
    return out + "</p>\n";
}

std::string statements(const Summary& summary) {
    std::string out = heading("账单文件", "Statement files");
    if (summary.statements.empty()) {
        return out + "<p>" + bilingual("没有收到账单文件。", "No statement file was taken in.") + "</p>\n";
    }
    out += "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">" + bilingual("文件", "File") +
           "</th><th scope=\"col\" class=\"num\">" + bilingual("明细行", "Lines") + "</th><th scope=\"col\">" +
           bilingual("指纹", "SHA-256, as delivered") + "</th></tr></thead>\n<tbody>\n";
    for (const auto& statement : summary.statements) {
        out += "<tr><th scope=\"row\" class=\"id\">" + html_escape(statement.file) + "</th>" +
               number_cell(lists::grouped_count(statement.lines)) + "<td class=\"hash\">" +
               html_escape(statement.sha256) + "</td></tr>\n";
    }
    return out + "</tbody>\n</table></div>\n";
}

std::string figures(const Summary& summary) {
    std::vector<lists::CurrencyTotals> totals;
    for (const auto& currency : lists::currencies_of(summary)) {
        totals.push_back({currency, display_exponent(currency), lists::amount_in(summary.ledger_amount, currency),
                          lists::amount_in(summary.channel_amount, currency)});
    }
    const std::string kinds = lists::kinds_figure(summary.discrepancies);
    return "<div class=\"columns\">\n<section>" + heading("两边总额", "Control totals") + control_totals(summary) +
           lists::totals_figure(totals, {}) + "</section>\n<section>" + heading("差异类别", "Discrepancies by kind") +
           (kinds.empty() ? "<p>" + bilingual("没有差异。", "None.") + "</p>\n" : kinds) + statements(summary) +
           "</section>\n</div>\n";
}

std::string foot(const Summary& summary) {
    return "<footer><p class=\"screen\">" + bilingual("同一份清单的其他格式：", "The same list as") +
           " <a href=\"review.xlsx\">review.xlsx</a> · <a href=\"review.csv\">review.csv</a> · "
           "<a href=\"summary.json\">summary.json</a></p>\n<p>" +
           bilingual(
               "金额按商户的角度带正负号，退款为负；差额 = 渠道 − 账上。",
               "Amounts are signed from the merchant's side, a refund is negative; difference = channel − books.") +
           "</p>\n<p class=\"hash\">" + bilingual("结果摘要", "digest") + " " + html_escape(summary.digest) +
           "</p></footer>\n";
}

}  // namespace

std::string review_html(const ReviewList& list) {
    const Summary& summary = list.summary;
    lists::CardOptions options;
    options.day = summary.business_date;
    options.zone = lists::shown_zone(summary.day_cut);

    std::string body = "<a class=\"skip\" href=\"#list\">跳到差异 Skip to the discrepancies</a>\n<main>\n";
    body += head(summary) + verdict(summary) + figures(summary) + lists::equations_section(summary.equations);
    body += "<section id=\"list\">" + heading("逐笔差异", "Discrepancies, one by one");
    body += lists::discrepancy_cards_html(list.discrepancies, options) + "</section>\n";
    body += foot(summary) + "</main>\n";
    return lists::html_page(
        "对账差异清单 " + summary.tenant + " " + summary.channel + " " + lists::day_text(summary.business_date), body);
}

}  // namespace reconciliation

#include <algorithm>
#include <tuple>

#include "reconciliation/lists/cards.h"
#include "reconciliation/lists/page.h"
#include "reconciliation/lists/texts.h"
#include "reconciliation/review_list.h"

namespace reconciliation {
namespace {

using lists::bilingual;
using lists::html_escape;

// An address that leads out of the product by a scheme of its own (javascript:, data:) or to another host unnoticed
// ("//host") never becomes a link.
bool is_safe_link(const std::string& href) {
    if (href.starts_with("http://") || href.starts_with("https://")) {
        return true;
    }
    const auto colon = href.find(':');
    const bool has_scheme = colon != std::string::npos && colon < href.find_first_of("/?#");
    return !href.empty() && !has_scheme && !href.starts_with("//") && href.find('\\') == std::string::npos;
}

std::string amounts_cell(std::uint64_t count, const AmountByCurrency& amounts) {
    std::string out = "<td class=\"num\">" + lists::grouped_count(count) + " <span class=\"soft\">笔</span>";
    for (const auto& [currency, minor] : amounts) {
        out += "<div>" + lists::grouped_amount(minor, display_exponent(currency)) + " <span class=\"soft\">" +
               html_escape(currency) + "</span></div>";
    }
    return out + "</td>";
}

std::string kinds_cell(const Summary& summary) {
    std::string items;
    for (const auto& [kind, count] : summary.discrepancies) {
        if (count > 0) {
            items += "<li>" + lists::kind_tag_html(kind) + " <b>" + lists::grouped_count(count) + "</b></li>";
        }
    }
    return items.empty() ? "<td>" + bilingual("无差异", "None") + "</td>"
                         : "<td class=\"kinds\"><ul class=\"kinds\">" + items + "</ul></td>";
}

std::string entry_row(const IndexEntry& entry) {
    const Summary& summary = entry.summary;
    const std::string day = lists::day_text(summary.business_date);
    // The link's name says where it leads, also to somebody who hears the links alone.
    const std::string link =
        is_safe_link(entry.href)
            ? "<a href=\"" + html_escape(entry.href) + "\" aria-label=\"" +
                  html_escape(day + " " + lists::tenant_title(summary) + " " + lists::channel_title(summary)) + "\">" +
                  day + "</a>"
            : day;
    return "<tr><th scope=\"row\">" + link + "</th><td>" + html_escape(lists::tenant_title(summary)) + "</td><td>" +
           html_escape(lists::channel_title(summary)) + "</td>" +
           amounts_cell(summary.ledger_count, summary.ledger_amount) +
           amounts_cell(summary.channel_count, summary.channel_amount) + "<td class=\"num\"><b>" +
           lists::grouped_count(lists::to_review(summary)) + "</b></td>" + kinds_cell(summary) + "</tr>\n";
}

std::vector<const IndexEntry*> newest_first(const std::vector<IndexEntry>& entries) {
    std::vector<const IndexEntry*> sorted;
    sorted.reserve(entries.size());
    for (const auto& entry : entries) {
        sorted.push_back(&entry);
    }
    std::stable_sort(sorted.begin(), sorted.end(), [](const IndexEntry* a, const IndexEntry* b) {
        if (a->summary.business_date != b->summary.business_date) {
            return a->summary.business_date > b->summary.business_date;
        }
        return std::tie(a->summary.tenant, a->summary.channel) < std::tie(b->summary.tenant, b->summary.channel);
    });
    return sorted;
}

std::string table_head() {
    const auto column = [](std::string_view zh, std::string_view en, std::string_view attributes = "") {
        return "<th scope=\"col\"" + std::string(attributes) + ">" + bilingual(zh, en) + "</th>";
    };
    constexpr std::string_view kNumber = " class=\"num\"";
    return "<thead><tr>" + column("营业日", "Business day") + column("租户", "Tenant") + column("渠道", "Channel") +
           column("账上", "Books", kNumber) + column("渠道账单", "Channel", kNumber) +
           column("需处理", "To review", kNumber) + column("差异", "Discrepancies") + "</tr></thead>\n";
}

}  // namespace

std::string index_html(const std::vector<IndexEntry>& entries) {
    std::string body = "<main>\n<header><h1>" + bilingual("对账差异清单", "Review lists") + "</h1></header>\n";
    if (entries.empty()) {
        body += "<p>" +
                bilingual("还没有清单：跑过一次对账（duizhang nightly 或 duizhang reconcile）后，这里会列出结果。",
                          "No lists yet: they appear here after the first duizhang nightly or duizhang reconcile.") +
                "</p>\n";
    } else {
        std::uint64_t open = 0;
        for (const auto& entry : entries) {
            open += lists::to_review(entry.summary);
        }
        body += "<p class=\"verdict\">" +
                bilingual("共 " + lists::grouped_count(entries.size()) + " 份清单，需要处理 " +
                              lists::grouped_count(open) + " 笔。",
                          lists::grouped_count(entries.size()) + " lists, " + lists::grouped_count(open) +
                              " items to review.") +
                "</p>\n<div class=\"scroll\"><table class=\"index\">\n" + table_head() + "<tbody>\n";
        for (const auto* entry : newest_first(entries)) {
            body += entry_row(*entry);
        }
        body += "</tbody>\n</table></div>\n";
    }
    return lists::html_page("对账差异清单 Review lists", body + "</main>\n");
}

}  // namespace reconciliation

#include "reconciliation/lists/figures.h"

#include <algorithm>

#include "core/money.h"
#include "reconciliation/lists/page.h"
#include "reconciliation/lists/texts.h"

namespace reconciliation::lists {
namespace {

constexpr int kWidth = 420;
constexpr int kBarHeight = 14;
constexpr int kRowHeight = 22;

std::uint64_t size_of(std::int64_t amount) {
    const auto bits = static_cast<std::uint64_t>(amount);
    return amount < 0 ? 0 - bits : bits;
}

// value / largest of `width`, at least a visible sliver for what isn't zero. Both are first brought down to where
// the product fits.
int bar_length(std::uint64_t value, std::uint64_t largest, int width) {
    if (value == 0 || largest == 0) {
        return 0;
    }
    while (largest > (std::uint64_t{1} << 50U)) {
        largest >>= 1U;
        value >>= 1U;
    }
    return std::max(1, static_cast<int>(value * static_cast<std::uint64_t>(width) / largest));
}

std::string text_at(int x, int y, std::string_view content, std::string_view attributes = "") {
    return "<text x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\"" + std::string(attributes) + ">" +
           std::string(content) + "</text>";
}

std::string bar_at(int x, int y, int width, std::string_view colour) {
    return "<rect x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\" width=\"" + std::to_string(width) +
           "\" height=\"" + std::to_string(kBarHeight) + "\" fill=\"" + std::string(colour) + "\"/>";
}

std::string picture(int height, std::string_view title, std::string_view content) {
    return "<svg role=\"img\" viewBox=\"0 0 " + std::to_string(kWidth) + " " + std::to_string(height) +
           "\" font-size=\"12\" aria-label=\"" + html_escape(title) + "\">" + std::string(content) + "</svg>\n";
}

std::string_view colour_of(DiscrepancyKind kind) {
    const auto weight = weight_of(kind);
    return weight == "grave" ? "#b0433a" : weight == "check" ? "#b9852c" : "#6f8db3";
}

constexpr int kSideLabel = 92;
constexpr int kSideBar = 190;

std::string side_row(int y, const std::string& zh, const std::string& en, const CurrencyTotals& totals,
                     std::int64_t amount, std::string_view colour) {
    const std::uint64_t largest = std::max(size_of(totals.left), size_of(totals.right));
    const std::string label =
        html_escape(zh) + " <tspan class=\"soft\" lang=\"en\" font-size=\"11\">" + html_escape(en) + "</tspan>";
    return text_at(0, y + 11, label) + bar_at(kSideLabel, y, bar_length(size_of(amount), largest, kSideBar), colour) +
           text_at(kWidth, y + 11, grouped_amount(amount, totals.exponent), " text-anchor=\"end\"");
}

std::string verdict_of(const CurrencyTotals& totals) {
    const auto difference = core::checked_subtract(totals.right, totals.left);
    if (difference && *difference == 0) {
        return "总额一致 agree";
    }
    return "差额 difference " + (difference ? grouped_amount(*difference, totals.exponent) : std::string("?"));
}

}  // namespace

std::string_view weight_of(DiscrepancyKind kind) {
    switch (kind) {
        case DiscrepancyKind::total_mismatch:
        case DiscrepancyKind::duplicate_in_channel:
        case DiscrepancyKind::duplicate_in_ledger:
        case DiscrepancyKind::missing_in_ledger:
        case DiscrepancyKind::missing_in_channel:
            return "grave";
        case DiscrepancyKind::currency_mismatch:
        case DiscrepancyKind::amount_mismatch:
        case DiscrepancyKind::status_mismatch:
        case DiscrepancyKind::unexpected_payment:
        case DiscrepancyKind::order_mismatch:
        case DiscrepancyKind::fee_mismatch:
            return "check";
        case DiscrepancyKind::timing:
            return "wait";
    }
    return "check";
}

std::string totals_figure(const std::vector<CurrencyTotals>& totals, const SideNames& names) {
    std::string content;
    int y = 0;
    for (const auto& row : totals) {
        content += text_at(0, y + 13, html_escape(row.currency), " font-weight=\"600\"");
        content += text_at(kWidth, y + 13, html_escape(verdict_of(row)), " class=\"soft\" text-anchor=\"end\"");
        content += side_row(y + 20, names.left_zh, names.left_en, row, row.left, "#35557f");
        content += side_row(y + 20 + kRowHeight, names.right_zh, names.right_en, row, row.right, "#c08a35");
        y += 20 + 2 * kRowHeight + 10;
    }
    return totals.empty() ? "" : picture(y, "两边总额 totals of both sides by currency", content);
}

std::string kinds_figure(const std::map<DiscrepancyKind, std::uint64_t>& kinds) {
    constexpr int kLabel = 240;
    constexpr int kBar = 130;
    std::uint64_t largest = 0;
    for (const auto& [kind, count] : kinds) {
        largest = std::max(largest, count);
    }
    std::string content;
    int y = 0;
    for (const auto& [kind, count] : kinds) {
        if (count == 0) {
            continue;
        }
        const int width = bar_length(count, largest, kBar);
        content += text_at(0, y + 11,
                           std::string(chinese_of(kind)) + " <tspan class=\"soft\" lang=\"en\" font-size=\"11\">" +
                               std::string(english_of(kind)) + "</tspan>");
        content += bar_at(kLabel, y, width, colour_of(kind));
        content += text_at(kLabel + width + 6, y + 11, grouped_count(count), " font-weight=\"600\"");
        y += kRowHeight;
    }
    return y == 0 ? "" : picture(y, "差异笔数 discrepancies by kind", content);
}

}  // namespace reconciliation::lists

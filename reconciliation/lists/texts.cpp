#include "reconciliation/lists/texts.h"

#include <set>

#include "core/money.h"
#include "core/text/encoding.h"

namespace reconciliation {

int display_exponent(const std::string& currency) {
    const auto known = core::Currency::from_code(currency);
    return known ? known->exponent() : 2;
}

namespace lists {
namespace {

// Into digits from the right, as in "1,234,567".
std::string with_thousands(std::string digits) {
    for (std::size_t at = digits.size(); at > 3; at -= 3) {
        digits.insert(at - 3, 1, ',');
    }
    return digits;
}

template <typename NameOf>
std::string list_of(const std::vector<DiscrepancyKind>& kinds, std::string_view separator, NameOf name) {
    std::string out;
    for (const auto kind : kinds) {
        out += out.empty() ? "" : separator;
        out += name(kind);
    }
    return out;
}

}  // namespace

std::string amount_text(const std::optional<std::int64_t>& minor, int exponent) {
    return minor ? core::decimal_from_minor(*minor, exponent) : std::string();
}

std::string money_text(const std::optional<std::int64_t>& minor, int exponent, const std::string& currency) {
    if (!minor) {
        return {};
    }
    return core::decimal_from_minor(*minor, exponent) + (currency.empty() ? "" : " " + currency);
}

std::string grouped_amount(std::int64_t minor, int exponent) {
    std::string text = core::decimal_from_minor(minor, exponent);
    const std::string sign = text.starts_with('-') ? "-" : "";
    text.erase(0, sign.size());
    const auto point = text.find('.');
    return sign + with_thousands(text.substr(0, point)) + (point == std::string::npos ? "" : text.substr(point));
}

std::string grouped_count(std::uint64_t count) { return with_thousands(std::to_string(count)); }

std::string day_text(core::BusinessDay day) { return day.ok() ? core::format_day(day) : std::string(); }

std::string shown_zone(const core::DayCut& cut) { return cut.zone.empty() ? "UTC" : cut.zone; }

std::string cut_time(const core::DayCut& cut) {
    const auto minutes = (std::chrono::hours(24) - cut.before_midnight).count();
    const auto two_digits = [](auto number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    return two_digits(minutes / 60) + ":" + two_digits(minutes % 60);
}

std::string time_text(const std::optional<core::Instant>& instant, const std::string& zone) {
    return instant ? core::format_local(*instant, zone) : std::string();
}

std::string chinese_list(const std::vector<DiscrepancyKind>& kinds) {
    return list_of(kinds, "、", [](DiscrepancyKind kind) { return chinese_of(kind); });
}

std::string english_list(const std::vector<DiscrepancyKind>& kinds) {
    return list_of(kinds, ", ", [](DiscrepancyKind kind) { return english_of(kind); });
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
    std::string out;
    for (const auto& part : parts) {
        out += out.empty() ? "" : separator;
        out += part;
    }
    return out;
}

std::string showable(std::string_view text) {
    const bool utf8 = core::text::is_valid_utf8(text);
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool control = (byte < 0x20 && c != '\t' && c != '\n') || byte == 0x7F;
        out += control || (byte >= 0x80 && !utf8) ? '?' : c;
    }
    return out;
}

std::string channel_title(const Summary& summary) {
    if (summary.channel_label_zh.empty() || summary.channel_label_en.empty()) {
        return summary.channel_label_zh + summary.channel_label_en +
               (summary.channel_label_zh.empty() && summary.channel_label_en.empty() ? summary.channel : "");
    }
    return summary.channel_label_zh + " " + summary.channel_label_en;
}

std::string tenant_title(const Summary& summary) {
    if (summary.tenant_name.empty() || summary.tenant_name == summary.tenant) {
        return summary.tenant;
    }
    return summary.tenant_name + " (" + summary.tenant + ")";
}

std::vector<std::string> currencies_of(const Summary& summary) {
    std::set<std::string> found;
    for (const auto* amounts : {&summary.ledger_amount, &summary.channel_amount, &summary.channel_fee}) {
        for (const auto& [currency, minor] : *amounts) {
            found.insert(currency);
        }
    }
    return {found.begin(), found.end()};
}

std::int64_t amount_in(const AmountByCurrency& amounts, const std::string& currency) {
    const auto found = amounts.find(currency);
    return found == amounts.end() ? 0 : found->second;
}

std::uint64_t count_of(const Summary& summary, DiscrepancyKind kind) {
    const auto found = summary.discrepancies.find(kind);
    return found == summary.discrepancies.end() ? 0 : found->second;
}

std::uint64_t to_review(const Summary& summary) {
    std::uint64_t count = 0;
    for (const auto& [kind, rows] : summary.discrepancies) {
        count += kind == DiscrepancyKind::timing ? 0 : rows;
    }
    return count;
}

}  // namespace lists
}  // namespace reconciliation

// What the lists have in common: amounts, days and names as text for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconciliation/discrepancy.h"
#include "reconciliation/review_list.h"

namespace reconciliation::lists {

// "123.45", or "" for a side that doesn't have it. Major units, no thousands separators: the text that can be searched.
std::string amount_text(const std::optional<std::int64_t>& minor, int exponent);
// "123.45 CNY", or "" for nothing.
std::string money_text(const std::optional<std::int64_t>& minor, int exponent, const std::string& currency);
// "1,234,567.89": for figures that are read, not copied.
std::string grouped_amount(std::int64_t minor, int exponent);
std::string grouped_count(std::uint64_t count);

// "2026-11-18", or "" for a day that isn't one.
std::string day_text(core::BusinessDay day);
// The zone that people read times in: the day's own, UTC where none is told.
std::string shown_zone(const core::DayCut& cut);
// When its days end by the clock: "23:00" for UnionPay, "24:00" for a calendar day.
std::string cut_time(const core::DayCut& cut);
// "2026-11-18 15:01:04" in that zone, or "".
std::string time_text(const std::optional<core::Instant>& instant, const std::string& zone);

// "渠道重复、手续费不符" and "Listed twice by the channel, Fee differs ...".
std::string chinese_list(const std::vector<DiscrepancyKind>& kinds);
std::string english_list(const std::vector<DiscrepancyKind>& kinds);
std::string joined(const std::vector<std::string>& parts, std::string_view separator);

// The text itself when it is UTF-8 that XML and HTML can hold; otherwise with "?" for what they can't.
// A list that a reader's program refuses to open would hide every row, not just the odd one.
std::string showable(std::string_view text);

// "微信支付 WeChat Pay", or the channel's name where no labels are known.
std::string channel_title(const Summary& summary);
// "Acme 商城 (acme)", or the id alone.
std::string tenant_title(const Summary& summary);

// Every currency that one of the two sides or the fees has, once.
std::vector<std::string> currencies_of(const Summary& summary);
std::int64_t amount_in(const AmountByCurrency& amounts, const std::string& currency);

// Discrepancies that need a person today (timing clears itself), and all of them.
std::uint64_t to_review(const Summary& summary);
std::uint64_t count_of(const Summary& summary, DiscrepancyKind kind);

}  // namespace reconciliation::lists

#include "reconciliation/matching/findings.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "core/money.h"
#include "reconciliation/matching/rules/tolerance.h"

namespace reconciliation::matching {

namespace {

using payments::TransactionStatus;

// One currency has one number of decimals, but the two sides may have been told it differently; a unit that one side
// counts is then worth several of the other's.
bool same_amount(const Record& a, const Record& b) {
    if (a.exponent == b.exponent) {
        return a.amount == b.amount;
    }
    const Record& coarse = a.exponent < b.exponent ? a : b;
    const Record& fine = a.exponent < b.exponent ? b : a;
    std::int64_t factor = 1;
    for (int i = coarse.exponent; i < fine.exponent; ++i) {
        factor *= 10;
    }
    return core::scaled(coarse.amount, factor, 1, core::Rounding::down) == fine.amount;
}

bool same_currency(const Record& a, const Record& b) {
    return a.currency.empty() || b.currency.empty() || a.currency == b.currency;
}

bool same_word(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

void compare_status(const Record& ledger, const Record& channel, const MatchOptions& options, Findings& findings) {
    if (ledger.status && channel.status) {
        if (*ledger.status == *channel.status) {
            return;
        }
        const bool in_transit =
            (*ledger.status == TransactionStatus::captured && *channel.status == TransactionStatus::processing) ||
            (*ledger.status == TransactionStatus::processing && *channel.status == TransactionStatus::captured);
        findings.add(in_transit ? DiscrepancyKind::timing : DiscrepancyKind::status_mismatch);
        return;
    }
    // Words that are in no vocabulary can only be held against each other as they are.
    if (options.compare_status_words && !ledger.status_text.empty() && !channel.status_text.empty() &&
        !same_word(ledger.status_text, channel.status_text)) {
        findings.add(DiscrepancyKind::status_mismatch);
    }
}

void judge_order(const Record& ledger, Findings& findings) {
    if (ledger.type != payments::TransactionType::payment) {
        return;
    }
    if (ledger.order == Record::Order::none) {
        findings.add(DiscrepancyKind::unexpected_payment);
    } else if (ledger.order == Record::Order::differs) {
        findings.add(DiscrepancyKind::order_mismatch);
    }
}

bool waits(const Record& record, bool carried_in, const MatchOptions& options) {
    if (record.is_settled_later()) {
        return record.settled_later == Record::SettledLater::in_transit;
    }
    const bool expected = record.expected_by && options.day < *record.expected_by;
    return options.timing && (expected || (record.near_cut && !carried_in));
}

void judge_fee(const Record* ledger, const Record& channel, Findings& findings) {
    const auto expected = fee_to_expect(ledger, channel);
    if (channel.fee && expected && *channel.fee != *expected) {
        findings.add(DiscrepancyKind::fee_mismatch);
    }
}

}  // namespace

bool Findings::only_duplicates() const {
    return (bits_ & ~(bit(DiscrepancyKind::duplicate_in_channel) | bit(DiscrepancyKind::duplicate_in_ledger))) == 0;
}

bool Findings::money_contradicts() const {
    return has(DiscrepancyKind::timing) || has(DiscrepancyKind::currency_mismatch) ||
           has(DiscrepancyKind::amount_mismatch) || has(DiscrepancyKind::status_mismatch);
}

std::vector<DiscrepancyKind> Findings::in_order() const {
    std::vector<DiscrepancyKind> kinds;
    for (auto i = static_cast<int>(DiscrepancyKind::total_mismatch);
         i <= static_cast<int>(DiscrepancyKind::fee_mismatch); ++i) {
        if (has(static_cast<DiscrepancyKind>(i))) {
            kinds.push_back(static_cast<DiscrepancyKind>(i));
        }
    }
    return kinds;
}

std::optional<std::int64_t> fee_to_expect(const Record* ledger, const Record& channel) {
    if (channel.expected_fee) {
        return channel.expected_fee;
    }
    // A fee in another currency can't be held against this one.
    return ledger != nullptr && same_currency(*ledger, channel) && ledger->exponent == channel.exponent ? ledger->fee
                                                                                                        : std::nullopt;
}

Findings compare_sides(const Record& ledger, const Record& channel, const MatchOptions& options) {
    Findings findings;
    if (!same_currency(ledger, channel)) {
        findings.add(DiscrepancyKind::currency_mismatch);
    } else if (!same_amount(ledger, channel)) {
        findings.rule = rule_that_tolerates(ledger, channel, options);
        if (!findings.rule) {
            findings.add(DiscrepancyKind::amount_mismatch);
        }
    }
    compare_status(ledger, channel, options, findings);
    judge_order(ledger, findings);
    judge_fee(&ledger, channel, findings);
    return findings;
}

Findings alone_in_ledger(const Record& record, bool carried_in, const MatchOptions& options) {
    Findings findings;
    const bool in_transit = waits(record, carried_in, options);
    findings.add(in_transit ? DiscrepancyKind::timing : DiscrepancyKind::missing_in_channel);
    judge_order(record, findings);
    return findings;
}

Findings alone_in_channel(const Record& record, bool carried_in, const MatchOptions& options) {
    Findings findings;
    const bool in_transit = waits(record, carried_in, options);
    findings.add(in_transit ? DiscrepancyKind::timing : DiscrepancyKind::missing_in_ledger);
    judge_fee(nullptr, record, findings);
    return findings;
}

Findings compare_repeats(const std::vector<Record>& records, std::span<const std::uint32_t> repeats) {
    Findings findings;
    const Record& first = records[repeats.front()];
    for (const std::uint32_t index : repeats.subspan(1)) {
        const Record& other = records[index];
        if (other.currency != first.currency) {
            findings.add(DiscrepancyKind::currency_mismatch);
        } else if (!same_amount(first, other)) {
            findings.add(DiscrepancyKind::amount_mismatch);
        }
        if (other.status != first.status) {
            findings.add(DiscrepancyKind::status_mismatch);
        }
        if (other.fee != first.fee) {
            findings.add(DiscrepancyKind::fee_mismatch);
        }
    }
    return findings;
}

}  // namespace reconciliation::matching

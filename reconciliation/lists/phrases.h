// The building blocks of an explanation, in Chinese and English at once so that the two can't drift apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reconciliation/discrepancy.h"

namespace reconciliation::lists {

struct Phrase {
    std::string zh;
    std::string en;

    Phrase& operator+=(const Phrase& more);
    friend Phrase operator+(Phrase left, const Phrase& right) { return left += right; }
};

// "2026-11-18 的支付 ch_1（商户订单 A1）" / "Payment ch_1 (order A1) of 2026-11-18".
Phrase subject_of(const Discrepancy& row);

std::string ledger_money(const Discrepancy& row);
std::string channel_money(const Discrepancy& row);
// The side that has it; the channel's where both have.
std::string known_money(const Discrepancy& row);
// Without its sign: "0.01 USD".
std::string size_of(std::int64_t minor, int exponent, const std::string& currency);

// By how much the channel's amount differs from the books', in words that fit the direction of the money:
// "渠道少收 0.01 USD" / "the channel received 0.01 USD less". Empty when there is no difference to tell.
Phrase difference_in_words(const Discrepancy& row);

// A difference of one minor unit hardly ever is anything but rounding; the reader should know at once.
bool is_one_unit(std::int64_t minor);

// Evidence of the channel's side ("FILE:LINE") and of the books' ("entry:ID").
std::size_t channel_evidence_count(const Discrepancy& row);
std::size_t ledger_evidence_count(const Discrepancy& row);

// How long it has been open, and what else is wrong with it; empty when there is nothing to say.
Phrase age_of(const Discrepancy& row);
Phrase also_of(const Discrepancy& row);
// What the other side has that almost agrees: the nearest and in what it differs, or all that are equally good.
Phrase candidates_of(const Discrepancy& row);

}  // namespace reconciliation::lists

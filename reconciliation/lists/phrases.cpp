#include "reconciliation/lists/phrases.h"

#include <algorithm>

#include "core/money.h"
#include "reconciliation/lists/texts.h"

namespace reconciliation::lists {
namespace {

bool is_entry(const std::string& evidence) { return evidence.starts_with("entry:"); }

// The verbs for money that comes in and money that goes out.
Phrase more_or_less(bool incoming, bool more) {
    if (incoming) {
        return more ? Phrase{"渠道多收 ", "received more by "} : Phrase{"渠道少收 ", "received less by "};
    }
    return more ? Phrase{"渠道多付 ", "paid out more by "} : Phrase{"渠道少付 ", "paid out less by "};
}

}  // namespace

Phrase& Phrase::operator+=(const Phrase& more) {
    zh += more.zh;
    en += more.en;
    return *this;
}

Phrase subject_of(const Discrepancy& row) {
    const std::string day = day_text(row.item_day);
    Phrase told;
    told.zh = (day.empty() ? "" : day + " 的") + std::string(row.type ? chinese_of(*row.type) : "交易");
    told.en = row.type ? english_of(*row.type) : "Transaction";
    if (!row.channel_txn_id.empty()) {
        told += {" " + row.channel_txn_id, " " + row.channel_txn_id};
    }
    if (!row.merchant_order_id.empty()) {
        told += {"（商户订单 " + row.merchant_order_id + "）", " (order " + row.merchant_order_id + ")"};
    }
    told.en += day.empty() ? "" : " of " + day;
    return told;
}

std::string ledger_money(const Discrepancy& row) {
    return money_text(row.ledger_amount, row.ledger_exponent, row.ledger_currency);
}

std::string channel_money(const Discrepancy& row) {
    return money_text(row.channel_amount, row.channel_exponent, row.channel_currency);
}

std::string known_money(const Discrepancy& row) { return row.channel_amount ? channel_money(row) : ledger_money(row); }

std::string size_of(std::int64_t minor, int exponent, const std::string& currency) {
    std::string text = money_text(minor, exponent, currency);
    return text.starts_with('-') ? text.substr(1) : text;
}

Phrase difference_in_words(const Discrepancy& row) {
    const auto difference = row.difference();
    if (!difference || *difference == 0 || !row.ledger_amount || !row.channel_amount) {
        return {};
    }
    const bool ledger_in = *row.ledger_amount >= 0;
    const bool channel_in = *row.channel_amount >= 0;
    if (ledger_in != channel_in) {
        return {"两边一收一付，方向相反", "one side has money coming in, the other going out"};
    }
    const std::string size = size_of(*difference, row.exponent(), row.currency());
    const Phrase verb = more_or_less(ledger_in, ledger_in == (*difference > 0));
    return {verb.zh + size, "the channel " + verb.en + size};
}

bool is_one_unit(std::int64_t minor) { return minor == 1 || minor == -1; }

std::size_t channel_evidence_count(const Discrepancy& row) {
    return row.channel_times > 0 ? row.channel_times : row.evidence.size() - ledger_evidence_count(row);
}

std::size_t ledger_evidence_count(const Discrepancy& row) {
    return row.ledger_times > 0
               ? row.ledger_times
               : static_cast<std::size_t>(std::count_if(row.evidence.begin(), row.evidence.end(), is_entry));
}

Phrase age_of(const Discrepancy& row) {
    if (row.age_days <= 0) {
        return {};
    }
    const std::string days = std::to_string(row.age_days);
    return {"这一笔已经挂了 " + days + " 天。",
            " It has been open for " + days + (row.age_days == 1 ? " day." : " days.")};
}

Phrase also_of(const Discrepancy& row) {
    if (row.also.empty()) {
        return {};
    }
    return {"同一笔另有：" + chinese_list(row.also) + "。", " Also wrong with it: " + english_list(row.also) + "."};
}

}  // namespace reconciliation::lists

#include <algorithm>

#include "reconciliation/lists/phrases.h"
#include "reconciliation/lists/texts.h"

namespace reconciliation {

std::string_view name_of(Candidate::Failed failed) {
    switch (failed) {
        case Candidate::Failed::none:
            return "equally_good";
        case Candidate::Failed::channel_txn_id:
            return "channel_txn_id";
        case Candidate::Failed::amount:
            return "amount";
        case Candidate::Failed::type:
            return "type";
        case Candidate::Failed::currency:
            return "currency";
        case Candidate::Failed::numbers:
            return "numbers";
        case Candidate::Failed::budget:
            return "budget_spent";
    }
    return "";
}

std::string candidates_text(const std::vector<Candidate>& candidates) {
    std::vector<std::string> parts;
    parts.reserve(candidates.size());
    for (const auto& candidate : candidates) {
        parts.push_back(candidate.evidence + " (" + std::string(name_of(candidate.failed)) + ")");
    }
    return lists::joined(parts, "; ");
}

std::string evidence_bytes_text(const std::vector<EvidenceBytes>& ranges) {
    std::vector<std::string> parts;
    parts.reserve(ranges.size());
    for (const auto& range : ranges) {
        parts.push_back(range.evidence + " " + std::to_string(range.begin) + "+" + std::to_string(range.bytes));
    }
    return lists::joined(parts, "; ");
}

namespace lists {
namespace {

Phrase only_difference(const Candidate& candidate) {
    const std::string money = money_text(candidate.amount, candidate.exponent, candidate.currency);
    switch (candidate.failed) {
        case Candidate::Failed::channel_txn_id:
            return {"只有渠道交易号不同：" + candidate.channel_txn_id,
                    "only the channel's transaction id differs: " + candidate.channel_txn_id};
        case Candidate::Failed::amount:
            return {"只有金额不同：" + money, "only the amount differs: " + money};
        case Candidate::Failed::type:
            return {"只有类型不同：" + std::string(chinese_of(candidate.type)),
                    "only the type differs: " + std::string(english_of(candidate.type))};
        case Candidate::Failed::currency:
            return {"只有币种不同：" + candidate.currency, "only the currency differs: " + candidate.currency};
        case Candidate::Failed::numbers:
            return {"金额相同，但没有一个单号相同", "the amount agrees, but no number does"};
        case Candidate::Failed::none:
        case Candidate::Failed::budget:
            break;
    }
    return {};
}

}  // namespace

Phrase candidates_of(const Discrepancy& row) {
    if (row.candidates.empty()) {
        return {};
    }
    const Candidate& first = row.candidates.front();
    if (first.failed == Candidate::Failed::budget) {
        return {"规则没有算完就停了（" + first.evidence + "），是否有凑得上的组合还不知道。",
                " A rule was stopped before it knew whether others add up to it (" + first.evidence + ")."};
    }
    if (first.failed != Candidate::Failed::none) {
        const Phrase difference = only_difference(first);
        return {"另一侧最接近的是 " + first.evidence + "，" + difference.zh + "。",
                " The nearest on the other side is " + first.evidence + "; " + difference.en + "."};
    }
    std::vector<std::string> fitting;
    for (const auto& candidate : row.candidates) {
        if (candidate.failed == Candidate::Failed::none) {
            fitting.push_back(candidate.evidence);
        }
    }
    if (fitting.size() == 1) {
        return {"另一侧的 " + fitting.front() + " 也合适，但这一侧同样合适的不止一笔，所以没有替您选。",
                " " + fitting.front() +
                    " on the other side fits, but so does it with others of this side, so none was taken."};
    }
    const std::string count = std::to_string(fitting.size());
    return {
        "另一侧有 " + count + " 笔同样合适，所以没有替您选：" + joined(fitting, "、") + "。",
        " The other side has " + count + " that fit equally well, so none was taken: " + joined(fitting, ", ") + "."};
}

}  // namespace lists
}  // namespace reconciliation

#include <array>

#include "core/failure.h"
#include "core/money.h"
#include "reconciliation/lists/phrases.h"
#include "reconciliation/lists/texts.h"

namespace reconciliation {
namespace {

using lists::Phrase;
using payments::TransactionType;

// What a person does about each kind. The words are stable: people filter and count by them.
struct Action {
    DiscrepancyKind kind;
    std::string_view word;
    std::string_view zh;
    std::string_view en;
};

constexpr std::array<Action, 12> kActions{{
    {DiscrepancyKind::total_mismatch, "download_statement_again", "重新下载账单并重跑对账；仍不符就请渠道查账。",
     "Download the statement again and rerun; if the totals still disagree, ask the channel."},
    {DiscrepancyKind::duplicate_in_channel, "confirm_with_channel", "请渠道确认：是账单重复列示，还是真的重复收付。",
     "Ask the channel: listed twice only, or really charged twice?"},
    {DiscrepancyKind::duplicate_in_ledger, "reverse_duplicate_entry", "核对各笔分录的来源，冲正多记的一笔。",
     "Compare where the entries came from and reverse the surplus one."},
    {DiscrepancyKind::missing_in_ledger, "verify_and_book", "在渠道后台核实，属实就补记入账。",
     "Verify it in the channel's back office; if it is real, book it."},
    {DiscrepancyKind::missing_in_channel, "query_channel", "向渠道查询这一笔的结果，再请渠道补账或冲正本账。",
     "Query the channel for its outcome, then have it listed or reverse our entry."},
    {DiscrepancyKind::timing, "wait_for_next_statement", "今天不用处理，等下一天的账单。",
     "Nothing to do today; wait for the next day's statement."},
    {DiscrepancyKind::currency_mismatch, "confirm_currency", "在渠道后台核对交易币种，按实际币种更正账务。",
     "Check the currency in the channel's back office and correct the books to it."},
    {DiscrepancyKind::amount_mismatch, "confirm_amount", "在渠道后台核对实际金额，按核实结果更正账务。",
     "Check the real amount in the channel's back office and correct the side that is wrong."},
    {DiscrepancyKind::status_mismatch, "confirm_status", "在渠道后台核对最终状态，撤销了就冲正，成功了就请渠道更正。",
     "Check the final state: reverse our entry if it was undone, have the channel correct it if not."},
    {DiscrepancyKind::unexpected_payment, "find_owner_or_refund", "查明是谁付的、为哪张订单付的；查不到就退款。",
     "Find out who paid and for which order; if nobody can be found, refund."},
    {DiscrepancyKind::order_mismatch, "settle_with_customer", "与顾客核对，补收差额、退回多付，或更正订单。",
     "Settle with the customer: collect the rest, return the surplus, or correct the order."},
    {DiscrepancyKind::fee_mismatch, "check_fee_rate", "核对合同费率、优惠和舍入；多收的向渠道追回。",
     "Check the contract rate, promotions and rounding; claim back what was overcharged."},
}};

const Action& action_for(DiscrepancyKind kind) {
    for (const auto& action : kActions) {
        if (action.kind == kind) {
            return action;
        }
    }
    core::ensure(false, "every kind of discrepancy has a suggested action");
    return kActions.front();
}

bool is_refund(const Discrepancy& row) {
    return row.type == TransactionType::refund || row.type == TransactionType::reversal;
}

std::string stated(const std::string& status, const char* otherwise) { return status.empty() ? otherwise : status; }

Phrase total_mismatch(const Discrepancy& row) {
    Phrase told{"账单自己写的合计与逐行相加的结果不一致",
                "The totals that the statement itself states are not the sums of its lines"};
    const char* mark = "：";
    const char* en_mark = ": ";
    for (const auto& total : row.totals) {
        told += {mark + total.name + "写的是 " + total.stated + "，逐行相加是 " + total.actual,
                 en_mark + total.name + " says " + total.stated + ", the lines add up to " + total.actual};
        mark = "；";
        en_mark = "; ";
    }
    return told + Phrase{
                      "。多半是文件下载不全、被改动过，或渠道出账有误。明细照常比对，但合计对上之前，"
                      "不会凭这份账单记账或结清任何一笔。",
                      ". Most likely the download is incomplete, the file was altered, or the channel made an "
                      "error. The lines are compared all the same, but nothing is booked or closed from this "
                      "statement until its totals agree."};
}

Phrase duplicate_in_channel(const Discrepancy& row) {
    const std::size_t times = lists::channel_evidence_count(row);
    const Phrase count = times >= 2 ? Phrase{std::to_string(times) + " 次", std::to_string(times) + " times"}
                                    : Phrase{"不止一次", "more than once"};
    Phrase told{"渠道账单把 ", ""};
    told += lists::subject_of(row) + Phrase{"列了 " + count.zh, " is listed " + count.en + " by the channel"};
    told += {"，每次 " + lists::known_money(row), ", each time with " + lists::known_money(row)};
    told += row.ledger_amount ? Phrase{"；账上只有一笔 " + lists::ledger_money(row),
                                       "; the books have it once with " + lists::ledger_money(row)}
                              : Phrase{"；账上没有这一笔", "; the books do not have it"};
    return told + Phrase{"。比对时只算一次，多出来的没有入账。可能只是账单重复列示，也可能顾客真的被重复扣款。",
                         ". It was compared once and the repeat is not booked. It may be a listing error only, or "
                         "the customer may really have been charged twice."};
}

Phrase duplicate_in_ledger(const Discrepancy& row) {
    const std::size_t times = lists::ledger_evidence_count(row);
    const Phrase count = times >= 2 ? Phrase{std::to_string(times) + " 次", std::to_string(times) + " times"}
                                    : Phrase{"不止一次", "more than once"};
    Phrase told = lists::subject_of(row) + Phrase{"在账上记了 " + count.zh, " is booked " + count.en};
    told += {"，每次 " + lists::ledger_money(row), ", each time with " + lists::ledger_money(row)};
    told += row.channel_amount ? Phrase{"；渠道只有一笔 " + lists::channel_money(row),
                                        "; the channel has it once with " + lists::channel_money(row)}
                               : Phrase{"；渠道账单里没有", "; the channel's statement does not have it"};
    return told + Phrase{"。同一笔钱只能记一次，多记的会让账上余额虚高或虚低。",
                         ". Money that moved once must be booked once; the surplus entry makes the balance wrong."};
}

Phrase why_not_in_books(const Discrepancy& row) {
    if (row.type == TransactionType::payment) {
        return {"多半是支付回调没有送达或被拒收；钱已在渠道。",
                " Most likely its callback never arrived or was refused; the money is already at the channel."};
    }
    if (is_refund(row)) {
        return {"多半是有人直接在渠道后台退款，或退款回调没有送达；钱已经退出去了。",
                " Most likely somebody refunded it in the channel's back office, or its callback never arrived; the "
                "money has already left."};
    }
    return {"这类变动由渠道发起，我们没有收到或没有记下它的通知。",
            " The channel itself starts movements of this type; its notice did not arrive or was not booked."};
}

Phrase missing_in_ledger(const Discrepancy& row) {
    return lists::subject_of(row) +
           Phrase{"：渠道账单里有，金额 " + lists::channel_money(row) + "，账上没有。",
                  ": the channel's statement has it with " + lists::channel_money(row) + ", the books do not."} +
           why_not_in_books(row);
}

Phrase missing_in_channel(const Discrepancy& row) {
    const Phrase warning =
        is_refund(row) ? Phrase{"顾客可能还没有收到退款；查清之前不要再退一次。",
                                " The customer may not have received it; do not refund again before this is clear."}
                       : Phrase{"查清之前不要据此退款或放款。",
                                " Do not refund or pay out on the strength of it before this is clear."};
    return lists::subject_of(row) +
           Phrase{"：账上有，金额 " + lists::ledger_money(row) + "，渠道账单里没有。",
                  ": the books have it with " + lists::ledger_money(row) + ", the channel's statement does not."} +
           Phrase{"可能是渠道事后撤销、账单漏列或下载不全。",
                  " The channel may have undone it, left it out, or the download is incomplete."} +
           warning;
}

Phrase where_in_transit(const Discrepancy& row) {
    const std::string money = lists::known_money(row);
    if (row.ledger_amount && row.channel_amount) {
        const std::string state = row.channel_status.empty() ? "" : " " + row.channel_status;
        return {"：金额 " + money + "，账上已成功，渠道状态还是处理中" + state + "。",
                " with " + money + " is a success in the books while the channel is still processing it" +
                    (state.empty() ? "" : " (" + row.channel_status + ")") + "."};
    }
    return row.ledger_amount ? Phrase{"：金额 " + money + "，目前只有账上有。它临近日切，渠道多半列在下一天的账单里。",
                                      " with " + money +
                                          " is in the books only so far. It happened close to the day "
                                          "cut, so the channel most likely lists it on the next day."}
                             : Phrase{"：金额 " + money + "，目前只有渠道账单有。它临近日切，账上多半记在下一天。",
                                      " with " + money +
                                          " is in the channel's statement only so far. It happened "
                                          "close to the day cut, so the books most likely have it on the next day."};
}

Phrase timing(const Discrepancy& row, core::BusinessDay run_day) {
    const bool waits_longer = row.expected_by && run_day.ok() && core::day_after(run_day) < *row.expected_by;
    if (waits_longer) {
        const std::string last = core::format_day(*row.expected_by);
        return lists::subject_of(row) + where_in_transit(row) +
               Phrase{"系统已把它往后带，最晚等到 " + last + "；期间对上就自动清掉，到那天还对不上才另行列出。",
                      " It is carried forward, until " + last +
                          " at the latest, and clears by itself; only if that day's data do not have it either, it is "
                          "listed again as a real difference."};
    }
    const std::string next = run_day.ok() ? core::format_day(core::day_after(run_day)) : "";
    const Phrase when = next.empty() ? Phrase{"下一天", "the next day"} : Phrase{" " + next + " ", next};
    return lists::subject_of(row) + where_in_transit(row) +
           Phrase{"系统已把它带到下一天，" + std::string("对上") + when.zh + "的数据就自动清掉；对不上才会另行列出。",
                  " It is carried forward and clears by itself with the data of " + when.en +
                      "; only if it does not, it is listed again as a real difference."};
}

Phrase currency_mismatch(const Discrepancy& row) {
    return lists::subject_of(row) +
           Phrase{"：账上是 " + lists::ledger_money(row) + "，渠道是 " + lists::channel_money(row) +
                      "。币种不同，不能直接相减。多半是下单币种与实际扣款币种不一致，或一侧记错了币种。",
                  ": " + lists::ledger_money(row) + " in the books, " + lists::channel_money(row) +
                      " at the channel. Different currencies cannot be subtracted. Most likely the order was placed "
                      "in one currency and charged in the other, or one side recorded the wrong one."};
}

Phrase amount_mismatch(const Discrepancy& row) {
    const Phrase size = lists::difference_in_words(row);
    Phrase told =
        lists::subject_of(row) +
        Phrase{"：账上 " + lists::ledger_money(row) + "，渠道 " + lists::channel_money(row),
               ": " + lists::ledger_money(row) + " in the books, " + lists::channel_money(row) + " at the channel"};
    told += size.zh.empty() ? Phrase{"。", "."} : Phrase{"，" + size.zh + "。", "; " + size.en + "."};
    return told + (lists::is_one_unit(row.difference().value_or(0))
                       ? Phrase{"只差一个最小单位，多半是某一侧舍入造成，但仍要查明。",
                                " One smallest unit only, so most likely rounding on one side; still find out which."}
                       : Phrase{"常见原因：只收付了一部分、优惠抵扣只记在一侧，或金额记错。",
                                " Common causes: only part of it was paid, a discount known to one side only, or a "
                                "wrong amount."});
}

Phrase status_mismatch(const Discrepancy& row) {
    Phrase told =
        lists::subject_of(row) +
        Phrase{"：账上 " + lists::ledger_money(row) + "，状态 " + stated(row.ledger_status, "未写明") + "；渠道 " +
                   lists::channel_money(row) + "，状态 " + stated(row.channel_status, "未写明") +
                   "。两个状态互相矛盾。",
               ": " + lists::ledger_money(row) + " in the books as " + stated(row.ledger_status, "(not stated)") +
                   ", " + lists::channel_money(row) + " at the channel as " +
                   stated(row.channel_status, "(not stated)") + ". The two states contradict each other."};
    return told + (is_refund(row) ? Phrase{"退款可能没有到顾客手里，要以渠道的最终状态为准。",
                                           " The refund may not have reached the customer; the channel's final state "
                                           "decides."}
                                  : Phrase{"渠道可能在我们记账之后撤销或关闭了它，钱未必还在。",
                                           " The channel may have undone or closed it after we booked it, so the money "
                                           "may not be there."});
}

Phrase unexpected_payment(const Discrepancy& row) {
    return lists::subject_of(row) +
           Phrase{"：收到 " + lists::known_money(row) +
                      "，账上和渠道一致，但没有任何已登记的订单要收这笔钱。"
                      "钱先挂在客户在途（transit:customer），不算收入。",
                  ": " + lists::known_money(row) +
                      " was received and both sides agree, but no registered order asks "
                      "for it. The money is kept on transit:customer and is nobody's income yet."};
}

// By how much the customer paid too much or too little, where the two can be subtracted.
Phrase against_order(const Discrepancy& row) {
    const auto paid = row.channel_amount ? row.channel_amount : row.ledger_amount;
    if (!paid || !row.order_amount || row.order_currency != row.currency()) {
        return {};
    }
    const auto surplus = core::checked_subtract(*paid, *row.order_amount);
    if (!surplus || *surplus == 0) {
        return {};
    }
    const std::string size = lists::size_of(*surplus, row.exponent(), row.currency());
    return *surplus > 0 ? Phrase{"，多付 " + size, ", " + size + " too much"}
                        : Phrase{"，少付 " + size, ", " + size + " too little"};
}

Phrase order_mismatch(const Discrepancy& row) {
    const int exponent = row.order_currency == row.currency() ? row.exponent() : display_exponent(row.order_currency);
    const std::string asked = lists::money_text(row.order_amount, exponent, row.order_currency);
    const Phrase gap = against_order(row);
    return lists::subject_of(row) +
           Phrase{"：实际 " + lists::known_money(row) + "，账上和渠道一致；订单要的是 " +
                      (asked.empty() ? "另一个金额" : asked) + gap.zh +
                      "。钱先挂在客户在途（transit:customer），查清之前不算这张订单已付清。",
                  ": " + lists::known_money(row) + " moved and both sides agree, but the order asks for " +
                      (asked.empty() ? "another amount" : asked) + gap.en +
                      ". The money is kept on transit:customer; the order does not count as paid until this is clear."};
}

Phrase fee_verdict(const Discrepancy& row) {
    if (!row.ledger_fee || !row.channel_fee) {
        return {"。", "."};
    }
    const auto surplus = core::checked_subtract(*row.channel_fee, *row.ledger_fee);
    if (!surplus || *surplus == 0) {
        return {"。", "."};
    }
    const std::string size = lists::size_of(*surplus, row.exponent(), row.currency());
    Phrase told = *surplus > 0 ? Phrase{"，对我们不利 " + size + "。", ", " + size + " to our disadvantage."}
                               : Phrase{"，对我们有利 " + size + "。", ", " + size + " in our favour."};
    return told + (lists::is_one_unit(*surplus)
                       ? Phrase{"只差一个最小单位，多半是舍入方式不同。",
                                " One smallest unit only, so most likely a different way of rounding."}
                       : Phrase{"多半是费率档次、优惠或最低收费与合同记录不同。",
                                " Most likely a rate tier, promotion or minimum fee differs from the contract on "
                                "record."});
}

Phrase fee_mismatch(const Discrepancy& row) {
    const std::string due = lists::money_text(row.ledger_fee, row.exponent(), row.currency());
    const std::string taken = lists::money_text(row.channel_fee, row.exponent(), row.currency());
    return lists::subject_of(row) +
           Phrase{"：金额 " + lists::known_money(row) + " 没有问题；渠道计手续费 " +
                      (taken.empty() ? "（未列）" : taken) + "，按合同费率应为 " + (due.empty() ? "（未知）" : due),
                  ": the amount of " + lists::known_money(row) + " is right; the channel's fee is " +
                      (taken.empty() ? "(not listed)" : taken) + ", the contract rate gives " +
                      (due.empty() ? "(unknown)" : due)} +
           fee_verdict(row);
}

// What the channel seems to have gone by, where that can be told.
Phrase rate_found(const Discrepancy& row) {
    if (!row.found_rate) {
        return {};
    }
    const FoundRate& rate = *row.found_rate;
    const auto number = [](auto value) { return std::to_string(value); };
    const auto fixed_part = [&](std::int64_t minor, const char* joined) {
        return minor == 0 ? std::string() : joined + lists::money_text(minor, row.exponent(), rate.currency);
    };
    const std::string rounding(core::name_of(rate.rounding));
    const bool others = rate.equally_good > 1;
    return {"本日有手续费的 " + number(rate.payments) + " 笔支付中，" + number(rate.fitting) + " 笔符合万分之 " +
                number(rate.basis_points) + fixed_part(rate.fixed_minor, " 加 ") + "（" + rounding +
                "），合同为万分之 " + number(rate.contract_basis_points) +
                fixed_part(rate.contract_fixed_minor, " 加 ") + "，符合 " + number(rate.contract_fitting) + " 笔" +
                (others ? "；同样符合的费率还有 " + number(rate.equally_good - 1) + " 种" : "") + "。",
            " Of the day's " + number(rate.payments) + " payments with a fee, " + number(rate.fitting) +
                " were charged " + number(rate.basis_points) + " basis points" + fixed_part(rate.fixed_minor, " and ") +
                " (" + rounding + "); the contract's " + number(rate.contract_basis_points) +
                fixed_part(rate.contract_fixed_minor, " and ") + " fit " + number(rate.contract_fitting) + "." +
                (others ? " " + number(rate.equally_good - 1) + " other rates fit as many." : "")};
}

Phrase sentence_for(const Discrepancy& row, core::BusinessDay run_day) {
    switch (row.kind) {
        case DiscrepancyKind::total_mismatch:
            return total_mismatch(row);
        case DiscrepancyKind::duplicate_in_channel:
            return duplicate_in_channel(row);
        case DiscrepancyKind::duplicate_in_ledger:
            return duplicate_in_ledger(row);
        case DiscrepancyKind::missing_in_ledger:
            return missing_in_ledger(row);
        case DiscrepancyKind::missing_in_channel:
            return missing_in_channel(row);
        case DiscrepancyKind::timing:
            return timing(row, run_day);
        case DiscrepancyKind::currency_mismatch:
            return currency_mismatch(row);
        case DiscrepancyKind::amount_mismatch:
            return amount_mismatch(row);
        case DiscrepancyKind::status_mismatch:
            return status_mismatch(row);
        case DiscrepancyKind::unexpected_payment:
            return unexpected_payment(row);
        case DiscrepancyKind::order_mismatch:
            return order_mismatch(row);
        case DiscrepancyKind::fee_mismatch:
            return fee_mismatch(row);
    }
    return {};
}

Phrase displaced_of(const Discrepancy& row) {
    if (!row.displaced_to) {
        return {};
    }
    const std::string day = core::format_day(*row.displaced_to);
    return {"账上记在 " + day + "，渠道列在本日：日切不同，是同一笔钱，不算漏记。",
            " The books have it on " + day +
                " and the channel on this day: cut at another time, the same money, and "
                "not missing."};
}

}  // namespace

Explanation explain(const Discrepancy& discrepancy, core::BusinessDay run_day) {
    const Phrase told = sentence_for(discrepancy, run_day) + rate_found(discrepancy) + displaced_of(discrepancy) +
                        lists::age_of(discrepancy) + lists::also_of(discrepancy) + lists::candidates_of(discrepancy);
    const Action& action = action_for(discrepancy.kind);
    return {told.zh, told.en, std::string(action.word), std::string(action.zh), std::string(action.en)};
}

}  // namespace reconciliation

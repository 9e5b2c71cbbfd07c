#include <algorithm>
#include <array>

#include "core/failure.h"
#include "core/money.h"
#include "reconciliation/discrepancy.h"

namespace reconciliation {
namespace {

struct KindNames {
    DiscrepancyKind kind;
    std::string_view name;
    std::string_view zh;
    std::string_view en;
};

// contract.md section 5; names and Chinese are fixed there.
constexpr std::array<KindNames, 12> kKinds{{
    {DiscrepancyKind::total_mismatch, "total_mismatch", "总额不符", "Statement totals wrong"},
    {DiscrepancyKind::duplicate_in_channel, "duplicate_in_channel", "渠道重复", "Listed twice by the channel"},
    {DiscrepancyKind::duplicate_in_ledger, "duplicate_in_ledger", "账务重复", "Booked twice"},
    {DiscrepancyKind::missing_in_ledger, "missing_in_ledger", "长款", "Missing in the books"},
    {DiscrepancyKind::missing_in_channel, "missing_in_channel", "短款", "Missing at the channel"},
    {DiscrepancyKind::timing, "timing", "跨日在途", "In transit over the day cut"},
    {DiscrepancyKind::currency_mismatch, "currency_mismatch", "币种不符", "Currencies differ"},
    {DiscrepancyKind::amount_mismatch, "amount_mismatch", "金额不符", "Amounts differ"},
    {DiscrepancyKind::status_mismatch, "status_mismatch", "状态不符", "States contradict"},
    {DiscrepancyKind::unexpected_payment, "unexpected_payment", "无主款", "No order asks for it"},
    {DiscrepancyKind::order_mismatch, "order_mismatch", "与订单不符", "Differs from the order"},
    {DiscrepancyKind::fee_mismatch, "fee_mismatch", "手续费不符", "Fee differs from the contract"},
}};

const KindNames& names_of(DiscrepancyKind kind) {
    const auto* found = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& row) { return row.kind == kind; });
    core::ensure(found != kKinds.end(), "every kind of discrepancy has its names");
    return *found;
}

}  // namespace

std::string_view name_of(DiscrepancyKind kind) { return names_of(kind).name; }
std::string_view chinese_of(DiscrepancyKind kind) { return names_of(kind).zh; }
std::string_view english_of(DiscrepancyKind kind) { return names_of(kind).en; }

std::optional<DiscrepancyKind> discrepancy_kind_from(std::string_view name) {
    const auto* found = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& row) { return row.name == name; });
    return found == kKinds.end() ? std::nullopt : std::optional(found->kind);
}

const std::vector<DiscrepancyKind>& all_discrepancy_kinds() {
    static const std::vector<DiscrepancyKind> all = [] {
        std::vector<DiscrepancyKind> kinds;
        kinds.reserve(kKinds.size());
        for (const auto& row : kKinds) {
            kinds.push_back(row.kind);
        }
        return kinds;
    }();
    return all;
}

std::string_view chinese_of(payments::TransactionType type) {
    switch (type) {
        case payments::TransactionType::payment:
            return "支付";
        case payments::TransactionType::refund:
            return "退款";
        case payments::TransactionType::reversal:
            return "冲正";
        case payments::TransactionType::dispute:
            return "拒付争议";
        case payments::TransactionType::fee:
            return "渠道费用";
        case payments::TransactionType::payout:
            return "结算打款";
        case payments::TransactionType::adjustment:
            return "渠道调账";
    }
    return "";
}

std::string_view english_of(payments::TransactionType type) {
    switch (type) {
        case payments::TransactionType::payment:
            return "Payment";
        case payments::TransactionType::refund:
            return "Refund";
        case payments::TransactionType::reversal:
            return "Reversal";
        case payments::TransactionType::dispute:
            return "Dispute";
        case payments::TransactionType::fee:
            return "Channel fee";
        case payments::TransactionType::payout:
            return "Payout";
        case payments::TransactionType::adjustment:
            return "Adjustment";
    }
    return "";
}

std::optional<std::int64_t> Discrepancy::difference() const {
    if (kind == DiscrepancyKind::currency_mismatch ||
        (!ledger_currency.empty() && !channel_currency.empty() && ledger_currency != channel_currency)) {
        return std::nullopt;
    }
    return core::checked_subtract(channel_amount.value_or(0), ledger_amount.value_or(0));
}

}  // namespace reconciliation

#include "payments/channels/stripe/categories.h"

#include <algorithm>
#include <array>

namespace payments::stripe {
namespace {

constexpr std::array kMovements = {
    Category{"charge", TransactionType::payment, 1, true},
    Category{"refund", TransactionType::refund, -1, true},
    Category{"refund_failure", TransactionType::reversal, 1, true},
    Category{"dispute", TransactionType::dispute, -1, false},
    Category{"dispute_reversal", TransactionType::reversal, 1, false},
    Category{"payout", TransactionType::payout, 0, false},  // a negative balance is paid in: above zero
    Category{"payout_reversal", TransactionType::reversal, 0, false},
    Category{"fee", TransactionType::fee, 0, false},
    Category{"network_cost", TransactionType::fee, 0, false},
    Category{"tax", TransactionType::fee, 0, false},
};

// Known, but told by no event that is booked: each is listed for a person who knows what it is.
constexpr std::array<std::string_view, 35> kAdjustments = {
    "advance",
    "advance_funding",
    "anticipation_repayment",
    "charge_failure",
    "climate_order_purchase",
    "climate_order_refund",
    "connect_collection_transfer",
    "connect_reserved_funds",
    "contribution",
    "financing_paydown",
    "financing_paydown_reversal",
    "financing_payout",
    "financing_payout_reversal",
    "issuing_authorization_hold",
    "issuing_authorization_release",
    "issuing_disbursement",
    "issuing_dispute",
    "issuing_dispute_fraud_liability_debit",
    "issuing_dispute_provisional_credit",
    "issuing_dispute_provisional_credit_reversal",
    "issuing_transaction",
    "other_adjustment",
    "partial_capture_reversal",
    "payment_network_reserve_hold",
    "payment_network_reserve_release",
    "payout_minimum_balance_hold",
    "payout_minimum_balance_release",
    "platform_earning",
    "platform_earning_refund",
    "risk_reserved_funds",
    "topup",
    "topup_reversal",
    "transfer",
    "transfer_reversal",
    "unreconciled_customer_funds",
};

}  // namespace

Category category_of(std::string_view name) {
    const auto* const movement =
        std::find_if(kMovements.begin(), kMovements.end(), [&](const Category& c) { return c.name == name; });
    if (movement != kMovements.end()) {
        return *movement;
    }
    const bool known = !name.empty() && std::find(kAdjustments.begin(), kAdjustments.end(), name) != kAdjustments.end();
    return {name, TransactionType::adjustment, 0, false, known};
}

}  // namespace payments::stripe

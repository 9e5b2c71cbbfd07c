// The ALL trade bill as WeChat Pay writes it: byte-order mark, CRLF, backticks, escaped commas, totals (spec 3.4).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/time.h"
#include "payments/simulator.h"

namespace payments::wechatpay {

struct SimulatedMerchant {
    std::string merchant_id;
    std::string app_id;
    std::uint64_t seed = 0;
};

// Rows in the given order. What money does not decide (product, bank, openid, device) follows from the seed and the
// payment's number alone, so a refund shows what its payment showed.
std::string write_trade_bill(const SimulatedMerchant& merchant, core::BusinessDay day,
                             const std::vector<SimulatedTransaction>& transactions, const StatementFaults& faults);

// Further facts of a payment that both its callback and its line tell.
struct PaymentDetails {
    std::string trade_type;
    std::string bank;
    std::string openid;
    std::string device;
    std::string product;  // as in the bill: a comma is written as backslash and blank
    std::string attach;
};
PaymentDetails details_of(std::uint64_t seed, const std::string& transaction_id);

}  // namespace payments::wechatpay

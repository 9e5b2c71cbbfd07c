// The fund-flow bill: every movement on the merchant's account with WeChat Pay and the balance after it (spec 3.5).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/money.h"
#include "core/result.h"
#include "payments/channel.h"

namespace payments::wechatpay {

struct FundMovement {
    core::Instant booked_at;
    std::string business_id;  // transaction_id of a payment, refund_id of a refund
    std::string movement_id;  // may repeat: refund rows have been seen with the payment's number here
    std::string business_name;
    std::string business_type;
    core::Money amount;   // signed from the merchant's side: 支出 (out) is negative
    core::Money balance;  // after the movement
    std::string applicant;
    std::string remark;
    std::string merchant_reference;  // 业务凭证号; of a refund its out_refund_no
    std::uint64_t line = 0;
};

struct FundFlow {
    std::vector<FundMovement> movements;  // in the file's order, which is not known to be that of the booking
    std::vector<TotalCheck> totals;       // numbers and sums of movements in and out
};

// Is it one, by its header's first column? True says nothing about whether it can be read.
bool is_fund_flow(std::string_view text);

// Reads one, plain, .gz or a .zip with one member. Amounts are in CNY: the bill names no currency. The bill names no
// merchant either, so that can't be checked here. Texts pass through context.redact.
core::Result<FundFlow, StatementRefusal> read_fund_flow(const StatementFile& file, core::BusinessDay day,
                                                        const ChannelContext& context);

}  // namespace payments::wechatpay

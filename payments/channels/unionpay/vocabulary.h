// UnionPay's codes in the product's words, the same for notifications and settlement files.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "payments/channel.h"
#include "payments/transaction.h"

namespace payments::unionpay {

// A transaction that moves money (specification, section 3, txnType): 01 consume and 03 pre-authorisation completion
// pay; 04 refund, 31 consume cancel and 33 completion cancel give back.
struct Movement {
    TransactionType type;
    // Refunds and cancels have an order number of their own; the payment's is another.
    bool gives_back;
};

// Nothing for a type that moves no money (queries, pre-authorisations, bindings) or that we don't know.
std::optional<Movement> movement_of(std::string_view txn_type);

// 02 and 32: a pre-authorisation and its cancel, which only reserve.
bool only_reserves(std::string_view txn_type);

// respCode: 00 and A6 have moved the money; 03, 04 and 05 leave it open; everything else has failed (section 4).
TransactionStatus status_of(std::string_view resp_code);

struct Card {
    std::string masked;       // at most the first six and the last four digits
    std::string fingerprint;  // only where the whole number arrived
};

// accNo as it comes: masked by UnionPay, encrypted (dropped: it is not ours to decrypt), or a whole number in clear.
Card card_from(std::string_view acc_no, const ChannelContext& context);

}  // namespace payments::unionpay

#include "payments/channels/wechatpay/simulator_bill.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "core/crypto/digest.h"
#include "core/failure.h"
#include "payments/channels/wechatpay/options.h"

namespace payments::wechatpay {
namespace {

constexpr std::string_view kDetailHeader =
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注";
constexpr std::string_view kSummaryHeader =
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";
constexpr std::string_view kLineEnd = "\r\n";

constexpr std::array<std::string_view, 4> kTradeTypes = {"JSAPI", "NATIVE", "APP", "MWEB"};
constexpr std::array<std::string_view, 5> kBanks = {"OTHERS", "CMC", "CFT", "ICBC_CREDIT", "PSBC_DEBIT"};
constexpr std::array<std::string_view, 8> kProducts = {"生鲜套餐",       "苹果 5斤",      "充电器\\ 白色", "会员月卡",
                                                       "Tea & \"cake\"", "手机壳|透明款", "=1+1 数学卡",   "診詞飢 书"};
constexpr std::array<std::string_view, 4> kAttachments = {"", "store-17", "渠道备注", "a|b"};

// Takes choices out of a digest, one after the other.
class Chooser {
public:
    Chooser(std::uint64_t seed, const std::string& text)
        : digest_(core::crypto::sha256(std::to_string(seed) + "/" + text)) {}

    std::size_t below(std::size_t bound) { return digest_[at_++ % digest_.size()] % bound; }

    template <std::size_t N>
    std::string of(const std::array<std::string_view, N>& choices) {
        return std::string(choices[below(N)]);
    }

private:
    core::crypto::Sha256 digest_;
    std::size_t at_ = 0;
};

std::string fixed_fee(std::int64_t minor, int exponent) {
    std::string text = core::decimal_from_minor(minor, exponent);
    if (exponent == 0) {
        text += '.';
    }
    return text.append(static_cast<std::size_t>(5 - exponent), '0');
}

std::string major(std::int64_t minor, core::Currency currency) {
    return core::decimal_from_minor(minor, currency.exponent());
}

// The line's own time: the transaction's, or the nearest second of the day it is listed on.
core::Instant listed_at(const SimulatedTransaction& transaction, core::BusinessDay day) {
    const core::DayCut cut{std::string(kZone), std::chrono::minutes{0}};
    const core::Instant last = core::day_end(day, cut) - std::chrono::seconds{1};
    return std::clamp(transaction.occurred_at, core::day_begin(day, cut), last);
}

struct Totals {
    std::int64_t payments = 0;  // minor units
    std::int64_t refunds = 0;
    std::int64_t fees = 0;

    void add(const SimulatedTransaction& transaction) {
        auto& side = transaction.type == TransactionType::refund ? refunds : payments;
        const auto sum = core::checked_add(side, transaction.amount.minor());
        const auto fee_sum = core::checked_add(fees, transaction.fee.minor());
        core::ensure(sum && fee_sum, "a simulated day's sums fit 64 bits");
        side = *sum;
        fees = *fee_sum;
    }
};

void append_cells(std::string& out, const std::vector<std::string>& cells) {
    for (std::size_t at = 0; at < cells.size(); ++at) {
        out.append(at == 0 ? "`" : ",`").append(cells[at]);
    }
    out.append(kLineEnd);
}

void append_row(std::string& out, const SimulatedMerchant& merchant, core::BusinessDay day,
                const SimulatedTransaction& transaction) {
    const bool refund = transaction.type == TransactionType::refund;
    const std::string& payment_id = refund ? transaction.related_txn_id : transaction.channel_txn_id;
    const PaymentDetails details = details_of(merchant.seed, payment_id);
    const auto currency = transaction.amount.currency();
    const std::string amount = major(transaction.amount.minor(), currency);
    const std::string nothing = major(0, currency);
    const std::string word = transaction.channel_status.empty() ? "SUCCESS" : transaction.channel_status;
    append_cells(out, {core::format_local(listed_at(transaction, day), std::string(kZone)),
                       merchant.app_id,
                       merchant.merchant_id,
                       "0",
                       details.device,
                       payment_id,
                       transaction.merchant_order_id,
                       details.openid,
                       details.trade_type,
                       refund ? "REFUND" : word,
                       details.bank,
                       std::string(currency.code()),
                       refund ? nothing : amount,
                       nothing,
                       refund ? transaction.channel_txn_id : "0",
                       refund ? transaction.own_order_id : "0",
                       refund ? amount : nothing,
                       nothing,
                       refund ? "ORIGINAL" : "",
                       refund ? word : "",
                       transaction.remark.empty() ? details.product : transaction.remark,
                       transaction.remark.empty() ? details.attach : transaction.remark,
                       fixed_fee(transaction.fee.minor(), transaction.fee.currency().exponent()),
                       "0.60%",
                       refund ? nothing : amount,
                       refund ? amount : nothing,
                       ""});
}

}  // namespace

PaymentDetails details_of(std::uint64_t seed, const std::string& transaction_id) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    Chooser chooser(seed, transaction_id);
    PaymentDetails details;
    details.trade_type = chooser.of(kTradeTypes);
    details.bank = chooser.of(kBanks);
    details.product = chooser.of(kProducts);
    details.attach = chooser.of(kAttachments);
    if (chooser.below(3) == 0) {
        details.device = "POS" + std::to_string(100 + chooser.below(100));
    }
    details.openid = "o";
    while (details.openid.size() < 28) {
        details.openid += kLetters[chooser.below(kLetters.size())];
    }
    return details;
}

std::string write_trade_bill(const SimulatedMerchant& merchant, core::BusinessDay day,
                             const std::vector<SimulatedTransaction>& transactions, const StatementFaults& faults) {
    std::string bill = "\xEF\xBB\xBF";
    bill.append(kDetailHeader).append(kLineEnd);
    Totals totals;
    for (const auto& transaction : transactions) {
        append_row(bill, merchant, day, transaction);
        totals.add(transaction);
    }
    // A bill's sums don't care for currencies; WeChat Pay's are of yuan.
    const std::string payments = core::decimal_from_minor(totals.payments + faults.total_off_by_minor, 2);
    const std::string refunds = core::decimal_from_minor(totals.refunds, 2);
    bill.append(kSummaryHeader).append(kLineEnd);
    append_cells(bill, {std::to_string(transactions.size()), payments, refunds, "0.00", fixed_fee(totals.fees, 2),
                        payments, refunds});
    return bill;
}

}  // namespace payments::wechatpay

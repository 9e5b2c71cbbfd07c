#include "reconciliation/matching/diff_words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "core/money.h"
#include "core/text/encoding.h"

namespace reconciliation::matching {

namespace {

using payments::TransactionStatus;
using payments::TransactionType;

template <typename T>
using Word = std::pair<std::string_view, T>;

constexpr std::array<Word<TransactionType>, 40> kTypes{{
    {"PAYMENT", TransactionType::payment},       {"PAY", TransactionType::payment},
    {"CHARGE", TransactionType::payment},        {"SALE", TransactionType::payment},
    {"PURCHASE", TransactionType::payment},      {"CAPTURE", TransactionType::payment},
    {"支付", TransactionType::payment},          {"付款", TransactionType::payment},
    {"消费", TransactionType::payment},          {"收款", TransactionType::payment},
    {"交易", TransactionType::payment},          {"REFUND", TransactionType::refund},
    {"PAYMENT_REFUND", TransactionType::refund}, {"退款", TransactionType::refund},
    {"退货", TransactionType::refund},           {"REVERSAL", TransactionType::reversal},
    {"REVERSE", TransactionType::reversal},      {"VOID", TransactionType::reversal},
    {"撤销", TransactionType::reversal},         {"消费撤销", TransactionType::reversal},
    {"冲正", TransactionType::reversal},         {"DISPUTE", TransactionType::dispute},
    {"CHARGEBACK", TransactionType::dispute},    {"拒付", TransactionType::dispute},
    {"争议", TransactionType::dispute},          {"FEE", TransactionType::fee},
    {"STRIPE_FEE", TransactionType::fee},        {"手续费", TransactionType::fee},
    {"PAYOUT", TransactionType::payout},         {"WITHDRAWAL", TransactionType::payout},
    {"SETTLEMENT", TransactionType::payout},     {"提现", TransactionType::payout},
    {"结算", TransactionType::payout},           {"出款", TransactionType::payout},
    {"ADJUSTMENT", TransactionType::adjustment}, {"ADJUST", TransactionType::adjustment},
    {"CORRECTION", TransactionType::adjustment}, {"调整", TransactionType::adjustment},
    {"调账", TransactionType::adjustment},       {"差错", TransactionType::adjustment},
}};

constexpr std::array<Word<TransactionStatus>, 66> kStatuses{{
    {"SUCCESS", TransactionStatus::captured},
    {"SUCCEEDED", TransactionStatus::captured},
    {"SUCCESSFUL", TransactionStatus::captured},
    {"CAPTURED", TransactionStatus::captured},
    {"PAID", TransactionStatus::captured},
    {"COMPLETED", TransactionStatus::captured},
    {"COMPLETE", TransactionStatus::captured},
    {"SETTLED", TransactionStatus::captured},
    {"FINISHED", TransactionStatus::captured},
    {"DONE", TransactionStatus::captured},
    {"OK", TransactionStatus::captured},
    {"AVAILABLE", TransactionStatus::captured},
    {"TRADE_SUCCESS", TransactionStatus::captured},
    {"TRADE_FINISHED", TransactionStatus::captured},
    {"REFUND_SUCCESS", TransactionStatus::captured},
    {"00", TransactionStatus::captured},
    {"成功", TransactionStatus::captured},
    {"支付成功", TransactionStatus::captured},
    {"交易成功", TransactionStatus::captured},
    {"退款成功", TransactionStatus::captured},
    {"已支付", TransactionStatus::captured},
    {"已付款", TransactionStatus::captured},
    {"已完成", TransactionStatus::captured},
    {"PROCESSING", TransactionStatus::processing},
    {"PENDING", TransactionStatus::processing},
    {"IN_PROGRESS", TransactionStatus::processing},
    {"IN_TRANSIT", TransactionStatus::processing},
    {"USERPAYING", TransactionStatus::processing},
    {"ACCEPT", TransactionStatus::processing},
    {"ACCEPTED", TransactionStatus::processing},
    {"处理中", TransactionStatus::processing},
    {"支付中", TransactionStatus::processing},
    {"退款中", TransactionStatus::processing},
    {"退款处理中", TransactionStatus::processing},
    {"FAILED", TransactionStatus::failed},
    {"FAIL", TransactionStatus::failed},
    {"FAILURE", TransactionStatus::failed},
    {"PAYERROR", TransactionStatus::failed},
    {"DECLINED", TransactionStatus::failed},
    {"失败", TransactionStatus::failed},
    {"支付失败", TransactionStatus::failed},
    {"交易失败", TransactionStatus::failed},
    {"退款失败", TransactionStatus::failed},
    {"CLOSED", TransactionStatus::closed},
    {"CLOSE", TransactionStatus::closed},
    {"CANCELED", TransactionStatus::closed},
    {"CANCELLED", TransactionStatus::closed},
    {"EXPIRED", TransactionStatus::closed},
    {"TRADE_CLOSED", TransactionStatus::closed},
    {"关闭", TransactionStatus::closed},
    {"已关闭", TransactionStatus::closed},
    {"交易关闭", TransactionStatus::closed},
    {"退款关闭", TransactionStatus::closed},
    {"已取消", TransactionStatus::closed},
    {"REVOKED", TransactionStatus::revoked},
    {"REVERSED", TransactionStatus::revoked},
    {"VOIDED", TransactionStatus::revoked},
    {"撤销", TransactionStatus::revoked},
    {"已撤销", TransactionStatus::revoked},
    {"已冲正", TransactionStatus::revoked},
    {"CHANGE", TransactionStatus::abnormal},
    {"ABNORMAL", TransactionStatus::abnormal},
    {"异常", TransactionStatus::abnormal},
    {"退款异常", TransactionStatus::abnormal},
    {"交易异常", TransactionStatus::abnormal},
    {"支付异常", TransactionStatus::abnormal},
}};

constexpr std::array<std::string_view, 3> kGoneBack{"REFUND", "REFUNDED", "已退款"};

template <typename T, std::size_t N>
std::optional<T> meaning(const std::array<Word<T>, N>& words, std::string_view word) {
    const auto* const found = std::find_if(words.begin(), words.end(), [&](const auto& w) { return w.first == word; });
    if (found == words.end()) {
        return std::nullopt;
    }
    return found->second;
}

bool is_letter_or_digit(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

}  // namespace

std::string normalised_word(std::string_view word) {
    std::string out(core::text::trimmed(word));
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c == ' ' || c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    });
    return out;
}

std::optional<TransactionType> type_from_word(std::string_view word) { return meaning(kTypes, normalised_word(word)); }

std::optional<TransactionStatus> status_from_word(std::string_view word, TransactionType type) {
    const std::string normalised = normalised_word(word);
    const bool gone_back = std::find(kGoneBack.begin(), kGoneBack.end(), normalised) != kGoneBack.end();
    if (gone_back && type == TransactionType::refund) {
        return TransactionStatus::captured;
    }
    return meaning(kStatuses, normalised);
}

std::optional<std::string> currency_from_word(std::string_view word) {
    const std::string normalised = normalised_word(word);
    if (normalised == "RMB" || normalised == "CNH" || normalised == "人民币" || normalised == "人民币元") {
        return "CNY";
    }
    if (const auto currency = core::Currency::from_code(normalised)) {
        return std::string(currency->code());
    }
    if (const auto currency = core::Currency::from_number(normalised)) {
        return std::string(currency->code());
    }
    const bool plain = normalised.size() >= 2 && normalised.size() <= 12 &&
                       std::all_of(normalised.begin(), normalised.end(), is_letter_or_digit);
    if (!plain || std::isdigit(static_cast<unsigned char>(normalised.front())) != 0) {
        return std::nullopt;
    }
    return normalised;
}

}  // namespace reconciliation::matching

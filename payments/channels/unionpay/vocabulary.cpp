#include "payments/channels/unionpay/vocabulary.h"

#include <algorithm>

#include "payments/channels/unionpay/dates.h"

namespace payments::unionpay {

namespace {

constexpr std::size_t kFirst = 6;
constexpr std::size_t kLast = 4;
constexpr std::size_t kCardDigitsMin = 11;
constexpr std::size_t kCardDigitsMax = 32;

std::string shown(std::string_view head, std::size_t length, std::string_view tail) {
    return std::string(head).append(length - head.size() - tail.size(), '*').append(tail);
}

// Digits, stars, digits, and nothing else.
bool is_masked(std::string_view text) {
    const auto first_star = text.find('*');
    const auto last_star = text.rfind('*');
    if (first_star == std::string_view::npos || text.size() > kCardDigitsMax) {
        return false;
    }
    const auto head = text.substr(0, first_star);
    const auto stars = text.substr(first_star, last_star - first_star + 1);
    const auto tail = text.substr(last_star + 1);
    return (head.empty() || all_digits(head)) && (tail.empty() || all_digits(tail)) &&
           stars.find_first_not_of('*') == std::string_view::npos;
}

// Some deployments mask less than they should.
std::string masked_further(std::string_view text) {
    const auto head = text.substr(0, std::min(text.find('*'), kFirst));
    const auto tail_length = std::min(text.size() - text.rfind('*') - 1, kLast);
    return shown(head, text.size(), text.substr(text.size() - tail_length));
}

}  // namespace

std::optional<Movement> movement_of(std::string_view txn_type) {
    if (txn_type == "01" || txn_type == "03") {
        return Movement{TransactionType::payment, false};
    }
    if (txn_type == "04") {
        return Movement{TransactionType::refund, true};
    }
    if (txn_type == "31" || txn_type == "33") {
        return Movement{TransactionType::reversal, true};
    }
    return std::nullopt;
}

bool only_reserves(std::string_view txn_type) { return txn_type == "02" || txn_type == "32"; }

TransactionStatus status_of(std::string_view resp_code) {
    if (resp_code == "00" || resp_code == "A6") {
        return TransactionStatus::captured;
    }
    if (resp_code == "03" || resp_code == "04" || resp_code == "05") {
        return TransactionStatus::processing;
    }
    return TransactionStatus::failed;
}

Card card_from(std::string_view acc_no, const ChannelContext& context) {
    if (is_masked(acc_no)) {
        return {masked_further(acc_no), {}};
    }
    if (all_digits(acc_no) && acc_no.size() >= kCardDigitsMin && acc_no.size() <= kCardDigitsMax) {
        return {shown(acc_no.substr(0, kFirst), acc_no.size(), acc_no.substr(acc_no.size() - kLast)),
                context.fingerprint(acc_no)};
    }
    return {};
}

}  // namespace payments::unionpay

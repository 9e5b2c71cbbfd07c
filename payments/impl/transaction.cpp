#include "payments/transaction.h"

#include <array>
#include <utility>

namespace payments {
namespace {

constexpr std::array<std::pair<TransactionType, std::string_view>, 7> kTypes{{
    {TransactionType::payment, "payment"},
    {TransactionType::refund, "refund"},
    {TransactionType::reversal, "reversal"},
    {TransactionType::dispute, "dispute"},
    {TransactionType::fee, "fee"},
    {TransactionType::payout, "payout"},
    {TransactionType::adjustment, "adjustment"},
}};

constexpr std::array<std::pair<TransactionStatus, std::string_view>, 6> kStatuses{{
    {TransactionStatus::captured, "captured"},
    {TransactionStatus::processing, "processing"},
    {TransactionStatus::failed, "failed"},
    {TransactionStatus::closed, "closed"},
    {TransactionStatus::revoked, "revoked"},
    {TransactionStatus::abnormal, "abnormal"},
}};

template <typename Table, typename Key>
std::string_view name_in(const Table& table, Key key) {
    for (const auto& [value, name] : table) {
        if (value == key) {
            return name;
        }
    }
    return {};
}

}  // namespace

std::string_view name_of(TransactionType type) { return name_in(kTypes, type); }
std::string_view name_of(TransactionStatus status) { return name_in(kStatuses, status); }

std::optional<TransactionType> transaction_type_from(std::string_view name) {
    for (const auto& [value, text] : kTypes) {
        if (text == name) {
            return value;
        }
    }
    return std::nullopt;
}

std::optional<TransactionStatus> transaction_status_from(std::string_view name) {
    for (const auto& [value, text] : kStatuses) {
        if (text == name) {
            return value;
        }
    }
    return std::nullopt;
}

}  // namespace payments

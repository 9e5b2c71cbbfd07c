#include "reconciliation/matching/content.h"

#include <optional>

namespace reconciliation::matching {

namespace {

std::int64_t day_number(core::BusinessDay day) {
    const auto months = static_cast<int>(day.year()) * 16 + static_cast<int>(static_cast<unsigned>(day.month()));
    return std::int64_t{months} * 32 + static_cast<int>(static_cast<unsigned>(day.day()));
}

std::optional<std::int64_t> milliseconds(const std::optional<core::Instant>& instant) {
    if (!instant) {
        return std::nullopt;
    }
    return instant->time_since_epoch().count();
}

std::optional<int> number_of(const std::optional<payments::TransactionStatus>& status) {
    if (!status) {
        return std::nullopt;
    }
    return static_cast<int>(*status);
}

template <typename T>
void append_optional(std::string& out, const std::optional<T>& number) {
    if (number) {
        append_number(out, *number);
    } else {
        out += "-,";
    }
}

std::strong_ordering compare_names(const Record& a, const Record& b) {
    if (const auto order = a.type <=> b.type; std::is_neq(order)) {
        return order;
    }
    if (const auto order = a.channel_txn_id <=> b.channel_txn_id; std::is_neq(order)) {
        return order;
    }
    if (const auto order = a.own_order_id <=> b.own_order_id; std::is_neq(order)) {
        return order;
    }
    return a.merchant_order_id <=> b.merchant_order_id;
}

std::strong_ordering compare_money(const Record& a, const Record& b) {
    if (const auto order = a.currency <=> b.currency; std::is_neq(order)) {
        return order;
    }
    if (const auto order = a.exponent <=> b.exponent; std::is_neq(order)) {
        return order;
    }
    if (const auto order = a.amount <=> b.amount; std::is_neq(order)) {
        return order;
    }
    if (const auto order = a.fee <=> b.fee; std::is_neq(order)) {
        return order;
    }
    return a.expected_fee <=> b.expected_fee;
}

std::strong_ordering compare_order(const Record& a, const Record& b) {
    if (const auto order = a.order <=> b.order; std::is_neq(order)) {
        return order;
    }
    if (const auto order = a.order_amount <=> b.order_amount; std::is_neq(order)) {
        return order;
    }
    return a.order_currency <=> b.order_currency;
}

std::strong_ordering compare_rest(const Record& a, const Record& b) {
    if (const auto order = milliseconds(a.occurred_at) <=> milliseconds(b.occurred_at); std::is_neq(order)) {
        return order;
    }
    if (const auto order = number_of(a.status) <=> number_of(b.status); std::is_neq(order)) {
        return order;
    }
    if (const auto order = a.status_text <=> b.status_text; std::is_neq(order)) {
        return order;
    }
    if (const auto order = a.near_cut <=> b.near_cut; std::is_neq(order)) {
        return order;
    }
    return compare_order(a, b);
}

}  // namespace

std::strong_ordering compare_content(const Record& a, const Record& b) {
    // An item carried from an earlier day comes first: the transaction is as old as its oldest record.
    if (const auto order = b.carried_in <=> a.carried_in; std::is_neq(order)) {
        return order;
    }
    if (const auto order = day_number(a.business_day) <=> day_number(b.business_day); std::is_neq(order)) {
        return order;
    }
    if (const auto order = compare_names(a, b); std::is_neq(order)) {
        return order;
    }
    if (const auto order = compare_money(a, b); std::is_neq(order)) {
        return order;
    }
    return compare_rest(a, b);
}

const std::string& order_key(const Record& record) {
    return record.own_order_id.empty() ? record.merchant_order_id : record.own_order_id;
}

std::uint64_t stable_hash(payments::TransactionType type, std::string_view key) {
    // FNV-1a, with a last mix because sorting looks at the high bits first.
    std::uint64_t hash = 0xcbf29ce484222325U ^ static_cast<std::uint64_t>(type);
    for (const char c : key) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    }
    hash = (hash ^ (hash >> 30U)) * 0xbf58476d1ce4e5b9U;
    hash = (hash ^ (hash >> 27U)) * 0x94d049bb133111ebU;
    return hash ^ (hash >> 31U);
}

void append_text(std::string& out, std::string_view text) {
    out += std::to_string(text.size());
    out += ':';
    out += text;
    out += ',';
}

void append_number(std::string& out, std::int64_t number) {
    out += std::to_string(number);
    out += ',';
}

void append_content(std::string& out, const Record& record) {
    append_text(out, payments::name_of(record.type));
    append_text(out, record.channel_txn_id);
    append_text(out, record.own_order_id);
    append_text(out, record.merchant_order_id);
    append_text(out, record.currency);
    append_number(out, record.exponent);
    append_number(out, record.amount);
    append_optional(out, record.fee);
    append_optional(out, record.expected_fee);
    append_optional(out, milliseconds(record.occurred_at));
    append_number(out, day_number(record.business_day));
    append_optional(out, number_of(record.status));
    append_text(out, record.status_text);
    append_number(out, static_cast<int>(record.near_cut) + 2 * static_cast<int>(record.carried_in));
    append_number(out, static_cast<int>(record.order));
    append_optional(out, record.order_amount);
    append_text(out, record.order_currency);
}

}  // namespace reconciliation::matching

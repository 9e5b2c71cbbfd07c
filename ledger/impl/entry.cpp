#include "ledger/entry.h"

#include <algorithm>

#include "core/failure.h"

namespace ledger {
namespace {

std::string channel_account(const char* prefix, std::string_view channel) { return prefix + std::string(channel); }

}  // namespace

std::optional<Account> Account::from_name(std::string name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ':' || c == '_' || c == '-';
    };
    if (name.size() > 128 || !std::all_of(name.begin(), name.end(), allowed) || name.ends_with(':') ||
        name.find("::") != std::string::npos) {
        return std::nullopt;
    }
    struct Prefix {
        std::string_view text;
        Kind kind;
    };
    constexpr Prefix kPrefixes[] = {
        {"receivable:", Kind::asset},
        {"transit:payment:", Kind::asset},
        {"transit:funds:", Kind::asset},
        {"transit:customer:", Kind::liability},
        {"transit:payout:", Kind::liability},
        {"bank:", Kind::asset},
        {"payable:", Kind::liability},
        {"deferred:", Kind::liability},
        {"income:", Kind::income},
        {"expense:", Kind::expense},
        {"prepaid:", Kind::liability},
    };
    for (const auto& [text, kind] : kPrefixes) {
        if (name.size() > text.size() && name.starts_with(text)) {
            return Account(std::move(name), kind);
        }
    }
    return std::nullopt;
}

Account Account::transit_payment(std::string_view channel) {
    return {channel_account("transit:payment:", channel), Kind::asset};
}
Account Account::transit_funds(std::string_view channel) {
    return {channel_account("transit:funds:", channel), Kind::asset};
}
Account Account::transit_customer(std::string_view channel) {
    return {channel_account("transit:customer:", channel), Kind::liability};
}
Account Account::transit_payout(std::string_view bank) {
    return {channel_account("transit:payout:", bank), Kind::liability};
}
Account Account::bank(std::string_view name) { return {channel_account("bank:", name), Kind::asset}; }
Account Account::channel_fee(std::string_view channel) {
    return {channel_account("expense:channel_fee:", channel), Kind::expense};
}

std::string_view name_of(Account::Kind kind) {
    switch (kind) {
        case Account::Kind::asset:
            return "asset";
        case Account::Kind::liability:
            return "liability";
        case Account::Kind::income:
            return "income";
        case Account::Kind::expense:
            return "expense";
    }
    return {};
}

void Balances::add(const Account& account, const core::Money& amount) {
    const std::pair key{account, amount.currency()};
    const auto sum = core::checked_add(sums_[key], amount.minor());
    core::ensure(sum.has_value(), "a balance fits 64 bits");
    if (*sum == 0) {
        sums_.erase(key);
    } else {
        sums_[key] = *sum;
    }
}

void Balances::subtract(const Account& account, const core::Money& amount) {
    const auto negated = amount.negated();
    core::ensure(static_cast<bool>(negated), "an amount can be negated");
    add(account, *negated);
}

std::vector<Leg> Balances::legs() const {
    std::vector<Leg> legs;
    legs.reserve(sums_.size());
    for (const auto& [key, minor] : sums_) {
        legs.push_back({key.first, core::Money(minor, key.second)});
    }
    return legs;
}

std::string_view describe(EntryError error) {
    switch (error) {
        case EntryError::too_few_legs:
            return "an entry has at least two legs";
        case EntryError::zero_leg:
            return "no leg is zero";
        case EntryError::sum_out_of_range:
            return "the legs' sum is out of range";
        case EntryError::unbalanced:
            return "debits and credits differ in a currency";
    }
    return {};
}

core::Result<Entry, EntryError> Entry::make(EntryHead head, std::vector<Leg> legs) {
    if (legs.size() < 2) {
        return core::Refused{EntryError::too_few_legs};
    }
    std::map<core::Currency, std::int64_t> sums;
    for (const auto& leg : legs) {
        if (leg.amount.is_zero()) {
            return core::Refused{EntryError::zero_leg};
        }
        auto& sum = sums[leg.amount.currency()];
        const auto next = core::checked_add(sum, leg.amount.minor());
        if (!next) {
            return core::Refused{EntryError::sum_out_of_range};
        }
        sum = *next;
    }
    const bool balanced = std::all_of(sums.begin(), sums.end(), [](const auto& sum) { return sum.second == 0; });
    if (!balanced) {
        return core::Refused{EntryError::unbalanced};
    }
    return Entry(std::move(head), std::move(legs));
}

Entry Entry::reversal(EntryHead head) const {
    std::vector<Leg> legs;
    for (const auto& leg : legs_) {
        const auto negated = leg.amount.negated();
        core::ensure(static_cast<bool>(negated), "an amount can be negated");
        legs.push_back({leg.account, *negated});
    }
    return Entry(std::move(head), std::move(legs));
}

}  // namespace ledger

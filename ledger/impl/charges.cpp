#include "ledger/charges.h"

#include <algorithm>

#include "core/failure.h"
#include "ledger/given_account.h"
#include "ledger/pricing.h"

namespace ledger {
namespace {

constexpr std::size_t kKeyMax = 128;
constexpr std::size_t kCustomerMax = 64;

bool is_key(std::string_view key) {
    return !key.empty() && key.size() <= kKeyMax && std::none_of(key.begin(), key.end(), [](char c) {
        return static_cast<unsigned char>(c) < ' ' || c == '\x7F';
    });
}

}  // namespace

std::optional<Account> prepaid_account(std::string_view customer) {
    if (customer.empty() || customer.size() > kCustomerMax || customer.find(':') != std::string_view::npos) {
        return std::nullopt;
    }
    return given_account("prepaid:" + std::string(customer));
}

Account usage_income(const config::Plan& plan) {
    auto account = Account::from_name("income:usage:" + plan.name);
    core::ensure(account.has_value(), "a plan's name fits an account");
    return *std::move(account);
}

Entry top_up(const std::string& key, const Account& from, const Account& prepaid, const core::Money& amount,
             const std::string& description, core::Instant now) {
    core::ensure(amount.minor() > 0 && from.kind() == Account::Kind::asset, "a top-up is of something that is there");
    auto entry = Entry::make({"top-up", "top-up:" + key, "", description, now, core::day_of(now, {"UTC", {}})},
                             {{from, amount}, {prepaid, {-amount.minor(), amount.currency()}}});
    core::ensure(static_cast<bool>(entry), "a top-up is an entry");
    return *std::move(entry);
}

std::string_view describe(UsageError error) {
    switch (error) {
        case UsageError::bad_key:
            return "source_key: must have 1 to 128 bytes, no control characters, and not begin with minimum:";
        case UsageError::bad_customer:
            return "customer: must be 1 to 64 of a-z, 0-9, - and _";
        case UsageError::bad_quantity:
            return "quantity: must be a whole number from 1 to 1000000000000";
        case UsageError::unknown_plan:
            return "plan: no [[tenant.plan]] of this name is in force for that time; add one, or correct the name";
        case UsageError::unknown_event:
            return "event: the plan has no price for it";
    }
    return {};
}

std::string_view name_of(ChargeAnswer::Outcome outcome) {
    switch (outcome) {
        case ChargeAnswer::Outcome::charged:
            return "charged";
        case ChargeAnswer::Outcome::already:
            return "already";
        case ChargeAnswer::Outcome::spent:
            return "spent";
        case ChargeAnswer::Outcome::key_taken:
            return "key_taken";
        case ChargeAnswer::Outcome::closed:
            return "closed";
        case ChargeAnswer::Outcome::out_of_range:
            return "out_of_range";
    }
    return {};
}

core::Result<Charge, UsageError> Charge::make(Usage usage, const std::vector<config::Plan>& plans,
                                              std::string_view plan) {
    if (!is_key(usage.source_key) || usage.source_key.starts_with("minimum:")) {
        return core::Refused{UsageError::bad_key};
    }
    auto prepaid = prepaid_account(usage.customer);
    if (!prepaid) {
        return core::Refused{UsageError::bad_customer};
    }
    if (usage.quantity < 1 || usage.quantity > config::kVolumeMax) {
        return core::Refused{UsageError::bad_quantity};
    }
    const auto* version = plan_in_force(plans, plan, usage.at);
    if (version == nullptr) {
        return core::Refused{UsageError::unknown_plan};
    }
    const auto* price = find_price(*version, usage.event);
    if (price == nullptr) {
        return core::Refused{UsageError::unknown_event};
    }
    const auto period = period_of(*version, usage.at);
    return Charge(std::move(usage), *version, *price, period, *std::move(prepaid));
}

}  // namespace ledger

// FoundRate: a rate and rounding that explain the channel's fees where the contract's do not.
#pragma once

#include <cstdint>
#include <string>

#include "core/money.h"

namespace reconciliation {

struct FoundRate {
    std::string currency;
    std::int64_t basis_points = 0;
    std::int64_t fixed_minor = 0;  // added to each payment
    core::Rounding rounding = core::Rounding::half_up;
    std::uint64_t payments = 0;      // that have a fee
    std::uint64_t fitting = 0;       // of them, whose fee it gives to the unit
    std::uint64_t equally_good = 1;  // how many rates fit as many payments, this one counted
    std::int64_t contract_basis_points = 0;
    std::int64_t contract_fixed_minor = 0;
    std::uint64_t contract_fitting = 0;

    friend bool operator==(const FoundRate&, const FoundRate&) = default;
};

}  // namespace reconciliation

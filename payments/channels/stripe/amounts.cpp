#include "payments/channels/stripe/amounts.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace payments::stripe {
namespace {

constexpr std::array<std::string_view, 15> kZeroDecimal = {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA",
                                                           "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"};
constexpr std::array<std::string_view, 5> kThreeDecimal = {"BHD", "JOD", "KWD", "OMR", "TND"};
// Without decimals in life, written with two in the API.
constexpr std::array<std::string_view, 2> kPaddedZeroDecimal = {"ISK", "UGX"};

template <std::size_t N>
bool lists(const std::array<std::string_view, N>& codes, core::Currency currency) {
    return std::find(codes.begin(), codes.end(), currency.code()) != codes.end();
}

// value * 10^(to - from), nothing when that is no whole number or out of range.
std::optional<std::int64_t> rescaled(std::int64_t value, int from, int to) {
    for (; from < to; ++from) {
        if (__builtin_mul_overflow(value, std::int64_t{10}, &value)) {
            return std::nullopt;
        }
    }
    for (; from > to; --from) {
        if (value % 10 != 0) {
            return std::nullopt;
        }
        value /= 10;
    }
    return value;
}

bool in_range(std::int64_t minor) { return minor <= core::kMinorMax && minor >= -core::kMinorMax; }

}  // namespace

int api_decimals(core::Currency currency) {
    if (lists(kZeroDecimal, currency)) {
        return 0;
    }
    return lists(kThreeDecimal, currency) ? 3 : 2;
}

int report_decimals(core::Currency currency) {
    return lists(kPaddedZeroDecimal, currency) ? 0 : api_decimals(currency);
}

std::optional<core::Money> money_from_api(std::int64_t units, core::Currency currency) {
    const auto minor = rescaled(units, api_decimals(currency), currency.exponent());
    if (!minor || !in_range(*minor)) {
        return std::nullopt;
    }
    return core::Money(*minor, currency);
}

std::optional<std::int64_t> api_units(const core::Money& money) {
    return rescaled(money.minor(), money.currency().exponent(), api_decimals(money.currency()));
}

core::Result<core::Money, core::DecimalError> money_from_report(std::string_view text, core::Currency currency) {
    const auto units = core::minor_from_decimal(text, report_decimals(currency));
    if (!units) {
        return core::Refused{units.error()};
    }
    const auto minor = rescaled(*units, report_decimals(currency), currency.exponent());
    if (!minor || !in_range(*minor)) {
        return core::Refused{core::DecimalError::out_of_range};
    }
    return core::Money(*minor, currency);
}

std::string report_text(const core::Money& money) {
    std::string text = core::decimal_from_minor(money.minor(), money.currency().exponent());
    if (text.find('.') == std::string::npos) {
        return text;
    }
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') {
        text.pop_back();
    }
    return text;
}

}  // namespace payments::stripe

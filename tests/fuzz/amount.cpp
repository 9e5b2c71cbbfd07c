// Amounts: the decimal and integer tokens, and what the channels make of them.
#include <array>
#include <optional>

#include "core/money.h"
#include "payments/channels/stripe/amounts.h"
#include "payments/channels/unionpay/settlement_layout.h"
#include "payments/channels/wechatpay/bill_values.h"
#include "tests/fuzz/fuzz.h"

namespace {

constexpr int kExponentMax = 18;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The same question answered in another way: sign, digits and point read one character at a time into 128 bits.
std::optional<std::int64_t> expected(std::string_view text, int exponent) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    __extension__ using Wide = __int128;
    constexpr Wide kBound = Wide{1} << 100U;
    Wide value = 0;
    int decimals = -1;  // read so far; -1 before the point
    bool digit_before = false;
    for (const char c : text) {
        if (c == '.' && decimals < 0 && digit_before) {
            decimals = 0;
        } else if (!is_digit(c)) {
            return std::nullopt;
        } else if (decimals >= exponent) {
            if (c != '0') {
                return std::nullopt;
            }
            ++decimals;
        } else {
            value = value > kBound ? value : value * 10 + (c - '0');
            digit_before = true;
            decimals += decimals >= 0 ? 1 : 0;
        }
    }
    if (!digit_before || decimals == 0) {
        return std::nullopt;
    }
    for (int at = decimals < 0 ? 0 : decimals; at < exponent; ++at) {
        value = value > kBound ? value : value * 10;
    }
    value = negative ? -value : value;
    const bool fits = value >= INT64_MIN && value <= INT64_MAX;
    return fits ? std::optional(static_cast<std::int64_t>(value)) : std::nullopt;
}

std::optional<std::int64_t> read(std::string_view text, int exponent) {
    const auto minor = core::minor_from_decimal(text, exponent);
    fuzz::promise(minor || !core::describe(minor.error()).empty(), "every error has words");
    return minor ? std::optional(*minor) : std::nullopt;
}

void check_token(std::string_view text, int exponent) {
    const auto minor = read(text, exponent);
    fuzz::promise(minor == expected(text, exponent), "an amount is what its digits say, exactly");
    if (minor) {
        const auto shown = core::decimal_from_minor(*minor, exponent);
        fuzz::promise(read(shown, exponent) == minor, "an amount that was written reads as the same");
    }
    const auto whole = core::minor_from_integer(text);
    fuzz::promise((whole ? std::optional(*whole) : std::nullopt) ==
                      (text.find('.') == std::string_view::npos ? expected(text, 0) : std::nullopt),
                  "a whole number is what its digits say");
}

void check_stripe(std::string_view text, core::Currency currency) {
    namespace stripe = payments::stripe;
    if (const auto money = stripe::money_from_report(text, currency)) {
        fuzz::promise(money->minor() <= core::kMinorMax && money->minor() >= -core::kMinorMax, "within range");
        const auto again = stripe::money_from_report(stripe::report_text(*money), currency);
        fuzz::promise(again && *again == *money, "a report's amount that was written reads as the same");
    }
    const auto units = core::minor_from_integer(text);
    const auto money = units ? stripe::money_from_api(*units, currency) : std::nullopt;
    if (money) {
        fuzz::promise(stripe::api_units(*money) == *units, "an amount goes back to the units it came from");
    }
}

void check_bills(std::string_view text, core::Currency currency) {
    namespace wechatpay = payments::wechatpay;
    const auto decimal = wechatpay::read_decimal(text, 7, "手续费");
    fuzz::promise(decimal || decimal.error().line == 7, "a fault names its line");
    if (decimal) {
        const auto again = wechatpay::read_decimal(wechatpay::normalized_sum(*decimal), 7, "手续费");
        fuzz::promise(again && *again == *decimal, "a sum in its normal form is the same sum");
    }
    if (const auto amount = wechatpay::read_amount(text, currency, 7, "订单金额")) {
        fuzz::promise(*amount >= 0 && *amount <= core::kMinorMax, "a bill's amount has no sign");
    }
    if (const auto count = wechatpay::read_count(text, 7, "总交易单数")) {
        fuzz::promise(*count >= 0, "a count is not below zero");
    }
}

void check_fixed_width(std::string_view text) {
    namespace unionpay = payments::unionpay;
    const auto plain = unionpay::fen(text);
    fuzz::promise(!plain || (*plain >= 0 && *plain <= core::kMinorMax), "fen have no sign");
    fuzz::promise(unionpay::directed_fen("C" + std::string(text)) == plain, "C is above zero");
    const auto debit = unionpay::directed_fen("D" + std::string(text));
    fuzz::promise(debit.has_value() == plain.has_value() && (!debit || *debit == -*plain), "D is below zero");
    const auto blank = unionpay::directed_fen(" " + std::string(text));
    fuzz::promise(!blank || *blank == 0, "only zero goes without a direction");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    constexpr std::array kCodes = {"CNY", "JPY", "KWD", "USD", "ISK", "UGX", "MGA", "IQD", "LYD", "BHD"};
    fuzz::Input input(data, size);
    const auto exponent = static_cast<int>(input.choice(kExponentMax + 1));
    const auto currency = *core::Currency::from_code(kCodes.at(input.choice(kCodes.size())));
    const auto text = input.rest();
    check_token(text, exponent);
    check_stripe(text, currency);
    check_bills(text, currency);
    check_fixed_width(text);
    if (const auto named = core::Currency::from_code(text)) {
        fuzz::promise(core::Currency::from_code(named->code()) == named, "a currency is its code");
    }
    if (const auto numbered = core::Currency::from_number(text)) {
        fuzz::promise(core::Currency::from_code(numbered->code()) == numbered, "a number stands for a code");
    }
    return 0;
}

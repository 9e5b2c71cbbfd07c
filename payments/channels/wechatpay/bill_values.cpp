#include "payments/channels/wechatpay/bill_values.h"

#include "payments/channels/wechatpay/options.h"

namespace payments::wechatpay {
namespace {

constexpr std::int64_t kPerHundredth = 1000;  // 1/100000 in 1/100

core::Refused<BillFault> fault(std::uint64_t line, std::string_view field, std::string what, std::string remedy) {
    return {BillFault{line, std::string(field), std::move(what), std::move(remedy)}};
}

std::string with_ascii_colons(std::string_view text) {
    constexpr std::string_view kFullWidthColon = "：";
    std::string result(text);
    for (auto at = result.find(kFullWidthColon); at != std::string::npos; at = result.find(kFullWidthColon, at)) {
        result.replace(at, kFullWidthColon.size(), ":");
    }
    return result;
}

constexpr const char* kAsDownloaded = "use the bill as downloaded";

}  // namespace

core::Result<std::int64_t, BillFault> read_decimal(std::string_view text, std::uint64_t line, std::string_view field) {
    const auto amount = core::minor_from_decimal(text, kBillDecimals);
    if (!amount) {
        return fault(line, field, "is no amount: " + std::string(core::describe(amount.error())), kAsDownloaded);
    }
    return *amount;
}

core::Result<std::int64_t, BillFault> read_amount(std::string_view text, core::Currency currency, std::uint64_t line,
                                                  std::string_view field) {
    const auto minor = core::minor_from_decimal(text, currency.exponent());
    if (!minor) {
        return fault(
            line, field,
            "is no amount in " + std::string(currency.code()) + ": " + std::string(core::describe(minor.error())),
            kAsDownloaded);
    }
    if (*minor < 0) {
        return fault(line, field, "is negative, but a bill's amounts have no sign", kAsDownloaded);
    }
    if (*minor > core::kMinorMax) {
        return fault(line, field, "is larger than any amount can be", kAsDownloaded);
    }
    return *minor;
}

core::Result<core::Instant, BillFault> read_time(std::string_view text, core::BusinessDay day, std::uint64_t line,
                                                 std::string_view field) {
    const auto instant = core::parse_local(with_ascii_colons(text), std::string(kZone));
    if (!instant) {
        return fault(line, field, "is no time YYYY-MM-DD hh:mm:ss", kAsDownloaded);
    }
    const core::DayCut cut{std::string(kZone), std::chrono::minutes{0}};
    if (const auto found = core::day_of(*instant, cut); found != day) {
        return fault(line, field,
                     "the row is of another day, " + core::format_day(found) + ", where " + core::format_day(day) +
                         " is asked for",
                     "give the bill of the day");
    }
    return *instant;
}

std::string normalized_sum(std::int64_t amount) {
    return amount % kPerHundredth == 0 ? core::decimal_from_minor(amount / kPerHundredth, 2)
                                       : core::decimal_from_minor(amount, kBillDecimals);
}

std::string BillSum::text() const { return total_ ? normalized_sum(*total_) : "out of range"; }

core::Result<std::int64_t, BillFault> read_count(std::string_view text, std::uint64_t line, std::string_view field) {
    const auto count = core::minor_from_decimal(text, 0);
    if (!count || *count < 0) {
        return fault(line, field, "is no number of rows", kAsDownloaded);
    }
    return *count;
}

}  // namespace payments::wechatpay

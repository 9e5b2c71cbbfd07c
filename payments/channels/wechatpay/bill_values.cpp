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

void BillClock::look_up(int hour) {
    const std::string begin = day_text_ + (hour < 10 ? " 0" : " ") + std::to_string(hour);
    const auto first = read_time(begin + ":00:00", day_, 0, "");
    const auto last = read_time(begin + ":59:59", day_, 0, "");
    hours_[static_cast<std::size_t>(hour)].is_known = true;
    if (first && last && *last - *first == std::chrono::seconds(3599)) {
        hours_[static_cast<std::size_t>(hour)].begin = *first;
    }
}

core::Result<core::Instant, BillFault> BillClock::read(std::string_view text, std::uint64_t line,
                                                       std::string_view field) {
    const auto number_at = [&](std::size_t at) {
        const auto tens = static_cast<unsigned>(text[at] - '0');
        const auto ones = static_cast<unsigned>(text[at + 1] - '0');
        return tens < 10 && ones < 10 ? static_cast<int>(tens * 10 + ones) : 99;
    };
    constexpr std::size_t kUsual = std::string_view("YYYY-MM-DD hh:mm:ss").size();
    if (text.size() == kUsual && text.starts_with(day_text_) && text[10] == ' ' && text[13] == ':' && text[16] == ':') {
        const int hour = number_at(11);
        const int minute = number_at(14);
        const int second = number_at(17);
        if (hour < 24 && minute < 60 && second < 60) {
            if (!hours_[static_cast<std::size_t>(hour)].is_known) {
                look_up(hour);
            }
            if (const auto& begin = hours_[static_cast<std::size_t>(hour)].begin) {
                return *begin + std::chrono::minutes(minute) + std::chrono::seconds(second);
            }
        }
    }
    return read_time(text, day_, line, field);
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

// Values of a bill's cells: decimal amounts, local times, control sums. No floating point anywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <array>
#include <optional>
#include <string>
#include "core/money.h"

#include "core/result.h"
#include "core/time.h"
#include "payments/channels/wechatpay/bill_text.h"

namespace payments::wechatpay {

// Bills print amounts with up to five decimals (fees), so sums are kept in 1/100000 of the major unit.
inline constexpr int kBillDecimals = 5;

// Decimal text to 1/100000; the fault names line and field.
core::Result<std::int64_t, BillFault> read_decimal(std::string_view text, std::uint64_t line, std::string_view field);

// An amount of money without a sign, in minor units, at most core::kMinorMax, exact.
core::Result<std::int64_t, BillFault> read_amount(std::string_view text, core::Currency currency, std::uint64_t line,
                                                  std::string_view field);

// "YYYY-MM-DD hh:mm:ss" in Asia/Shanghai, which must lie in `day`. Full-width colons are taken too: old bills that
// went through an input method have them.
core::Result<core::Instant, BillFault> read_time(std::string_view text, core::BusinessDay day, std::uint64_t line,
                                                 std::string_view field);

// The same of the many times of one bill: an hour in which no clock was set is looked up once.
class BillClock {
public:
    explicit BillClock(core::BusinessDay day) : day_(day), day_text_(core::format_day(day)) {}
    core::Result<core::Instant, BillFault> read(std::string_view text, std::uint64_t line, std::string_view field);

private:
    void look_up(int hour);

    core::BusinessDay day_;
    std::string day_text_;
    struct Hour {
        bool is_known = false;
        std::optional<core::Instant> begin{};  // where its seconds follow one another
    };
    std::array<Hour, 24> hours_;
};

// A sum of 1/100000 that remembers that it ran out of range instead of wrapping.
class BillSum {
public:
    void add(std::int64_t amount) { total_ = total_ ? core::checked_add(*total_, amount) : std::nullopt; }
    // Two decimals, or five where the sum needs them; "out of range" when it does not fit 64 bits.
    std::string text() const;

private:
    std::optional<std::int64_t> total_ = 0;
};

// A stated sum in the same form, so that "48", "48.0" and "48.00" are the same text.
std::string normalized_sum(std::int64_t amount);

// A stated count ("45.0" is one, too).
core::Result<std::int64_t, BillFault> read_count(std::string_view text, std::uint64_t line, std::string_view field);

}  // namespace payments::wechatpay

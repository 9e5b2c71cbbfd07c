// Times and days as callbacks, statements and people write them.
#include "core/time.h"
#include "payments/channels/unionpay/dates.h"
#include "payments/channels/wechatpay/bill_values.h"
#include "tests/fuzz/fuzz.h"

namespace {

constexpr core::BusinessDay kDay{date::year{2026} / 11 / 18};

void check_instant(core::Instant instant) {
    fuzz::promise(core::parse_rfc3339(core::format_rfc3339(instant)) == instant, "a time comes back as written");
    for (const core::DayCut& cut : {core::DayCut{"Asia/Shanghai", std::chrono::minutes(60)},
                                    core::DayCut{"America/New_York", std::chrono::minutes(0)}}) {
        const auto day = core::day_of(instant, cut);
        fuzz::promise(core::parse_day(core::format_day(core::day_before(day))) == core::day_before(day) &&
                          core::parse_day(core::format_day(core::day_after(day))) == core::day_after(day),
                      "a day and its neighbours come back as written");
        fuzz::promise(core::day_begin(day, cut) <= instant && instant < core::day_end(day, cut),
                      "a time lies within its day");
    }
}

void check_unionpay(std::string_view text) {
    namespace unionpay = payments::unionpay;
    if (const auto near = unionpay::day_near(text, kDay)) {
        fuzz::promise(std::abs(core::days_between(kDay, *near)) <= 183, "the year is the nearest one");
    }
    if (const auto instant = unionpay::instant_near(text, kDay)) {
        check_instant(*instant);
    }
    if (const auto instant = unionpay::instant_from_text(text)) {
        check_instant(*instant);
    }
    if (const auto day = unionpay::day_from_text(text)) {
        fuzz::promise(day->ok(), "a day that exists");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto text = fuzz::Input(data, size).rest();
    if (const auto instant = core::parse_rfc3339(text)) {
        check_instant(*instant);
    }
    if (const auto day = core::parse_day(text)) {
        fuzz::promise(day->ok() && core::format_day(*day) == text, "a day is written in one way");
        fuzz::promise(core::days_between(core::day_before(*day), core::day_after(*day)) == 2, "days follow each other");
    }
    for (const char* zone : {"Asia/Shanghai", "America/New_York", "UTC"}) {
        if (const auto instant = core::parse_local(text, zone)) {
            fuzz::promise(core::format_local(*instant, zone) == text, "a local time is written in one way");
            check_instant(*instant);
        }
        if (const auto instant = core::parse_local_compact(text, zone)) {
            check_instant(*instant);
        }
    }
    check_unionpay(text);
    if (const auto instant = payments::wechatpay::read_time(text, kDay, 1, "交易时间")) {
        fuzz::promise(core::day_of(*instant, {"Asia/Shanghai", std::chrono::minutes(0)}) == kDay, "a row of the day");
    }
    return 0;
}

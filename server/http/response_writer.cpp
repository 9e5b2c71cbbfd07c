#include "server/http/response_writer.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/failure.h"
#include "server/http/characters.h"

namespace server::http {
namespace {

// What decides where the response ends is written here and nowhere else.
constexpr std::array<std::string_view, 6> kOwnFields = {"Content-Length",    "Date",       "Connection",
                                                        "Transfer-Encoding", "Keep-Alive", "Trailer"};

bool is_own(std::string_view name) {
    return std::any_of(kOwnFields.begin(), kOwnFields.end(),
                       [&](std::string_view own) { return equal_ignoring_case(own, name); });
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    core::ensure(!name.empty() && std::all_of(name.begin(), name.end(), is_token), "response field names are tokens");
    core::ensure(std::none_of(value.begin(), value.end(), is_control), "response field values have no line ends");
    out.append(name).append(": ").append(value).append("\r\n");
}

bool forbids_body(int status) { return status == 204 || status == 304; }

std::string two_digits(long number) { return (number < 10 ? "0" : "") + std::to_string(number); }

}  // namespace

bool has_body(const Response& response, const Framing& framing) {
    return !framing.head_only && !forbids_body(response.status);
}

std::string write_head(const Response& response, const Framing& framing, core::Instant now) {
    core::ensure(response.status >= 200 && response.status <= 599, "a response has a final status");
    std::string out = "HTTP/1.1 " + std::to_string(response.status) + ' ';
    out.append(reason_phrase(response.status)).append("\r\n");
    bool guarded = false;
    for (const auto& [name, value] : response.headers) {
        if (is_own(name)) {
            continue;
        }
        guarded = guarded || equal_ignoring_case(name, "X-Content-Type-Options");
        append_field(out, name, value);
    }
    if (!guarded) {
        append_field(out, "X-Content-Type-Options", "nosniff");
    }
    if (!forbids_body(response.status)) {
        append_field(out, "Content-Length", std::to_string(response.body.size()));
    }
    append_field(out, "Date", http_date(now));
    append_field(out, "Connection", framing.keep_alive ? "keep-alive" : "close");
    return out + "\r\n";
}

// Written out by hand: the library's formatting goes by the locale.
std::string http_date(core::Instant instant) {
    constexpr std::array<std::string_view, 7> kWeekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = date::floor<date::days>(instant);
    const date::year_month_day ymd(day);
    const date::hh_mm_ss time(date::floor<std::chrono::seconds>(instant - day));
    std::string out(kWeekdays.at(date::weekday(day).c_encoding()));
    out.append(", ").append(two_digits(static_cast<long>(static_cast<unsigned>(ymd.day())))).append(" ");
    out.append(kMonths.at(static_cast<unsigned>(ymd.month()) - 1)).append(" ");
    out.append(std::to_string(static_cast<int>(ymd.year()))).append(" ");
    out.append(two_digits(time.hours().count())).append(":");
    out.append(two_digits(time.minutes().count())).append(":");
    return out.append(two_digits(time.seconds().count())).append(" GMT");
}

}  // namespace server::http

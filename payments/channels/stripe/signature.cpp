#include "payments/channels/stripe/signature.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"

namespace payments::stripe {
namespace {

constexpr std::size_t kHeaderBytesMax = 4096;
constexpr std::size_t kTimeDigitsMax = 19;
constexpr std::uint64_t kEndOfYear9999 = 253402300799;  // as Unix seconds

struct Header {
    std::string_view time;  // as received: it is part of what is signed
    std::vector<std::string_view> v1;
};

bool is_time(std::string_view text) {
    return !text.empty() && text.size() <= kTimeDigitsMax &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// False when the element breaks the header.
bool add_element(Header& header, std::string_view element) {
    const auto equals = element.find('=');
    if (equals == std::string_view::npos || equals == 0 || element.find('=', equals + 1) != std::string_view::npos) {
        return false;
    }
    const auto scheme = element.substr(0, equals);
    const auto value = element.substr(equals + 1);
    if (scheme == "t") {
        if (!header.time.empty() || !is_time(value)) {
            return false;
        }
        header.time = value;
    } else if (scheme == "v1") {
        header.v1.push_back(value);
    }
    return true;
}

std::optional<Header> parse(std::string_view text) {
    if (text.empty() || text.size() > kHeaderBytesMax) {
        return std::nullopt;
    }
    Header header;
    for (std::size_t at = 0; at <= text.size();) {
        const auto comma = std::min(text.find(',', at), text.size());
        if (!add_element(header, text.substr(at, comma - at))) {
            return std::nullopt;
        }
        at = comma + 1;
    }
    if (header.time.empty() || header.v1.empty()) {
        return std::nullopt;
    }
    return header;
}

std::string signature_of(std::string_view time, std::string_view body, const core::KeyBytes& secret) {
    std::string message;
    message.reserve(time.size() + 1 + body.size());
    message.append(time).append(".").append(body);
    const auto mac = core::crypto::hmac_sha256(secret.reveal(), message);
    std::string bytes(mac.size(), '\0');
    std::transform(mac.begin(), mac.end(), bytes.begin(), [](std::uint8_t byte) { return static_cast<char>(byte); });
    return core::crypto::hex_encode(bytes);
}

// Compares with every candidate whatever came before, so that time tells nothing about which one fits.
bool any_fits(const Header& header, std::string_view body, const std::vector<core::KeyBytes>& secrets) {
    bool fits = false;
    for (const auto& secret : secrets) {
        if (secret.empty()) {
            continue;  // anybody could sign with it
        }
        const auto expected = signature_of(header.time, body, secret);
        for (const auto candidate : header.v1) {
            const bool same = core::crypto::equal_in_constant_time(candidate, expected);
            fits = fits || same;
        }
    }
    return fits;
}

bool is_fresh(std::string_view time, core::Instant now) {
    std::uint64_t seconds = 0;
    const auto parsed = std::from_chars(time.data(), time.data() + time.size(), seconds);
    if (parsed.ec != std::errc{} || seconds > kEndOfYear9999) {
        return false;  // the difference below could not be held
    }
    const auto here = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
    const auto there = std::chrono::seconds(static_cast<std::int64_t>(seconds));
    return std::chrono::abs(here - there) <= kTolerance;
}

}  // namespace

core::Result<core::Done, SignatureError> verify_signature(std::string_view header, std::string_view body,
                                                          const std::vector<core::KeyBytes>& secrets,
                                                          core::Instant now) {
    const auto parsed = parse(header);
    if (!parsed) {
        return core::Refused{SignatureError::malformed};
    }
    if (!any_fits(*parsed, body, secrets)) {
        return core::Refused{SignatureError::wrong};
    }
    if (!is_fresh(parsed->time, now)) {
        return core::Refused{SignatureError::stale};
    }
    return core::Done{};
}

std::string signature_header(std::string_view body, const core::KeyBytes& secret, core::Instant signed_at) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(signed_at).time_since_epoch().count();
    const auto time = std::to_string(seconds);
    return "t=" + time + ",v1=" + signature_of(time, body, secret);
}

}  // namespace payments::stripe

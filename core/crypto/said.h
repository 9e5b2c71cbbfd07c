// What a digest is taken of: numbers and texts one after the other, so that no two sayings give the same bytes. The
// form is that of docs/seals.md: big-endian numbers of 8 bytes, texts behind their length.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/failure.h"
#include "core/time.h"

namespace core::crypto {

inline std::string number_bytes(std::int64_t number) {
    std::string bytes(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[i] = static_cast<char>(static_cast<std::uint64_t>(number) >> (56U - 8U * i));
    }
    return bytes;
}

class Said {
public:
    // "seal", "close": what is said of begins all of it, with the version of the form.
    explicit Said(std::string_view purpose, int version = 1)
        : bytes_("duizhang " + std::string(purpose) + " " + std::to_string(version) + "\n") {}

    Said& text(std::string_view text) {
        bytes_ += number_bytes(static_cast<std::int64_t>(text.size()));
        bytes_ += text;
        return *this;
    }
    Said& number(std::int64_t number) {
        bytes_ += number_bytes(number);
        return *this;
    }
    Said& time(Instant at) { return number(at.time_since_epoch().count() * 1000); }
    Said& day(BusinessDay day) { return number(days_between(BusinessDay(date::sys_days{}), day)); }
    const std::string& bytes() const { return bytes_; }
    std::string digest() const { return sha256_hex(bytes_); }

private:
    std::string bytes_;
};

// Of hex that the program or the database wrote.
inline std::string bytes_of_hex(std::string_view hex) {
    auto bytes = hex_decode(hex);
    ensure(bytes.has_value(), "a digest is written in hex");
    return *std::move(bytes);
}

}  // namespace core::crypto

// What a digest is taken of: numbers and texts one after the other, so that no two sayings give the same bytes. The
// form is that of docs/seals.md, for SQL and C++ alike.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/failure.h"
#include "core/time.h"

// The SHA-256 of the entry in the row `e` of ledger.entries.
#define DUIZHANG_SAID_TEXT(of) "int8send(octet_length(" of ")::bigint) || convert_to(" of ", 'UTF8')"
#define DUIZHANG_SAID_TIME(of) "int8send((extract(epoch from " of ") * 1000000)::bigint)"
#define DUIZHANG_LEAF \
    "sha256(convert_to('duizhang entry 1' || chr(10), 'UTF8') || " DUIZHANG_SAID_TEXT("e.tenant_id")                \
    " || int8send(e.entry_id) || " DUIZHANG_SAID_TEXT("e.event") " || " DUIZHANG_SAID_TEXT("e.source_key")          \
    " || " DUIZHANG_SAID_TEXT("e.group_key") " || " DUIZHANG_SAID_TEXT("e.description")                             \
    " || " DUIZHANG_SAID_TIME("e.occurred_at") " || int8send((e.business_date - date '1970-01-01')::bigint)"        \
    " || " DUIZHANG_SAID_TIME("e.recorded_at") " || int8send(cardinality(e.leg_amounts)::bigint)"                   \
    " || (select string_agg(" DUIZHANG_SAID_TEXT("l.account") " || " DUIZHANG_SAID_TEXT("l.currency")               \
    " || int8send(l.amount), ''::bytea order by l.leg_no)"                                                          \
    " from unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) with ordinality"                                 \
    " as l (account, currency, amount, leg_no)))"

namespace ledger {

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
    explicit Said(std::string_view purpose) : bytes_("duizhang " + std::string(purpose) + " 1\n") {}

    Said& text(std::string_view text) {
        bytes_ += number_bytes(static_cast<std::int64_t>(text.size()));
        bytes_ += text;
        return *this;
    }
    Said& number(std::int64_t number) {
        bytes_ += number_bytes(number);
        return *this;
    }
    Said& time(core::Instant at) { return number(at.time_since_epoch().count() * 1000); }
    Said& day(core::BusinessDay day) { return number(core::days_between(core::BusinessDay(date::sys_days{}), day)); }
    const std::string& bytes() const { return bytes_; }
    std::string digest() const { return core::crypto::sha256_hex(bytes_); }

private:
    std::string bytes_;
};

// Of hex that the program or the database wrote.
inline std::string bytes_of_hex(std::string_view hex) {
    auto bytes = core::crypto::hex_decode(hex);
    core::ensure(bytes.has_value(), "a digest is written in hex");
    return *std::move(bytes);
}

}  // namespace ledger

// What a record says, apart from where it stood: the order of records that doesn't depend on how they came.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "reconciliation/record.h"

namespace reconciliation::matching {

// Orders records by all they say. Where two are equal, they differ in evidence and position at most, so whichever of
// them is taken, the outcome reads the same.
std::strong_ordering compare_content(const Record& a, const Record& b);

// The order number that names the transaction itself: a refund's own, a payment's.
const std::string& order_key(const Record& record);

// The same on every machine and in every build, since the digest depends on the order it gives.
std::uint64_t stable_hash(payments::TransactionType type, std::string_view key);

// Appends "LENGTH:TEXT," so that no two lists of texts write the same bytes.
void append_text(std::string& out, std::string_view text);
void append_number(std::string& out, std::int64_t number);

// Appends all that the record says, apart from evidence and position.
void append_content(std::string& out, const Record& record);

}  // namespace reconciliation::matching

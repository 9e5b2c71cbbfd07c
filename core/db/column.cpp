#include "core/db/column.h"

#include <utility>

#include "core/db/work.h"

namespace core::db {
namespace {

constexpr date::sys_days kEpoch = date::year(2000) / 1 / 1;  // of PostgreSQL's times and days

void put(std::string& bytes, std::size_t at, std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        bytes[at++] = static_cast<char>(number >> shift);
    }
}

}  // namespace

void Column::begin_element(std::size_t size) {
    append(size, 4);
    ++count_;
}

void Column::append(std::uint64_t number, std::size_t size) {
    while (size > 0) {
        --size;
        bytes_.push_back(static_cast<char>(number >> (8 * size)));
    }
}

// Dimensions, whether there are nulls, type; for the one dimension its size and first index, unless it is empty.
Parameter Column::parameter() && {
    put(bytes_, 0, empty() ? 0 : 1);
    put(bytes_, 4, 0);
    put(bytes_, 8, element_type_);
    put(bytes_, 12, count_);
    put(bytes_, 16, 1);
    bytes_.resize(empty() ? kHeaderOfNone : bytes_.size());
    return {std::move(bytes_), true};
}

void TextColumn::add(std::string_view value) {
    require_no_nul(value);
    begin_element(value.size());
    append(value);
}

void JsonColumn::add(std::string_view json) {
    constexpr char kVersion = 1;
    begin_element(1 + json.size());
    append({&kVersion, 1});
    append(json);
}

void IntegerColumn::add(std::int64_t value) {
    begin_element(8);
    append(static_cast<std::uint64_t>(value), 8);
}

void BytesColumn::add(std::string_view value) {
    begin_element(value.size());
    append(value);
}

void NumberSetColumn::add(const std::vector<std::pair<std::int64_t, std::int64_t>>& runs) {
    constexpr std::size_t kRange = 1 + 4 + 8 + 4 + 8;  // flags, and each bound behind its size
    constexpr std::uint64_t kWithItsFirst = 2;
    begin_element(4 + runs.size() * (4 + kRange));
    append(runs.size(), 4);
    for (const auto& [first, last] : runs) {
        append(kRange, 4);
        append(kWithItsFirst, 1);
        append(8, 4);
        append(static_cast<std::uint64_t>(first), 8);
        append(8, 4);
        append(static_cast<std::uint64_t>(last) + 1, 8);
    }
}

void TimeColumn::add(Instant value) {
    const std::chrono::microseconds time = value - kEpoch;
    begin_element(8);
    append(static_cast<std::uint64_t>(time.count()), 8);
}

void DayColumn::add(BusinessDay value) {
    begin_element(4);
    append(static_cast<std::uint64_t>((date::sys_days(value) - kEpoch).count()), 4);
}

}  // namespace core::db

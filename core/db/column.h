// A column of many rows as one parameter of a Trip's statement (`unnest($1::text[], $2::bigint[])`): an array in
// PostgreSQL's binary form (its array_recv), which neither side has to quote, print or parse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/time.h"

namespace core::db {

// One parameter of a step: text, or the binary form of what the statement casts it to.
struct Parameter {
    std::string bytes;
    bool is_binary = false;
    bool is_null = false;
};

// The header stands in front from the beginning and is filled in at the end.
class Column {
public:
    bool empty() const { return count_ == 0; }
    Parameter parameter() &&;

protected:
    explicit Column(std::uint32_t element_type) : element_type_(element_type), bytes_(kHeader, '\0') {}
    void begin_element(std::size_t size);
    void append(std::string_view bytes) { bytes_.append(bytes); }
    void append(std::uint64_t number, std::size_t size);  // most significant byte first

private:
    static constexpr std::size_t kHeader = 20;
    static constexpr std::size_t kHeaderOfNone = 12;
    std::uint32_t element_type_;
    std::uint32_t count_ = 0;
    std::string bytes_;
};

// text[]
class TextColumn final : public Column {
public:
    TextColumn() : Column(25) {}
    // Throws InputError for a NUL, which PostgreSQL's text can't hold.
    void add(std::string_view value);
};

// jsonb[]
class JsonColumn final : public Column {
public:
    JsonColumn() : Column(3802) {}
    // Valid JSON; the server refuses what isn't.
    void add(std::string_view json);
};

// bigint[]
class IntegerColumn final : public Column {
public:
    IntegerColumn() : Column(20) {}
    void add(std::int64_t value);
};

// bytea[]
class BytesColumn final : public Column {
public:
    BytesColumn() : Column(17) {}
    void add(std::string_view value);
};

// int8multirange[]
class NumberSetColumn final : public Column {
public:
    NumberSetColumn() : Column(4536) {}
    // Runs of numbers, first and last, ascending and apart.
    void add(const std::vector<std::pair<std::int64_t, std::int64_t>>& runs);
};

// timestamptz[]
class TimeColumn final : public Column {
public:
    TimeColumn() : Column(1184) {}
    void add(Instant value);
};

// date[]
class DayColumn final : public Column {
public:
    DayColumn() : Column(1082) {}
    void add(BusinessDay value);
};

}  // namespace core::db

// Numbers and texts as bytes and back, for what a process leaves to another of the same program on the same machine.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/failure.h"

namespace reconciliation::engine {

class Packer {
public:
    template <typename Number>
    void number(Number value) {
        static_assert(std::is_trivially_copyable_v<Number>);
        bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
    }
    void text(std::string_view value) {
        number<std::uint64_t>(value.size());
        bytes_ += value;
    }
    template <typename Number>
    void numbers(const std::vector<Number>& values) {
        static_assert(std::has_unique_object_representations_v<Number>);
        text({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Number)});
    }
    std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

// Throws core::OutsideFailure for bytes that no Packer has written.
class Unpacker {
public:
    explicit Unpacker(std::string_view bytes) : rest_(bytes) {}

    template <typename Number>
    Number number() {
        static_assert(std::is_trivially_copyable_v<Number>);
        Number value;
        std::memcpy(&value, next(sizeof(value)).data(), sizeof(value));
        return value;
    }
    std::string_view text() { return next(number<std::uint64_t>()); }
    template <typename Number>
    std::vector<Number> numbers() {
        const std::string_view bytes = text();
        require(bytes.size() % sizeof(Number) == 0);
        std::vector<Number> values(bytes.size() / sizeof(Number));
        if (!values.empty()) {
            std::memcpy(values.data(), bytes.data(), bytes.size());
        }
        return values;
    }
    void end() const { require(rest_.empty()); }
    static void require(bool holds) {
        if (!holds) {
            throw core::OutsideFailure("what was kept of a comparison isn't what was written; remove its folder");
        }
    }

private:
    std::string_view next(std::uint64_t size) {
        require(size <= rest_.size());
        const std::string_view bytes = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return bytes;
    }

    std::string_view rest_;
};

}  // namespace reconciliation::engine

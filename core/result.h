// Result: either a value or the reason why there is none.
//
// For answers the caller deals with case by case ("declined", "unbalanced"). What the world does to us
// (database away) is an exception derived from core::Failure; what must never be is core::ensure().
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

namespace core {

// Wraps a reason so that Result<T, E> can be made from it even where T and E are alike.
template <typename E>
struct Refused {
    E reason;
};

template <typename E>
Refused(E) -> Refused<E>;

struct Done {
    bool operator==(const Done&) const = default;
};

template <typename T, typename E>
class [[nodiscard]] Result {
public:
    Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)

    template <typename R>
    requires std::is_constructible_v<E, R> Result(Refused<R> refused)  // NOLINT(google-explicit-constructor)
        : held_(std::in_place_index<1>, std::move(refused.reason)) {}

    explicit operator bool() const noexcept { return held_.index() == 0; }

    const T& operator*() const& { return std::get<0>(held_); }
    T& operator*() & { return std::get<0>(held_); }
    T&& operator*() && { return std::get<0>(std::move(held_)); }
    const T* operator->() const { return &std::get<0>(held_); }
    T* operator->() { return &std::get<0>(held_); }

    const E& error() const& { return std::get<1>(held_); }
    E&& error() && { return std::get<1>(std::move(held_)); }

private:
    std::variant<T, E> held_;
};

}  // namespace core

// Statements that go to the database together and are answered together: one round trip, however many they are.
//
//     Trip trip(transaction);
//     const auto orders = trip.add(kOrders, std::move(tenants), std::move(numbers));
//     const auto groups = trip.add(kGroups, ...);
//     trip.run();
//     for (const auto& row : trip[orders]) ...
//
// They are carried out in the order given. When the database refuses one, none after it is carried out, and run()
// throws that one's DatabaseFailure. Values go in as parameters only: std::string, integers,
// std::optional of them, columns of them.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/db/connection.h"
#include "core/db/database.h"
#include "core/db/rows.h"

namespace core::db {

class Trip {
public:
    explicit Trip(Transaction& transaction) : transaction_(transaction) {}

    // The place of its answer. Throws InputError for a text that holds a NUL.
    template <typename... Args>
    std::size_t add(const Statement& statement, Args&&... args) {
        steps_.push_back({&statement, {parameter(std::forward<Args>(args))...}});
        return steps_.size() - 1;
    }

    // Once. Throws DatabaseFailure, BrokenRule (D1).
    void run();
    const Rows& operator[](std::size_t place) const { return answers_[place]; }

private:
    static Parameter parameter(Parameter given) { return given; }
    static Parameter parameter(Column&& column) { return std::move(column).parameter(); }
    static Parameter parameter(std::string text);
    static Parameter parameter(std::integral auto number) { return {std::to_string(number)}; }
    template <typename T>
    static Parameter parameter(std::optional<T> given) {
        return given ? parameter(*std::move(given)) : Parameter{"", false, true};
    }

    Transaction& transaction_;
    std::vector<Step> steps_;
    std::vector<Rows> answers_;
};

// One statement alone.
template <typename... Args>
Rows run(Transaction& transaction, const Statement& statement, Args&&... args) {
    Trip trip(transaction);
    const auto place = trip.add(statement, std::forward<Args>(args)...);
    trip.run();
    return trip[place];
}

}  // namespace core::db

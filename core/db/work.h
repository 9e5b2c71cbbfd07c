// The one door to libpqxx for files named *_store.cpp.
//
//     const auto rows = core::db::run(transaction, kSelectOrders, tenant, day);
//
// Values go in as parameters only: std::string, integers, std::optional of them. A NUL in a string is refused
// (libpqxx 6 would cut there). Everything thrown comes out as core::db::DatabaseFailure.
#pragma once

#include <exception>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/db/connection.h"
#include "core/db/database.h"
#include "core/db/trip.h"

namespace core::db {

// The transaction to work with, after the checks of D1. Not for a TenantsTransaction, whose statements go by Trip.
pqxx::work& work(Transaction& transaction);

// Throws InputError for text that the database can't hold as it is.
void require_no_nul(std::string_view text);

// The five characters. libpqxx leaves them out of some of its exceptions (42501 for one); they are then read from the
// message, which begins with them ("ERROR:  42501: ..."). "" when they are in neither.
std::string sqlstate_of(const pqxx::sql_error& refused);

// Turns the libpqxx exception in flight into the product's (never returns).
[[noreturn]] void rethrow_as_failure();

namespace detail {
// A statement failed in it: its connection is not used again (D2). It may still be committed when the caller went
// back to a savepoint.
void spoil(Transaction& transaction) noexcept;
// The transaction's own.
Connection& connection(Transaction& transaction);
// A Trip's steps; spoils the transaction when it throws.
std::vector<Rows> run(Transaction& transaction, std::vector<Step> steps);

inline void check_parameter(const std::string& text) { require_no_nul(text); }
inline void check_parameter(const std::optional<std::string>& text) {
    if (text) {
        require_no_nul(*text);
    }
}
template <typename T>
void check_parameter(const T&) {}
}  // namespace detail

// Runs one parameterised statement ($1, $2 ...). Statements that are run often, or several at a time, go by Trip.
template <typename... Args>
pqxx::result run(Transaction& transaction, const char* sql, const Args&... args) {
    (detail::check_parameter(args), ...);
    try {
        return work(transaction).exec_params(sql, args...);
    } catch (const std::exception&) {
        detail::spoil(transaction);
        rethrow_as_failure();
    }
}

}  // namespace core::db

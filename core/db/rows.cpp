#include "core/db/rows.h"

#include <libpq-fe.h>

#include <charconv>

#include "core/failure.h"

namespace core::db {

std::string_view Rows::Row::text(int column) const {
    return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

std::int64_t Rows::Row::integer(int column) const {
    const auto digits = text(column);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    ensure(error == std::errc() && end == digits.data() + digits.size(), "the database answers with an integer");
    return number;
}

bool Rows::Row::is_null(int column) const { return PQgetisnull(result_, row_, column) == 1; }

Rows::Rows(pg_result* result) : result_(result, PQclear) {}

std::size_t Rows::size() const { return result_ ? static_cast<std::size_t>(PQntuples(result_.get())) : 0; }

std::size_t Rows::affected_rows() const {
    const std::string_view digits = result_ ? PQcmdTuples(result_.get()) : "";
    std::size_t number = 0;
    (void)std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

}  // namespace core::db

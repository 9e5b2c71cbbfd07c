// PostgreSQL array literals, for statements that take many rows at once (`unnest($1::text[], $2::bigint[])`) and go by
// libpqxx. A Trip takes columns (column.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace core::db {

// "{...}" with every text quoted; give it as one parameter and cast it.
std::string text_array(const std::vector<std::string>& values);
std::string integer_array(const std::vector<std::int64_t>& values);

}  // namespace core::db

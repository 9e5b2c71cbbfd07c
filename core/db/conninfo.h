// Connection strings of libpq, taken apart and put together again.
#pragma once

#include <string>

namespace core::db {

// The same connection with what a service needs unless the caller chose otherwise: a name that the server's own views
// show, UTF-8, and limits after which a dead network is noticed (connect, unacknowledged data, keepalives).
// Throws UsageError, without quoting the string, which may hold a password.
std::string with_connection_defaults(const std::string& connection);

}  // namespace core::db

#include "core/db/conninfo.h"

#include <libpq-fe.h>

#include <map>
#include <memory>

#include "core/db/database.h"

namespace core::db {

namespace {

using Parameters = std::map<std::string, std::string>;

Parameters parse(const std::string& connection) {
    // libpq's own message quotes parts of the string, which may be the password: it is thrown away.
    char* message = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(connection.c_str(), &message), &PQconninfoFree);
    if (message != nullptr) {
        PQfreemem(message);
    }
    if (!options || connection.find('\0') != std::string::npos) {
        throw UsageError("database.url is not a PostgreSQL connection string (postgresql://user@host/database)");
    }
    Parameters parameters;
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) {
            parameters.emplace(option->keyword, option->val);
        }
    }
    return parameters;
}

std::string quoted(const std::string& value) {
    std::string text = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') {
            text += '\\';
        }
        text += c;
    }
    return text + "'";
}

std::string join(const Parameters& parameters) {
    std::string text;
    for (const auto& [name, value] : parameters) {
        text += (text.empty() ? "" : " ") + name + "=" + quoted(value);
    }
    return text;
}

}  // namespace

std::string with_connection_defaults(const std::string& connection) {
    auto parameters = parse(connection);
    const Parameters defaults = {
        {"application_name", "duizhang"},
        {"client_encoding", "UTF8"},
        {"connect_timeout", "5"},       // seconds
        {"tcp_user_timeout", "15000"},  // milliseconds
        {"keepalives", "1"},
        {"keepalives_idle", "10"},  // seconds, as the next one
        {"keepalives_interval", "5"},
        {"keepalives_count", "3"},
    };
    parameters.insert(defaults.begin(), defaults.end());
    return join(parameters);
}

std::string service_connection_for(const std::string& owner_url) {
    auto parameters = parse(owner_url);
    std::string& options = parameters["options"];
    // Last, since the last setting of a name wins.
    options += (options.empty() ? "" : " ") + std::string("-c role=duizhang_service");
    return join(parameters);
}

}  // namespace core::db

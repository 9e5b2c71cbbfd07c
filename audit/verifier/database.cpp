#include "audit/verifier/database.h"

#include <charconv>
#include <stdexcept>

namespace verifier {

std::string Row::text(int column) const {
    return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

std::int64_t Row::number(int column) const {
    const auto digits = text(column);
    std::int64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

Snapshot::Snapshot(const std::string& connection) : connection_(PQconnectdb(connection.c_str()), PQfinish) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
        throw std::runtime_error(PQerrorMessage(connection_.get()));
    }
    run("begin transaction isolation level repeatable read read only", {});
    run("set local statement_timeout = 0", {});
    run("set local timezone = 'UTC'", {});
    run("set local datestyle = 'ISO'", {});
    run("set local search_path = pg_catalog, pg_temp", {});
}

Snapshot::ResultHandle Snapshot::run(const std::string& sql, const std::vector<std::string>& parameters) {
    std::vector<const char*> values;
    values.reserve(parameters.size());
    for (const auto& parameter : parameters) {
        values.push_back(parameter.c_str());
    }
    ResultHandle result(PQexecParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                                     values.data(), nullptr, nullptr, 0));
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        throw std::runtime_error(PQerrorMessage(connection_.get()));
    }
    return result;
}

void Snapshot::enter(const std::string& tenant) { run("select set_config('duizhang.tenant', $1, true)", {tenant}); }

void Snapshot::each(const std::string& sql, const std::vector<std::string>& parameters,
                    const std::function<void(const Row&)>& take) {
    const auto result = run(sql, parameters);
    for (int row = 0; row < PQntuples(result.get()); ++row) {
        take({result.get(), row});
    }
}

void Snapshot::stream(const std::string& sql, const std::vector<std::string>& parameters,
                      const std::function<void(const Row&)>& take) {
    run("declare stream no scroll cursor for " + sql, parameters);
    while (true) {
        const auto result = run("fetch 4000 from stream", {});
        for (int row = 0; row < PQntuples(result.get()); ++row) {
            take({result.get(), row});
        }
        if (PQntuples(result.get()) == 0) {
            break;
        }
    }
    run("close stream", {});
}

}  // namespace verifier

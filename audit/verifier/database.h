// libpq, as far as it takes: one read-only snapshot, rows as text, cursors.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace verifier {

class Row {
public:
    Row(const PGresult* result, int row) : result_(result), row_(row) {}
    bool is_null(int column) const { return PQgetisnull(result_, row_, column) == 1; }
    std::string text(int column) const;
    std::int64_t number(int column) const;  // 0 for null

private:
    const PGresult* result_;
    int row_;
};

// Everything is read as it stood at one moment. Throws std::runtime_error with PostgreSQL's reason.
class Snapshot {
public:
    explicit Snapshot(const std::string& connection);

    // Whose rows are seen from now on, for a role that row-level security binds.
    void enter(const std::string& tenant);
    void each(const std::string& sql, const std::vector<std::string>& parameters,
              const std::function<void(const Row&)>& take);
    // The same for more than memory should hold. One at a time.
    void stream(const std::string& sql, const std::vector<std::string>& parameters,
                const std::function<void(const Row&)>& take);

private:
    struct Result {
        void operator()(PGresult* result) const { PQclear(result); }
    };
    using ResultHandle = std::unique_ptr<PGresult, Result>;
    ResultHandle run(const std::string& sql, const std::vector<std::string>& parameters);

    std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

}  // namespace verifier

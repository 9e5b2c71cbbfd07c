// Connection::run: libpq's pipeline. Sending doesn't block while the server has something to say: it stops reading when
// nobody takes its answers, and both sides would wait for ever.
#include <libpq-fe.h>
#include <poll.h>

#include <cerrno>
#include <memory>
#include <optional>

#include "core/db/connection.h"
#include "core/db/database.h"

namespace core::db {
namespace {

constexpr const char* kConnectionLost = "08006";

[[noreturn]] void lost() { throw DatabaseFailure(kConnectionLost, ""); }

void require(bool went_well) {
    if (!went_well) {
        lost();
    }
}

// In pipeline mode, and not blocking, for as long as it lives.
class Pipeline {
public:
    explicit Pipeline(PGconn* connection) : connection_(connection) {
        require(PQsetnonblocking(connection, 1) == 0 && PQenterPipelineMode(connection) == 1);
    }
    ~Pipeline() {
        PQexitPipelineMode(connection_);
        PQsetnonblocking(connection_, 0);
    }
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    void prepare(const Statement& statement) {
        require(PQsendPrepare(connection_, statement.name, statement.sql, 0, nullptr) == 1);
    }

    void send(const Step& step) {
        std::vector<const char*> values;
        std::vector<int> lengths;
        std::vector<int> formats;
        for (const auto& parameter : step.parameters) {
            values.push_back(parameter.is_null ? nullptr : parameter.bytes.c_str());
            lengths.push_back(static_cast<int>(parameter.bytes.size()));
            formats.push_back(parameter.is_binary ? 1 : 0);
        }
        const auto& [name, sql] = *step.statement;
        const int count = static_cast<int>(values.size());
        require((name == nullptr ? PQsendQueryParams(connection_, sql, count, nullptr, values.data(), lengths.data(),
                                                     formats.data(), 0)
                                 : PQsendQueryPrepared(connection_, name, count, values.data(), lengths.data(),
                                                       formats.data(), 0)) == 1);
    }

    void flush() {
        require(PQpipelineSync(connection_) == 1);
        while (true) {
            const int left = PQflush(connection_);
            require(left >= 0);
            if (left == 0) {
                return;
            }
            pollfd waiting{PQsocket(connection_), POLLIN | POLLOUT, 0};
            require(::poll(&waiting, 1, -1) >= 0 || errno == EINTR);
            require((waiting.revents & POLLIN) == 0 || PQconsumeInput(connection_) == 1);
        }
    }

    // The answer to one statement.
    Rows next() {
        auto* result = PQgetResult(connection_);
        require(result != nullptr);
        Rows rows(result);
        const auto status = PQresultStatus(result);
        if (status == PGRES_FATAL_ERROR && !refused_) {
            refused_ = refusal(result);
        }
        if (PQstatus(connection_) != CONNECTION_OK) {
            end();
        }
        require(PQgetResult(connection_) == nullptr);
        return rows;
    }

    // Throws the first refusal.
    void end() {
        const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQgetResult(connection_), PQclear);
        const bool is_in_step = result != nullptr && PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC;
        if (refused_) {
            throw *refused_;
        }
        require(is_in_step);
    }

private:
    // The connection's own end comes as an error without a code, or with one of the server's about shutting down.
    static DatabaseFailure refusal(const PGresult* result) {
        const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
        const char* constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
        return {state == nullptr ? kConnectionLost : state, constraint == nullptr ? "" : constraint};
    }

    PGconn* connection_;
    std::optional<DatabaseFailure> refused_;
};

}  // namespace

bool Connection::has_rolled_back() const noexcept { return PQtransactionStatus(session_.raw()) == PQTRANS_INERROR; }

std::vector<Rows> Connection::run(const std::vector<Step>& steps) {
    Pipeline pipeline(session_.raw());
    std::vector<bool> was_prepared;
    for (const auto& step : steps) {
        const char* name = step.statement->name;
        was_prepared.push_back(name == nullptr || !prepared_.emplace(name).second);
        if (!was_prepared.back()) {
            pipeline.prepare(*step.statement);
        }
        pipeline.send(step);
    }
    pipeline.flush();
    std::vector<Rows> answers;
    for (const bool prepared : was_prepared) {
        if (!prepared) {
            pipeline.next();
        }
        answers.push_back(pipeline.next());
    }
    pipeline.end();
    return answers;
}

}  // namespace core::db

#include "core/db/database.h"

#include <exception>

#include "core/db/pool.h"
#include "core/db/work.h"

namespace core::db {

namespace {

// One round trip: what holds for this transaction alone is set, and then read back, tenant and server process.
// `materialized` makes the server carry out the first step whole before it answers the second.
constexpr const char* kEnter = R"(
    with entered as materialized (
        select set_config('duizhang.tenant', $1, true),
               set_config('TimeZone', 'UTC', true),
               set_config('statement_timeout', $2, true),
               set_config('lock_timeout', $3, true),
               set_config('idle_in_transaction_session_timeout', $4, true))
    select current_setting('duizhang.tenant', true), pg_backend_pid() from entered)";

constexpr const char* kReread = "select coalesce(current_setting('duizhang.tenant', true), ''), pg_backend_pid()";

std::string milliseconds(std::chrono::milliseconds time) { return std::to_string(time.count()) + "ms"; }

}  // namespace

Database::Database(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Database::~Database() = default;

void Database::check_reachable() {
    auto loan = impl_->pool.borrow();
    if (!loan->answers()) {
        // It may have died while it lay idle, which says nothing about the server as it is now.
        const bool was_fresh = loan.fresh();
        loan.discard();
        impl_->pool.forget_idle();
        loan = was_fresh ? Pool::Loan() : impl_->pool.borrow(Pool::Want::fresh);
        if (was_fresh || !loan->answers()) {
            throw OutsideFailure("the database doesn't answer");
        }
    }
    loan.give_back();
}

struct TenantTransaction::Impl {
    Impl(Database::Impl& database, const TenantId& tenant);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void enter(Pool::Want want);
    void require_same_ground(const pqxx::row& tenant_and_backend) const;
    void reread();
    CommitOutcome commit();

    Database::Impl& database_;
    const std::string tenant_;
    Pool::Loan loan_;
    std::unique_ptr<pqxx::work> work_;  // after loan_, so that it ends before its connection
    const int exceptions_at_start_ = std::uncaught_exceptions();
    bool spoiled_ = false;
    bool finished_ = false;
};

TenantTransaction::Impl::Impl(Database::Impl& database, const TenantId& tenant)
    : database_(database), tenant_(tenant.text()) {
    ensure(is_tenant_id(tenant_), "D1: a transaction belongs to a tenant with a valid name");
    try {
        enter(Pool::Want::any);
        return;
    } catch (const Failure&) {
        throw;
    } catch (const std::exception&) {
        const bool was_fresh = loan_.fresh();
        work_.reset();
        loan_.discard();
        if (was_fresh) {
            rethrow_as_failure();
        }
    }
    // The connection had died while it lay idle. Nothing of the caller's has run, so a new one is no silent mending.
    database_.pool.forget_idle();
    try {
        enter(Pool::Want::fresh);
    } catch (const std::exception&) {
        work_.reset();
        loan_.discard();
        rethrow_as_failure();
    }
}

TenantTransaction::Impl::~Impl() {
    if (finished_) {
        return;
    }
    // Only a connection on which nothing went wrong is used again, and the server is asked rather than believed:
    // a statement that failed behind our back has left the transaction in a state in which this throws.
    if (!spoiled_ && std::uncaught_exceptions() <= exceptions_at_start_) {
        try {
            reread();
            work_->abort();
            work_.reset();
            loan_.give_back();
            return;
        } catch (const std::exception&) {
            spoiled_ = true;
        }
    }
    work_.reset();
    loan_.discard();
}

void TenantTransaction::Impl::enter(Pool::Want want) {
    loan_ = database_.pool.borrow(want);
    work_ = std::make_unique<pqxx::work>(loan_->get());
    const auto& options = database_.options;
    // Below the statement's own limit, so that a wait for a lock is told from a slow statement.
    const auto lock_timeout = options.statement_timeout / 2;
    const auto idle_timeout =
        std::max<std::chrono::milliseconds>(options.statement_timeout * 2, std::chrono::minutes(1));
    require_same_ground(work_->exec_params1(kEnter, tenant_, milliseconds(options.statement_timeout),
                                            milliseconds(lock_timeout), milliseconds(idle_timeout)));
}

void TenantTransaction::Impl::require_same_ground(const pqxx::row& tenant_and_backend) const {
    ensure(tenant_and_backend[0].as<std::string>("") == tenant_,
           "D1: the transaction's tenant is the one it was begun for");
    ensure(tenant_and_backend[1].as<int>() == loan_->backend(), "D1: the server process is the one it was begun on");
}

void TenantTransaction::Impl::reread() { require_same_ground(work_->exec1(kReread)); }

CommitOutcome TenantTransaction::Impl::commit() {
    ensure(!finished_, "a transaction is committed at most once");
    finished_ = true;
    try {
        // The server answers COMMIT of a failed transaction with a quiet rollback, and libpqxx takes it for success.
        // This question fails instead, and finds a tenant that was changed on the way.
        reread();
    } catch (const pqxx::broken_connection&) {
        return CommitOutcome::not_done;
    } catch (const std::exception&) {
        rethrow_as_failure();
    }
    try {
        work_->commit();
    } catch (const pqxx::in_doubt_error&) {
        return CommitOutcome::unknown;
    } catch (const pqxx::broken_connection&) {
        return CommitOutcome::unknown;
    } catch (const std::exception&) {
        const auto refusal = std::current_exception();
        work_.reset();
        // A server process that refused and is still there has rolled back; one that died while it said so
        // (shut down, a disk that failed under the log) may have committed before.
        if (!loan_->answers()) {
            return CommitOutcome::unknown;
        }
        try {
            std::rethrow_exception(refusal);
        } catch (const std::exception&) {
            rethrow_as_failure();
        }
    }
    work_.reset();
    if (!spoiled_) {
        loan_.give_back();
    }
    return CommitOutcome::done;
}

TenantTransaction::TenantTransaction(Database& database, const TenantId& tenant)
    : tenant_(tenant), impl_(std::make_unique<Impl>(database.impl(), tenant)) {}

TenantTransaction::~TenantTransaction() = default;

CommitOutcome TenantTransaction::try_commit() {
    const auto outcome = impl_->commit();
    impl_->work_.reset();
    impl_->loan_.discard();  // unless it was given back
    return outcome;
}

void TenantTransaction::commit() {
    switch (try_commit()) {
        case CommitOutcome::done:
            return;
        case CommitOutcome::not_done:
            throw DatabaseFailure("08006", "");
        case CommitOutcome::unknown:
            throw DatabaseFailure("08007", "", Failure::Outcome::unknown);
    }
}

pqxx::work& work(TenantTransaction& transaction) {
    auto& impl = transaction.impl();
    ensure(!impl.finished_, "a finished transaction runs no statement");
    if (!impl.loan_->still_on_its_backend()) {
        impl.spoiled_ = true;
        throw DatabaseFailure("08006", "");
    }
    return *impl.work_;
}

void detail::spoil(TenantTransaction& transaction) noexcept { transaction.impl().spoiled_ = true; }

}  // namespace core::db

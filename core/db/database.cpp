#include "core/db/database.h"

#include <exception>
#include <set>
#include <utility>

#include "core/db/pool.h"
#include "core/db/work.h"

namespace core::db {

namespace {

// One round trip: what holds for this transaction alone is set, and then read back, tenant and server process.
// `materialized` makes the server carry out the first step whole before it answers the second.
constexpr Statement kEnter{"enter", R"(
    with entered as materialized (
        select set_config('duizhang.tenant', $1, true),
               set_config('TimeZone', 'UTC', true),
               set_config('statement_timeout', $2, true),
               set_config('lock_timeout', $3, true),
               set_config('idle_in_transaction_session_timeout', $4, true),
               set_config('plan_cache_mode', $5, true),
               set_config('enable_seqscan', $6, true),
               set_config('enable_bitmapscan', $6, true),
               set_config('enable_hashjoin', $6, true),
               set_config('enable_mergejoin', $6, true))
    select current_setting('duizhang.tenant', true), pg_backend_pid() from entered)"};

constexpr Statement kReread{"reread",
                            "select coalesce(current_setting('duizhang.tenant', true), ''), pg_backend_pid()"};

// As the setting holds them: sorted, each once, with commas between.
std::string setting_of(const std::vector<TenantId>& tenants) {
    std::set<std::string> names;
    for (const auto& tenant : tenants) {
        ensure(is_tenant_id(tenant.text()), "D1: a transaction belongs to tenants with valid names");
        names.insert(tenant.text());
    }
    ensure(!names.empty(), "D1: a transaction belongs to a tenant");
    std::string text;
    for (const auto& name : names) {
        text += (text.empty() ? "" : ",") + name;
    }
    return text;
}

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

struct Transaction::Impl {
    Impl(Database::Impl& database, std::string tenants, bool many_small_runs);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void enter(Pool::Want want);
    void require_same_ground(const pqxx::row& tenant_and_backend) const;
    void reread();
    CommitOutcome commit();

    Database::Impl& database_;
    const std::string tenants_;
    const bool many_small_runs_;
    Pool::Loan loan_;
    std::unique_ptr<pqxx::work> work_;  // after loan_, so that it ends before its connection
    const int exceptions_at_start_ = std::uncaught_exceptions();
    bool spoiled_ = false;
    bool finished_ = false;
};

Transaction::Impl::Impl(Database::Impl& database, std::string tenants, bool many_small_runs)
    : database_(database), tenants_(std::move(tenants)), many_small_runs_(many_small_runs) {
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

Transaction::Impl::~Impl() {
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

void Transaction::Impl::enter(Pool::Want want) {
    loan_ = database_.pool.borrow(want);
    work_ = std::make_unique<pqxx::work>(loan_->get());
    const auto& options = database_.options;
    // Below the statement's own limit, so that a wait for a lock is told from a slow statement.
    const auto lock_timeout = options.statement_timeout / 2;
    const auto idle_timeout =
        std::max<std::chrono::milliseconds>(options.statement_timeout * 2, std::chrono::minutes(1));
    if (many_small_runs_ && loan_->plans_are_old()) {
        work_->exec("discard plans");
    }
    loan_->prepare_once(kEnter);
    loan_->prepare_once(kReread);
    require_same_ground(work_->exec_prepared1(
        kEnter.name, tenants_, milliseconds(options.statement_timeout), milliseconds(lock_timeout),
        milliseconds(idle_timeout), many_small_runs_ ? "force_generic_plan" : "auto", many_small_runs_ ? "off" : "on"));
}

void Transaction::Impl::require_same_ground(const pqxx::row& tenant_and_backend) const {
    ensure(tenant_and_backend[0].as<std::string>("") == tenants_,
           "D1: the transaction's tenant is the one it was begun for");
    ensure(tenant_and_backend[1].as<int>() == loan_->backend(), "D1: the server process is the one it was begun on");
}

void Transaction::Impl::reread() { require_same_ground(work_->exec_prepared1(kReread.name)); }

CommitOutcome Transaction::Impl::commit() {
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

Transaction::Transaction(Database& database, const std::vector<TenantId>& tenants, Plans plans)
    : impl_(std::make_unique<Impl>(database.impl(), setting_of(tenants), plans == Plans::for_many_small_runs)) {}

Transaction::~Transaction() = default;

TenantTransaction::TenantTransaction(Database& database, const TenantId& tenant)
    : Transaction(database, {tenant}, Plans::for_each_run), tenant_(tenant) {}

CommitOutcome Transaction::try_commit() {
    const auto outcome = impl_->commit();
    impl_->work_.reset();
    impl_->loan_.discard();  // unless it was given back
    return outcome;
}

void Transaction::commit() {
    switch (try_commit()) {
        case CommitOutcome::done:
            return;
        case CommitOutcome::not_done:
            throw DatabaseFailure("08006", "");
        case CommitOutcome::unknown:
            throw DatabaseFailure("08007", "", Failure::Outcome::unknown);
    }
}

pqxx::work& work(Transaction& transaction) {
    auto& impl = transaction.impl();
    ensure(!impl.finished_, "a finished transaction runs no statement");
    if (!impl.loan_->still_on_its_backend()) {
        impl.spoiled_ = true;
        throw DatabaseFailure("08006", "");
    }
    return *impl.work_;
}

pqxx::work& detail::work_with(Transaction& transaction, const Statement& statement) {
    auto& prepared = work(transaction);
    transaction.impl().loan_->prepare_once(statement);
    return prepared;
}

void detail::spoil(Transaction& transaction) noexcept { transaction.impl().spoiled_ = true; }

}  // namespace core::db

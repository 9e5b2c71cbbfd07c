#include "core/db/database.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <set>
#include <utility>

#include "core/db/pool.h"
#include "core/db/work.h"
#include "core/instance.h"

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

// The same question where nobody can look at the answer before the commit that follows: it fails by itself. And whether
// that commit waits for the disk, which a session that was opened later than another may not.
constexpr Statement kFitToCommit{"fit_to_commit", R"(
    select 1 / case when coalesce(current_setting('duizhang.tenant', true), '') = $1 and pg_backend_pid() = $2::integer
                         and current_setting('synchronous_commit') <> 'off'
                    then 1 else 0 end)"};
constexpr const char* kDivisionByZero = "22012";
constexpr const char* kConnectionLost = "08006";

constexpr std::chrono::milliseconds kLockPatience{500};

constexpr const char* kTakeTime = R"(
    select set_config('statement_timeout', '30min', true),
           set_config('idle_in_transaction_session_timeout', '30min', true))";

constexpr Statement kBegin{nullptr, "begin"};
constexpr Statement kCommit{nullptr, "commit"};
constexpr Statement kOneMoment{nullptr, "set transaction isolation level repeatable read, read only"};
constexpr Statement kDiscardPlans{nullptr, "discard plans"};

// As the setting holds them: sorted, each once, with commas between.
std::string setting_of(const std::vector<TenantId>& tenants) {
    std::set<std::string> names;
    for (const auto& tenant : tenants) {
        ensure(is_tenant_id(tenant.text()) || tenant == kInstance,
               "D1: a transaction belongs to tenants with valid names");
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
    Impl(Database::Impl& database, std::string tenants, Plans plans);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void begin(Pool::Want want);
    Step entering() const;
    std::vector<Rows> run(std::vector<Step> steps);
    std::vector<Rows> run_first(std::vector<Step> steps);
    std::vector<Rows> run_here(const std::vector<Step>& steps);
    void require_same_ground(Rows::Row tenant_and_backend) const;
    void reread();
    CommitOutcome commit();
    CommitOutcome commit_by_trip();
    CommitOutcome commit_by_work();

    Database::Impl& database_;
    const std::string tenants_;
    const bool of_one_moment_;
    const bool many_small_runs_;  // then statements go by Trip alone, and the first trip begins it
    Pool::Loan loan_;
    std::unique_ptr<pqxx::work> work_;  // after loan_, so that it ends before its connection
    const int exceptions_at_start_ = std::uncaught_exceptions();
    bool begun_ = false;
    bool spoiled_ = false;
    bool finished_ = false;
};

Transaction::Impl::Impl(Database::Impl& database, std::string tenants, Plans plans)
    : database_(database),
      tenants_(std::move(tenants)),
      of_one_moment_(plans == Plans::of_one_moment),
      many_small_runs_(plans == Plans::for_many_small_runs) {
    if (many_small_runs_) {
        loan_ = database_.pool.borrow(Pool::Want::any);
        return;
    }
    try {
        begin(Pool::Want::any);
        return;
    } catch (const OutsideFailure&) {
        const bool was_fresh = loan_.fresh();
        work_.reset();
        loan_.discard();
        if (was_fresh) {
            throw;
        }
    }
    // The connection had died while it lay idle. Nothing of the caller's has run, so a new one is no silent mending.
    database_.pool.forget_idle();
    try {
        begin(Pool::Want::fresh);
    } catch (const std::exception&) {
        work_.reset();
        loan_.discard();
        throw;
    }
}

Transaction::Impl::~Impl() {
    if (finished_) {
        return;
    }
    if (!begun_) {
        loan_.give_back();
        return;
    }
    // Only a connection on which nothing went wrong is used again, and the server is asked rather than believed:
    // a statement that failed behind our back has left the transaction in a state in which this throws.
    if (work_ && !spoiled_ && std::uncaught_exceptions() <= exceptions_at_start_) {
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

void Transaction::Impl::begin(Pool::Want want) {
    loan_ = database_.pool.borrow(want);
    begun_ = true;
    try {
        work_ = std::make_unique<pqxx::work>(loan_->get());
    } catch (const std::exception&) {
        rethrow_as_failure();
    }
    std::vector<Step> steps;
    if (of_one_moment_) {
        steps.push_back({&kOneMoment, {}});
    }
    if (loan_->plans_are_old()) {
        steps.push_back({&kDiscardPlans, {}});
    }
    steps.push_back(entering());
    require_same_ground(run_here(steps).back()[0]);
}

Step Transaction::Impl::entering() const {
    const auto& options = database_.options;
    // Below the statement's own limit, so that a wait for a lock is told from a slow statement. Who works for many
    // tenants at once lets none of them wait long for one.
    const auto lock_timeout =
        many_small_runs_ ? std::min(kLockPatience, options.statement_timeout / 2) : options.statement_timeout / 2;
    const auto idle_timeout =
        std::max<std::chrono::milliseconds>(options.statement_timeout * 2, std::chrono::minutes(1));
    return {&kEnter,
            {{tenants_},
             {milliseconds(options.statement_timeout)},
             {milliseconds(lock_timeout)},
             {milliseconds(idle_timeout)},
             {many_small_runs_ ? "force_generic_plan" : "auto"},
             {many_small_runs_ ? "off" : "on"}}};
}

std::vector<Rows> Transaction::Impl::run(std::vector<Step> steps) {
    ensure(!finished_, "a finished transaction runs no statement");
    return begun_ ? run_here(steps) : run_first(std::move(steps));
}

// Before the caller's own steps the transaction is begun and entered, all in one trip.
std::vector<Rows> Transaction::Impl::run_first(std::vector<Step> steps) {
    std::vector<Step> all{{&kBegin, {}}};
    if (loan_->plans_are_old()) {
        all.push_back({&kDiscardPlans, {}});
    }
    all.push_back(entering());
    const auto own = all.size();
    std::move(steps.begin(), steps.end(), std::back_inserter(all));
    begun_ = true;
    std::vector<Rows> answers;
    try {
        answers = run_here(all);
    } catch (const DatabaseFailure& failure) {
        if (loan_.fresh() || loan_->still_on_its_backend()) {
            throw;
        }
        // It had died while it lay idle, and what it was told of this trip with it.
        loan_.discard();
        database_.pool.forget_idle();
        spoiled_ = false;
        loan_ = database_.pool.borrow(Pool::Want::fresh);
        answers = run_here(all);
    }
    require_same_ground(answers[own - 1][0]);
    answers.erase(answers.begin(), answers.begin() + static_cast<std::ptrdiff_t>(own));
    return answers;
}

std::vector<Rows> Transaction::Impl::run_here(const std::vector<Step>& steps) {
    try {
        if (!loan_->still_on_its_backend()) {
            throw DatabaseFailure(kConnectionLost, "");
        }
        return loan_->run(steps);
    } catch (const std::exception&) {
        spoiled_ = true;
        throw;
    }
}

void Transaction::Impl::require_same_ground(Rows::Row tenant_and_backend) const {
    ensure(tenant_and_backend.text(0) == tenants_, "D1: the transaction's tenant is the one it was begun for");
    ensure(tenant_and_backend.integer(1) == loan_->backend(), "D1: the server process is the one it was begun on");
}

void Transaction::Impl::reread() { require_same_ground(run_here({{&kReread, {}}}).front()[0]); }

CommitOutcome Transaction::Impl::commit() {
    ensure(!finished_, "a transaction is committed at most once");
    finished_ = true;
    if (!begun_) {
        loan_.give_back();
        return CommitOutcome::done;
    }
    const auto outcome = many_small_runs_ ? commit_by_trip() : commit_by_work();
    work_.reset();
    if (outcome == CommitOutcome::done && !spoiled_) {
        loan_.give_back();
    }
    return outcome;
}

// The server answers COMMIT of a failed transaction with a quiet rollback. The question before it fails instead, and
// COMMIT is then not carried out.
CommitOutcome Transaction::Impl::commit_by_trip() {
    try {
        run_here({{&kFitToCommit, {{tenants_}, {std::to_string(loan_->backend())}}}, {&kCommit, {}}});
        return CommitOutcome::done;
    } catch (const DatabaseFailure& failure) {
        ensure(failure.sqlstate() != kDivisionByZero,
               "D1: tenant and server process are those it was begun with, and commits wait for the disk");
        // A server process that refused and is still there has rolled back; one that died may have committed before.
        if (loan_->has_rolled_back() || loan_->answers()) {
            throw;
        }
        return CommitOutcome::unknown;
    }
}

CommitOutcome Transaction::Impl::commit_by_work() {
    try {
        reread();
    } catch (const DatabaseFailure&) {
        if (!loan_->still_on_its_backend()) {
            return CommitOutcome::not_done;
        }
        throw;
    }
    try {
        work_->commit();
        return CommitOutcome::done;
    } catch (const pqxx::in_doubt_error&) {
        return CommitOutcome::unknown;
    } catch (const std::exception&) {
        const auto refusal = std::current_exception();
        work_.reset();
        // As above.
        if (!loan_->answers()) {
            return CommitOutcome::unknown;
        }
        try {
            std::rethrow_exception(refusal);
        } catch (const std::exception&) {
            rethrow_as_failure();
        }
    }
}

Transaction::Transaction(Database& database, const std::vector<TenantId>& tenants, Plans plans)
    : impl_(std::make_unique<Impl>(database.impl(), setting_of(tenants), plans)) {}

Transaction::~Transaction() = default;

TenantTransaction::TenantTransaction(Database& database, const TenantId& tenant, Sees sees)
    : Transaction(database, {tenant}, sees == Sees::one_moment ? Plans::of_one_moment : Plans::for_each_run),
      tenant_(tenant) {}

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
    ensure(impl.work_ != nullptr, "a transaction of several tenants runs trips");
    if (!impl.loan_->still_on_its_backend()) {
        impl.spoiled_ = true;
        throw DatabaseFailure(kConnectionLost, "");
    }
    return *impl.work_;
}

std::vector<Rows> detail::run(Transaction& transaction, std::vector<Step> steps) {
    return transaction.impl().run(std::move(steps));
}

Connection& detail::connection(Transaction& transaction) { return *transaction.impl().loan_; }

void detail::spoil(Transaction& transaction) noexcept { transaction.impl().spoiled_ = true; }

void take_time(Transaction& transaction) { run(transaction, kTakeTime); }

}  // namespace core::db

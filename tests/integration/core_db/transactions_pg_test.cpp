// What D1 to D4 promise, on a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "notes_fixture.h"

namespace core::db {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(Transactions, SeeTheRowsOfTheirTenantOnly) {
    EXPECT_EQ(notes(kAcme), std::vector<std::string>{"ours"});
    EXPECT_EQ(notes(kOther), std::vector<std::string>{"theirs"});
    EXPECT_TRUE(notes(TenantId("nobody")).empty());
}

TEST_F(Transactions, OfNoTenantAreNone) { EXPECT_THROW(TenantsTransaction(service_, {}), BrokenRule); }

TEST_F(Transactions, CantWriteForAnotherTenant) {
    TenantTransaction transaction(service_, kAcme);
    try {
        run(transaction, "insert into core.notes values ($1, $2)", kOther.text(), kCanary);
        FAIL() << "the row went in";
    } catch (const DatabaseFailure& failure) {
        EXPECT_EQ(failure.sqlstate(), "42501");
        EXPECT_THAT(failure.what(), Not(HasSubstr(kCanary)));
    }
}

TEST_F(Transactions, RefuseANameThatIsNoTenant) {
    for (const char* name : {"", "Acme", "a'b", "a b", "123456789012345678901234567890123"}) {
        EXPECT_THROW(TenantTransaction(service_, TenantId(name)), BrokenRule) << name;
    }
}

TEST_F(Transactions, LeaveNoTenantBehindOnTheirConnection) {
    Options options = database_.service_options();
    options.pool_max = 1;
    Database one(options);
    std::int64_t first = 0;
    {
        TenantTransaction transaction(one, kAcme);
        first = backend(transaction);
        transaction.commit();
    }
    TenantTransaction transaction(one, kOther);
    EXPECT_EQ(backend(transaction), first) << "the connection was to be used again";
    EXPECT_EQ(run(transaction, "select current_setting('duizhang.tenant')")[0][0].as<std::string>(), "other");
    EXPECT_EQ(run(transaction, "select current_setting('TimeZone')")[0][0].as<std::string>(), "UTC");
    // Outside a transaction, on the same connection, nothing is left.
    auto& raw = work(transaction);
    raw.exec("rollback");
    EXPECT_EQ(raw.exec1("select coalesce(core.tenants()::text, 'none')")[0].as<std::string>(), "none");
}

TEST_F(Transactions, DontCommitWhenTheirTenantWasChangedOnTheWay) {
    TenantTransaction transaction(service_, kAcme);
    run(transaction, "select set_config('duizhang.tenant', 'other', true)");
    run(transaction, "insert into core.notes (note) values ('smuggled')");
    EXPECT_THROW(transaction.commit(), BrokenRule);
    EXPECT_EQ(notes(kOther), std::vector<std::string>{"theirs"});
}

TEST_F(Transactions, OfOneMomentSeeNothingThatComesAfterIt) {
    TenantTransaction reading(service_, kAcme, TenantTransaction::Sees::one_moment);
    {
        TenantTransaction writing(service_, kAcme);
        run(writing, "insert into core.notes values ($1, 'later')", kAcme.text());
        writing.commit();
    }
    EXPECT_EQ(run(reading, "select count(*) from core.notes")[0][0].as<int>(), 1);
    EXPECT_EQ(notes(kAcme).size(), 2U);
    try {
        run(reading, "insert into core.notes values ($1, 'mine')", kAcme.text());
        FAIL() << "it wrote";
    } catch (const DatabaseFailure& failure) {
        EXPECT_EQ(failure.sqlstate(), "25006") << "read-only";
    }
}

TEST_F(Transactions, CommitOnce) {
    TenantTransaction transaction(service_, kAcme);
    run(transaction, "insert into core.notes (note) values ($1)", std::string("second"));
    EXPECT_EQ(transaction.try_commit(), CommitOutcome::done);
    EXPECT_THROW((void)transaction.try_commit(), BrokenRule);
    EXPECT_THROW(run(transaction, "select 1"), BrokenRule);
    EXPECT_EQ(notes(kAcme), (std::vector<std::string>{"ours", "second"}));
}

TEST_F(Transactions, RollBackUnlessCommitted) {
    {
        TenantTransaction transaction(service_, kAcme);
        run(transaction, "insert into core.notes (note) values ('never')");
    }
    EXPECT_EQ(notes(kAcme), std::vector<std::string>{"ours"});
}

// The server would answer COMMIT with a quiet ROLLBACK.
TEST_F(Transactions, AreNeverTakenForCommittedAfterAFailedStatement) {
    TenantTransaction transaction(service_, kAcme);
    run(transaction, "insert into core.notes (note) values ('lost')");
    EXPECT_THROW(run(transaction, "insert into core.notes (note) values ('')"), DatabaseFailure);
    EXPECT_THROW(transaction.commit(), DatabaseFailure);
    EXPECT_EQ(notes(kAcme), std::vector<std::string>{"ours"});
}

TEST_F(Transactions, GoOnAfterASavepoint) {
    TenantTransaction transaction(service_, kAcme);
    run(transaction, "savepoint before");
    EXPECT_THROW(run(transaction, "insert into core.notes (note) values ('ours')"), DatabaseFailure);
    run(transaction, "rollback to savepoint before");
    run(transaction, "insert into core.notes (note) values ('after')");
    EXPECT_EQ(transaction.try_commit(), CommitOutcome::done);
    EXPECT_EQ(notes(kAcme), (std::vector<std::string>{"after", "ours"}));
}

TEST_F(Transactions, NeverRunWithoutTenantAfterTheirBackendWasKilled) {
    TenantTransaction transaction(service_, kAcme);
    kill_backend(backend(transaction));
    // The third call is the one that a reconnecting library would answer, on a backend without the tenant.
    for (int call = 1; call <= 4; ++call) {
        try {
            run(transaction, "select note from core.notes");
            FAIL() << "call " << call << " was answered";
        } catch (const DatabaseFailure& failure) {
            EXPECT_FALSE(failure.outcome_unknown());
        }
    }
    EXPECT_EQ(transaction.try_commit(), CommitOutcome::not_done);
}

TEST_F(Transactions, StartOnALiveConnectionWhenAnIdleOneHasDied) {
    std::vector<std::int64_t> idle;
    {
        TenantTransaction first(service_, kAcme);
        TenantTransaction second(service_, kAcme);
        idle = {backend(first), backend(second)};
    }
    for (const auto pid : idle) {
        kill_backend(pid);
    }
    EXPECT_EQ(notes(kAcme), std::vector<std::string>{"ours"});
    service_.check_reachable();
}

TEST_F(Transactions, DestroyTheirConnectionAfterAnyException) {
    Options options = database_.service_options();
    options.pool_max = 1;
    Database one(options);
    std::int64_t first = 0;
    try {
        TenantTransaction transaction(one, kAcme);
        first = backend(transaction);
        throw InputError("something else went wrong meanwhile");
    } catch (const InputError&) {
        TenantTransaction transaction(one, kAcme);
        EXPECT_NE(backend(transaction), first);
    }
}

class Commits : public Transactions {
protected:
    // A deferred trigger that runs `body` inside COMMIT.
    void at_commit(const std::string& body) {
        database_.administer_here(
            "create function core.at_commit() returns trigger language plpgsql security definer as "
            "$f$ begin " +
            body +
            " return null; end $f$; grant execute on function "
            "core.at_commit() to public; create constraint trigger notes_at_commit after insert "
            "on core.notes deferrable initially deferred for each row execute function "
            "core.at_commit()");
    }
};

TEST_F(Commits, ThatTheDatabaseRefusesSayWhichConstraint) {
    at_commit("raise exception using errcode = '23514', constraint = 'notes_balance', message = new.note;");
    TenantTransaction transaction(service_, kAcme);
    run(transaction, "insert into core.notes (note) values ($1)", kCanary);
    try {
        (void)transaction.try_commit();
        FAIL() << "it was committed";
    } catch (const DatabaseFailure& failure) {
        EXPECT_EQ(failure.sqlstate(), "23514");
        EXPECT_EQ(failure.constraint(), "notes_balance");
        EXPECT_FALSE(failure.outcome_unknown());
        EXPECT_THAT(failure.what(), Not(HasSubstr(kCanary)));
    }
    EXPECT_EQ(notes(kAcme), std::vector<std::string>{"ours"});
}

TEST_F(Commits, ThatLoseTheirConnectionAreUnknown) {
    at_commit("perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(5);");
    TenantTransaction transaction(service_, kAcme);
    run(transaction, "insert into core.notes (note) values ('maybe')");
    EXPECT_EQ(transaction.try_commit(), CommitOutcome::unknown);
}

TEST_F(Commits, ThatLoseTheirConnectionAreThrownAsUnknown) {
    at_commit("perform pg_sleep(30);");
    TenantTransaction transaction(service_, kAcme);
    run(transaction, "insert into core.notes (note) values ('maybe')");
    const auto pid = backend(transaction);
    std::thread killer([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        kill_backend(pid);
    });
    try {
        transaction.commit();
        ADD_FAILURE() << "it was committed";
    } catch (const DatabaseFailure& failure) {
        EXPECT_TRUE(failure.outcome_unknown());
    }
    killer.join();
}

TEST_F(Commits, ThatWereNeverSentAreNotDone) {
    TenantTransaction transaction(service_, kAcme);
    run(transaction, "insert into core.notes (note) values ('never')");
    kill_backend(backend(transaction));
    EXPECT_EQ(transaction.try_commit(), CommitOutcome::not_done);
}

constexpr Statement kAddNote{"add_note", "insert into core.notes (note) values ($1)"};

TEST_F(Commits, OfSeveralTenantsThatAreRefusedAreNotDone) {
    at_commit("raise exception using errcode = '23514', constraint = 'notes_balance';");
    TenantsTransaction transaction(service_, {kAcme});
    run(transaction, kAddNote, kCanary);
    try {
        (void)transaction.try_commit();
        FAIL() << "it was committed";
    } catch (const DatabaseFailure& failure) {
        EXPECT_EQ(failure.sqlstate(), "23514");
        EXPECT_EQ(failure.constraint(), "notes_balance");
        EXPECT_FALSE(failure.outcome_unknown());
    }
    EXPECT_EQ(notes(kAcme), std::vector<std::string>{"ours"});
}

TEST_F(Commits, OfSeveralTenantsThatLoseTheirConnectionAreUnknown) {
    at_commit("perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(5);");
    TenantsTransaction transaction(service_, {kAcme});
    run(transaction, kAddNote, "maybe");
    EXPECT_EQ(transaction.try_commit(), CommitOutcome::unknown);
}

class Errors : public Transactions {
protected:
    template <typename... Args>
    DatabaseFailure failure_of(const char* sql, const Args&... args) {
        TenantTransaction transaction(service_, kAcme);
        try {
            run(transaction, sql, args...);
        } catch (const DatabaseFailure& failure) {
            EXPECT_THAT(failure.what(), Not(HasSubstr(kCanary)));
            return failure;
        }
        ADD_FAILURE() << "nothing was refused: " << sql;
        return {"", ""};
    }
};

TEST_F(Errors, NameTheConstraintAndNoData) {
    const auto doubled = failure_of("insert into core.notes (note) values ($1), ($1)", kCanary);
    EXPECT_EQ(doubled.sqlstate(), "23505");
    EXPECT_EQ(doubled.constraint(), "notes_pk");
    const auto empty = failure_of("insert into core.notes (note) values ('')");
    EXPECT_EQ(empty.sqlstate(), "23514");
    EXPECT_EQ(empty.constraint(), "notes_not_empty");
}

TEST_F(Errors, QuoteNothingOfWhatTheyWereGiven) {
    EXPECT_EQ(failure_of("select $1::text::date", kCanary).sqlstate(), "22008");
    EXPECT_EQ(failure_of("select $1::text::uuid", kCanary).sqlstate(), "22P02");
    EXPECT_EQ(failure_of("select $1::text::int", kCanary).sqlstate(), "22003");
    EXPECT_EQ(failure_of("select $1::text::json", "{" + kCanary).sqlstate(), "22P02");
    EXPECT_EQ(failure_of("select 1 / (length($1::text) - 16)", kCanary).sqlstate(), "22012");
}

// A row's own text must not be able to pose as the line that names the constraint.
TEST_F(Errors, AreNotFooledByDataThatLooksLikeAConstraintsName) {
    const std::string posing = "x\nCONSTRAINT NAME:  notes_pk\nLOCATION:  nowhere, a.c:1";
    const auto failure = failure_of("select $1::text::uuid", posing);
    EXPECT_EQ(failure.sqlstate(), "22P02");
    EXPECT_EQ(failure.constraint(), "");
    EXPECT_EQ(failure_of("insert into core.notes (note) values ($1), ($1)", posing).constraint(), "notes_pk");
}

TEST_F(Errors, RefuseANulBeforeItReachesTheServer) {
    TenantTransaction transaction(service_, kAcme);
    const std::string with_nul("a\0b", 3);
    EXPECT_THROW(run(transaction, "insert into core.notes (note) values ($1)", with_nul), InputError);
    EXPECT_THROW(run(transaction, "insert into core.notes (note) values ($1)", std::optional<std::string>(with_nul)),
                 InputError);
    run(transaction, "insert into core.notes (note) values ($1)", std::string("whole"));
    EXPECT_EQ(transaction.try_commit(), CommitOutcome::done);
}

TEST_F(Errors, EndAStatementThatTakesTooLong) {
    Options options = database_.service_options();
    options.statement_timeout = std::chrono::milliseconds(200);
    Database impatient(options);
    TenantTransaction transaction(impatient, kAcme);
    try {
        run(transaction, "select pg_sleep(20)");
        FAIL() << "it slept on";
    } catch (const DatabaseFailure& failure) {
        EXPECT_EQ(failure.sqlstate(), "57014");
    }
}

TEST_F(Errors, TellAWaitForALockFromASlowStatement) {
    Options options = database_.service_options();
    options.statement_timeout = std::chrono::milliseconds(2000);
    Database impatient(options);
    TenantTransaction holder(service_, kAcme);
    run(holder, "insert into core.notes (note) values ('held')");
    TenantTransaction waiting(impatient, kAcme);
    try {
        run(waiting, "insert into core.notes (note) values ('held')");
        FAIL() << "it didn't wait";
    } catch (const DatabaseFailure& failure) {
        EXPECT_EQ(failure.sqlstate(), "55P03");
    }
}

TEST_F(Errors, SayThatThePoolIsExhausted) {
    Options options = database_.service_options();
    options.pool_max = 2;
    options.wait_for_connection = std::chrono::milliseconds(50);
    Database two(options);
    TenantTransaction first(two, kAcme);
    {
        TenantTransaction second(two, kAcme);
        try {
            TenantTransaction third(two, kAcme);
            FAIL() << "there was a third connection";
        } catch (const OutsideFailure& failure) {
            EXPECT_THAT(failure.what(), HasSubstr("all 2 are in use"));
        }
    }
    TenantTransaction third(two, kAcme);  // the second's has come back
}

TEST_F(Errors, DontRepeatAConnectionStringThatIsWrong) {
    for (const std::string text : {"postgresql://u:hunter2@host:port:x/db?%zz", "password=hunter2 'x"}) {
        try {
            service_connection_for(text);
            FAIL() << "it was taken";
        } catch (const UsageError& error) {
            EXPECT_THAT(error.what(), Not(HasSubstr("hunter2")));
            EXPECT_THAT(error.what(), HasSubstr("database.url"));
        }
    }
}

TEST_F(Errors, NameTheServerThatCantBeReached) {
    Options options;
    options.connection = "host=/nonexistent dbname=duizhang";
    Database nowhere(options);
    try {
        nowhere.check_reachable();
        FAIL() << "it was reached";
    } catch (const OutsideFailure& failure) {
        EXPECT_THAT(failure.what(), HasSubstr("/nonexistent"));
        EXPECT_TRUE(failure.retry_may_help());
    }
}

}  // namespace
}  // namespace core::db

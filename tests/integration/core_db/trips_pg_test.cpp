// Trips: statements that travel together, and the transactions of several tenants that consist of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "core/failure.h"
#include "notes_fixture.h"

namespace core::db {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Statement kNotes{"notes", "select string_agg(note, ',' order by note) from core.notes"};
constexpr Statement kAdd{"add_notes", "insert into core.notes select * from unnest($1::text[], $2::text[])"};
constexpr Statement kBackend{"backend", "select pg_backend_pid()"};
constexpr Statement kLarge{"large",
                           "select repeat('x', 1000) from generate_series(1, $1::integer), cast($2 as text) t"};
constexpr Statement kGiveUpTenant{"give_up_tenant", "select set_config('duizhang.tenant', 'other', true)"};
constexpr Statement kHurry{"hurry", "select set_config('synchronous_commit', 'off', true)"};

class Trips : public Transactions {
protected:
    std::string all_notes() {
        return database_.administer_here("select string_agg(note, ',' order by note) from core.notes")[0][0]
            .as<std::string>();
    }
    std::int64_t backend_of(Transaction& transaction) { return run(transaction, kBackend)[0].integer(0); }

    void expect_not_committed_after(const Statement& last) {
        TenantsTransaction transaction(service_, {kAcme});
        Trip trip(transaction);
        trip.add(kAdd, "{acme}", "{one}");
        trip.add(last);
        trip.run();
        EXPECT_THROW((void)transaction.try_commit(), BrokenRule);
        EXPECT_EQ(all_notes(), "ours,theirs");
    }
};

TEST_F(Trips, OfSeveralTenantsSeeTheirRowsOnly) {
    database_.administer_here("insert into core.notes values ('third', 'nobody else')");
    TenantsTransaction transaction(service_, {kOther, kAcme, kOther});
    EXPECT_EQ(run(transaction, kNotes)[0].text(0), "ours,theirs");
    run(transaction, kAdd, "{acme,other}", "{one,two}");
    EXPECT_EQ(run(transaction, kNotes)[0].text(0), "one,ours,theirs,two");
    EXPECT_THROW(run(transaction, kAdd, "{third}", "{three}"), DatabaseFailure);
}

TEST_F(Trips, AnswerEachStatementInItsPlace) {
    TenantTransaction transaction(service_, kAcme);
    Trip trip(transaction);
    const auto before = trip.add(kNotes);
    const auto added = trip.add(kAdd, "{acme}", "{two}");
    const auto after = trip.add(kNotes);
    trip.run();
    EXPECT_EQ(trip[before][0].text(0), "ours");
    EXPECT_EQ(trip[added].size(), 0U);
    EXPECT_EQ(trip[after][0].text(0), "ours,two");
    transaction.commit();
    EXPECT_EQ(all_notes(), "ours,theirs,two");
}

TEST_F(Trips, StopAtTheFirstThatIsRefused) {
    TenantsTransaction transaction(service_, {kAcme});
    Trip trip(transaction);
    trip.add(kAdd, "{acme}", "{one}");
    trip.add(kAdd, "{acme}", "{ours}");
    trip.add(kAdd, "{acme}", "{" + kCanary + "," + kCanary + "}");
    try {
        trip.run();
        FAIL() << "it went well";
    } catch (const DatabaseFailure& failure) {
        EXPECT_EQ(failure.sqlstate(), "23505");
        EXPECT_EQ(failure.constraint(), "notes_pk");
        EXPECT_FALSE(failure.outcome_unknown());
        EXPECT_THAT(failure.what(), Not(HasSubstr("ours")));
    }
    EXPECT_THROW((void)transaction.try_commit(), DatabaseFailure) << "and nothing of it can be committed";
    EXPECT_EQ(all_notes(), "ours,theirs");
}

TEST_F(Trips, AreNotKeptUnlessCommitted) {
    { run(*std::make_unique<TenantsTransaction>(service_, std::vector{kAcme}), kAdd, "{acme}", "{one}"); }
    EXPECT_EQ(all_notes(), "ours,theirs");
}

TEST_F(Trips, TakeLargeThingsBothWays) {
    constexpr std::int64_t kRows = 4000;
    TenantsTransaction transaction(service_, {kAcme});
    Trip trip(transaction);
    const std::string large(std::size_t{4} << 20U, 'y');
    const auto first = trip.add(kLarge, kRows, large);
    const auto second = trip.add(kLarge, kRows, large);
    trip.run();
    EXPECT_EQ(trip[first].size(), static_cast<std::size_t>(kRows));
    EXPECT_EQ(trip[second].size(), static_cast<std::size_t>(kRows));
    EXPECT_EQ(trip[second][kRows - 1].text(0), std::string(1000, 'x'));
}

TEST_F(Trips, RefuseATextThatTheDatabaseWouldCutOff) {
    TenantsTransaction transaction(service_, {kAcme});
    Trip trip(transaction);
    EXPECT_THROW(trip.add(kAdd, "{acme}", std::string("{a\0b}", 5)), InputError);
}

TEST_F(Trips, SayWhatIsNoInteger) {
    TenantTransaction transaction(service_, kAcme);
    const auto rows = run(transaction, kNotes);
    EXPECT_THROW((void)rows[0].integer(0), BrokenRule);
}

TEST_F(Trips, ThatLeaveTheirTenantAreNotCommitted) { expect_not_committed_after(kGiveUpTenant); }

// The look at the server may have met another session, opened before the setting was changed for new ones.
TEST_F(Trips, AreNotCommittedWhereACommitDoesNotWaitForTheDisk) { expect_not_committed_after(kHurry); }

TEST_F(Trips, BeginOnANewConnectionWhenTheOldOneDiedIdle) {
    std::int64_t first = 0;
    {
        TenantsTransaction transaction(service_, {kAcme});
        first = backend_of(transaction);
        transaction.commit();
    }
    kill_backend(first);
    TenantsTransaction transaction(service_, {kAcme});
    run(transaction, kAdd, "{acme}", "{one}");
    transaction.commit();
    EXPECT_EQ(all_notes(), "one,ours,theirs");
}

TEST_F(Trips, DontGoOnElsewhereWhenTheConnectionDiesBetweenThem) {
    TenantsTransaction transaction(service_, {kAcme});
    run(transaction, kAdd, "{acme}", "{one}");
    kill_backend(backend_of(transaction));
    EXPECT_THROW(run(transaction, kAdd, "{acme}", "{two}"), DatabaseFailure);
    EXPECT_THROW(run(transaction, kAdd, "{acme}", "{three}"), DatabaseFailure);
    EXPECT_EQ(all_notes(), "ours,theirs");
}

TEST_F(Trips, WhoseCommitLosesItsConnectionAreUnknown) {
    TenantsTransaction transaction(service_, {kAcme});
    run(transaction, kAdd, "{acme}", "{one}");
    kill_backend(backend_of(transaction));
    EXPECT_EQ(transaction.try_commit(), CommitOutcome::unknown);
}

TEST_F(Trips, CommitTwiceIsABrokenRule) {
    TenantsTransaction transaction(service_, {kAcme});
    run(transaction, kAdd, "{acme}", "{one}");
    transaction.commit();
    EXPECT_THROW((void)transaction.try_commit(), BrokenRule);
    EXPECT_THROW(run(transaction, kNotes), BrokenRule);
}

}  // namespace
}  // namespace core::db

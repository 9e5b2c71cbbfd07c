// Rows that are copied out: every value as the server has it, and a transaction that goes on afterwards.
#include "core/db/copy.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/failure.h"
#include "notes_fixture.h"

namespace core::db {
namespace {

class Copies : public Transactions {};

TEST_F(Copies, GiveEachTypeAndNull) {
    TenantTransaction transaction(service_, kAcme);
    constexpr const char* kValues = R"(copy (
        values (1::smallint, (-2)::integer, 9223372036854775807::bigint, true, 'ä|" 5', ''),
               ((-1)::smallint, 2, (-9223372036854775808)::bigint, false, null, current_setting('duizhang.copy_1'))
        ) to stdout (format binary))";
    int rows = 0;
    copy_out(transaction, kValues, {"o'ne"}, [&](const CopiedRow& row) {
        const bool first = rows++ == 0;
        EXPECT_EQ(row.integer(0), first ? 1 : -1);
        EXPECT_EQ(row.integer(1), first ? -2 : 2);
        EXPECT_EQ(row.integer(2),
                  first ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min());
        EXPECT_EQ(row.boolean(3), first);
        EXPECT_EQ(row.is_null(4), !first);
        EXPECT_EQ(row.text(4), first ? "ä|\" 5" : "");
        EXPECT_EQ(row.text(5), first ? "" : "o'ne");
        EXPECT_THROW(row.integer(4), BrokenRule);
        EXPECT_THROW((void)row.text(6), BrokenRule);
    });
    EXPECT_EQ(rows, 2);
    EXPECT_EQ(run(transaction, "select 1")[0][0].as<int>(), 1);
    transaction.commit();
}

TEST_F(Copies, SeeTheTenantsRowsOnly) {
    TenantTransaction transaction(service_, kAcme);
    std::string notes;
    copy_out(transaction, "copy (select note from core.notes) to stdout (format binary)", {},
             [&](const CopiedRow& row) { notes += row.text(0); });
    EXPECT_EQ(notes, "ours");
}

TEST_F(Copies, OfNothingGiveNothing) {
    TenantTransaction transaction(service_, kAcme);
    copy_out(transaction, "copy (select note from core.notes where false) to stdout (format binary)", {},
             [](const CopiedRow&) { FAIL() << "there are no rows"; });
    transaction.commit();
}

// The rows before it were given; the transaction is of no use any more, the next one is.
TEST_F(Copies, ThatAreRefusedOnTheWayThrow) {
    int rows = 0;
    {
        TenantTransaction transaction(service_, kAcme);
        try {
            copy_out(transaction,
                     "copy (select 1 / (50000 - n) from generate_series(1, 100000) n) to stdout (format binary)", {},
                     [&](const CopiedRow&) { ++rows; });
            FAIL() << "a division by zero";
        } catch (const DatabaseFailure& failure) {
            EXPECT_EQ(failure.sqlstate(), "22012");
        }
    }
    EXPECT_GT(rows, 0);
    TenantTransaction next(service_, kAcme);
    EXPECT_EQ(run(next, "select 1")[0][0].as<int>(), 1);
}

TEST_F(Copies, ThatNobodyWantsToTheEndStop) {
    struct Enough {};
    {
        TenantTransaction transaction(service_, kAcme);
        EXPECT_THROW(
            copy_out(transaction, "copy (select n from generate_series(1, 1000000) n) to stdout (format binary)", {},
                     [](const CopiedRow&) { throw Enough(); }),
            Enough);
    }
    TenantTransaction next(service_, kAcme);
    EXPECT_EQ(run(next, "select 1")[0][0].as<int>(), 1);
}

}  // namespace
}  // namespace core::db

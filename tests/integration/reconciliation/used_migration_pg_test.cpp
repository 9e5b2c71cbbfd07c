// 0036_agreed_movements: matches that stood there name their movement's number, each of its own tenant.
#include <gtest/gtest.h>

#include <pqxx/pqxx>

#include "core/db/connection.h"
#include "tests/support/migrations_until.h"
#include "tests/support/test_database.h"

namespace reconciliation::test {
namespace {

constexpr const char* kRows = R"(
set duizhang.tenant = 'one,two';
insert into payments.movements (tenant_id, channel, type, channel_txn_id, status, amount_minor, currency,
                                merchant_order_id, own_order_id, related_txn_id, occurred_at, business_date, date_rank,
                                attributes, masked_card)
select t.tenant, 'unionpay', k.type, n::text, 'captured', 100, 'CNY', '', '', '', now(), '2026-11-17', 1, '{}', ''
from (values ('one'), ('two')) t (tenant), (values ('payment'), ('refund')) k (type), generate_series(1, 5) n;
insert into reconciliation.matches (tenant_id, channel, type, channel_txn_id, business_date, movement_date, settles)
select tenant_id, channel, type, channel_txn_id, '2026-11-18', business_date, type = 'payment'
from payments.movements where channel_txn_id in ('2', '4'))";

TEST(UsedMigration, TellsOfMatchesThatStoodWhichMovementTheyAreOf) {
    const test_support::TestDatabase made(test_support::TestDatabase::Content::nothing);
    core::db::migrate(made.owner_connection(), test_support::migrations_until(35));
    made.administer_here(kRows);
    core::db::migrate(made.owner_connection(), test_support::migrations_until(36));

    core::db::Connection admin(made.admin_connection());
    pqxx::work look(admin.get());
    EXPECT_EQ(look.exec("select from reconciliation.used_movements").size(), 8U);
    EXPECT_EQ(
        look.exec("select from reconciliation.matches u join payments.movements m on m.movement_id = u.movement_id"
                  " and m.tenant_id = u.tenant_id and m.channel = u.channel and m.type = u.type"
                  " and m.channel_txn_id = u.channel_txn_id")
            .size(),
        8U);
    EXPECT_EQ(
        look.exec("select from reconciliation.used_movements where settles and business_date = '2026-11-18'").size(),
        4U);
    EXPECT_EQ(look.exec("select from payments.movements where order_agrees is null").size(), 20U) << "runs look";
}

}  // namespace
}  // namespace reconciliation::test

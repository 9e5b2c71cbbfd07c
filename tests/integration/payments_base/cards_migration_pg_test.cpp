// 0031_cards_apart: the fingerprints that stood in movements stand apart from them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pqxx/pqxx>

#include "core/db/connection.h"
#include "tests/support/migrations_until.h"
#include "tests/support/test_database.h"

namespace payments {
namespace {

constexpr const char* kMovements = R"(
set duizhang.tenant = 'one,two';
insert into payments.movements (tenant_id, channel, type, channel_txn_id, status, amount_minor, currency,
                                merchant_order_id, own_order_id, related_txn_id, occurred_at, business_date, date_rank,
                                attributes, masked_card, card_fingerprint)
values ('one', 'unionpay', 'payment', '1', 'failed', 100, 'CNY', '', '', '', now(), '2026-11-17', 1, '{}',
        '622155******0000', 'abcdefghijklmnop'),
       ('two', 'unionpay', 'payment', '1', 'failed', 100, 'CNY', '', '', '', now(), '2026-11-17', 1, '{}',
        '622155******0000', 'ponmlkjihgfedcba'),
       ('two', 'stripe', 'payment', '2', 'failed', 100, 'CNY', '', '', '', now(), '2026-11-17', 1, '{}', '', ''))";

TEST(CardsMigration, TakesFingerprintsOutOfMovements) {
    const test_support::TestDatabase made(test_support::TestDatabase::Content::nothing);
    core::db::migrate(made.owner_connection(), test_support::migrations_until(30));
    made.administer_here(kMovements);
    core::db::migrate(made.owner_connection(), test_support::migrations_until(31));

    core::db::Connection admin(made.admin_connection());
    pqxx::work look(admin.get());
    const auto apart = look.exec(
        "select string_agg(concat_ws(' ', tenant_id, channel, type, channel_txn_id, card_fingerprint), ',' "
        "order by tenant_id) from payments.card_fingerprints");
    EXPECT_STREQ(apart[0][0].c_str(),
                 "one unionpay payment 1 abcdefghijklmnop,two unionpay payment 1 ponmlkjihgfedcba");
    EXPECT_EQ(look.exec("select from payments.movements where masked_card <> ''").size(), 2U);
    EXPECT_EQ(look.exec("select from payments.movements m where m::text like '%abcdefghijklmnop%'").size(), 0U);
}

}  // namespace
}  // namespace payments

// What stands side by side and must not be taken for one another: movements of one number, tenants of one batch.
#include <gtest/gtest.h>

#include "payments/intake.h"
#include "tests/support/movements.h"

namespace payments {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field

// The row of a payment of that number once more, as another movement; what the database has against it.
std::string copy_as(const Merchant& shop, const std::string& tenant, const std::string& channel,
                    const std::string& type) {
    try {
        books_test_database().administer_here(
            "insert into payments.movements (tenant_id, channel, type, channel_txn_id, status, amount_minor, currency,"
            " merchant_order_id, own_order_id, related_txn_id, occurred_at, business_date, date_rank, attributes,"
            " masked_card) select '" +
            tenant + "', '" + channel + "', '" + type +
            "', channel_txn_id, status, amount_minor, currency, merchant_order_id, own_order_id, related_txn_id,"
            " occurred_at, business_date, date_rank, attributes, masked_card"
            " from payments.movements where channel_txn_id = 'ch_1' and channel = 'stripe' and type = 'payment' and "
            "tenant_id = '" +
            shop.books().tenant().text() + "'");
        return "nothing";
    } catch (const std::exception&) {
        try {
            core::db::rethrow_as_failure();
        } catch (const core::db::DatabaseFailure& failure) {
            return failure.constraint();
        }
    }
}

// The program looks before it writes; a second writer that doesn't must fail.
TEST(Neighbours, OfOneNumberAreOneMovementForEachTenantChannelAndType) {
    Merchant shop;
    const Merchant other;
    shop.hears(payment("ch_1", cny(100)));
    const auto tenant = shop.books().tenant().text();
    EXPECT_EQ(copy_as(shop, tenant, "stripe", "payment"), "movements_once");
    EXPECT_EQ(copy_as(shop, tenant, "stripe", "reversal"), "nothing");
    EXPECT_EQ(copy_as(shop, tenant, "wechatpay", "payment"), "nothing");
    EXPECT_EQ(copy_as(shop, other.books().tenant().text(), "stripe", "payment"), "nothing");
}

TEST(Neighbours, OfOneNumberInTwoChannelsAreBothBooked) {
    Merchant shop;
    shop.hears(payment("ch_1", cny(100)));
    const auto told = message("event-of-wechatpay", {payment("ch_1", cny(30))});
    const auto request = request_of(told);
    EXPECT_EQ(movements_queue().take_in({shop.books().tenant(), "wechatpay", &told, &request}), IntakeOutcome::booked);
    EXPECT_EQ(shop.books().balances().at("transit:payment:stripe CNY"), 100);
    EXPECT_EQ(shop.books().balances().at("transit:payment:wechatpay CNY"), 30);
    EXPECT_EQ(shop.books().complaints(), "");
}

TEST(Neighbours, OfOneBatchKeepTheirOrdersApart) {
    const Merchant with_order;
    const Merchant without;
    with_order.registers(order("O-1", cny(100)));
    const auto told = message("event", {payment("ch_1", cny(100), "O-1")});
    const auto request = request_of(told);
    const auto& ours = with_order.books().tenant();
    const auto& theirs = without.books().tenant();
    core::db::TenantsTransaction transaction(books_database(), {ours, theirs});
    take_in(transaction, {{ours, kChannel, &told, &request}, {theirs, kChannel, &told, &request}});
    transaction.commit();

    EXPECT_EQ(with_order.books().balances(),
              (Sums{{"transit:payment:stripe CNY", 100}, {"deferred:orders CNY", -100}}));
    EXPECT_EQ(without.books().balances(),
              (Sums{{"transit:payment:stripe CNY", 100}, {"transit:customer:stripe CNY", -100}}));
    EXPECT_EQ(with_order.books().complaints() + without.books().complaints(), "");
}

}  // namespace
}  // namespace payments

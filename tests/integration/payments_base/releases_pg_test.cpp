// Orders that are shared out at their fulfilment, or on a day.
#include "payments/release.h"

#include <gtest/gtest.h>

#include "core/db/work.h"
#include "tests/support/movements.h"

namespace payments {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field

constexpr const char* kAtFulfilment = "v2;when=fulfilment;payable:seller=b9000;income:commission=r";
constexpr const char* kAWeekLater = "v2;when=capture+7;payable:seller=b9000;income:commission=r";

class Releases : public testing::Test {
protected:
    FulfilmentOutcome fulfils(const std::string& id, const char* at = "2026-11-19T10:00:00Z") const {
        return shop_.books().with([&](auto& transaction) {
            return fulfil_orders(transaction, {{core::MerchantOrderId(id), instant(at)}}).front();
        });
    }
    std::size_t night(const char* now) const {
        return shop_.books().with([&](auto& transaction) {
            const auto round = share_out_due(transaction, instant(now), "", 100);
            EXPECT_EQ(round.looked_up_to, std::nullopt);
            return round.shared_out;
        });
    }
    ~Releases() override { EXPECT_EQ(shop_.books().complaints(), ""); }

    const Sums kWaiting{{"transit:payment:stripe CNY", 1000}, {"deferred:orders CNY", -1000}};
    const Sums kSharedOut{
        {"transit:payment:stripe CNY", 1000}, {"payable:seller CNY", -900}, {"income:commission CNY", -100}};
    Merchant shop_;
};

TEST_F(Releases, ShareOutAPaidOrderWhenItIsFulfilled) {
    shop_.registers(order("O-1", cny(1000), kAtFulfilment));
    shop_.hears(payment("ch_1", cny(1000), "O-1"));
    EXPECT_EQ(shop_.books().balances(), kWaiting);

    EXPECT_EQ(fulfils("O-1"), FulfilmentOutcome::recorded);
    EXPECT_EQ(shop_.books().balances(), kSharedOut);
    EXPECT_EQ(shop_.rows("select event || ' ' || business_date from ledger.entries where tenant_id = $1 "
                         "order by entry_id desc limit 1"),
              std::vector<std::string>{"fulfilled 2026-11-19"});
    EXPECT_EQ(fulfils("O-1", "2026-11-20T10:00:00Z"), FulfilmentOutcome::same_again);
    EXPECT_EQ(shop_.books().balances(), kSharedOut);
}

TEST_F(Releases, CountForAPaymentThatIsToldLater) {
    shop_.registers(order("O-1", cny(1000), kAtFulfilment));
    EXPECT_EQ(fulfils("O-1"), FulfilmentOutcome::recorded);
    shop_.hears(payment("ch_1", cny(1000), "O-1"));
    EXPECT_EQ(shop_.books().balances(), kSharedOut);
}

TEST_F(Releases, LetRefundsComeOutOfWhateverHoldsTheMoney) {
    shop_.registers(order("O-1", cny(1000), kAtFulfilment));
    shop_.hears(payment("ch_1", cny(1000), "O-1"));
    shop_.hears(refund("re_1", cny(300), "ch_1"));
    EXPECT_EQ(shop_.books().balances(), (Sums{{"transit:payment:stripe CNY", 700}, {"deferred:orders CNY", -700}}));
    fulfils("O-1");
    EXPECT_EQ(
        shop_.books().balances(),
        (Sums{{"transit:payment:stripe CNY", 700}, {"payable:seller CNY", -630}, {"income:commission CNY", -70}}));
    shop_.hears(refund("re_2", cny(700), "ch_1"));
    EXPECT_EQ(shop_.books().balances(), Sums{});
}

TEST_F(Releases, AreRefusedForAnOrderThatNobodyRegistered) {
    EXPECT_EQ(fulfils("O-1"), FulfilmentOutcome::unknown_order);
    shop_.registers(order("O-1", cny(1000), kAtFulfilment));
    shop_.hears(payment("ch_1", cny(1000), "O-1"));
    EXPECT_EQ(shop_.books().balances(), kWaiting);
    EXPECT_EQ(shop_.books().with([](auto& transaction) {
        return find_unregistered(transaction, {core::MerchantOrderId("O-1"), core::MerchantOrderId("O-2")});
    }),
              core::MerchantOrderId("O-2"));
}

TEST_F(Releases, ShareOutOnceOnTheDay) {
    shop_.registers(order("O-1", cny(1000), kAWeekLater));
    EXPECT_EQ(night("2026-12-31T02:00:00Z"), 0U);    // nobody paid
    shop_.hears(payment("ch_1", cny(1000), "O-1"));  // on the 18th
    EXPECT_EQ(fulfils("O-1"), FulfilmentOutcome::recorded);
    EXPECT_EQ(night("2026-11-24T23:59:59Z"), 0U);
    EXPECT_EQ(shop_.books().balances(), kWaiting);

    EXPECT_EQ(night("2026-11-25T00:00:00Z"), 1U);
    EXPECT_EQ(shop_.books().balances(), kSharedOut);
    EXPECT_EQ(night("2026-11-26T00:00:00Z"), 0U);
    EXPECT_EQ(shop_.books().balances(), kSharedOut);
}

TEST_F(Releases, LookAtAsManyOrdersAsTheyAreAskedTo) {
    for (const char* id : {"O-1", "O-2", "O-3"}) {
        shop_.registers(order(id, cny(10), kAWeekLater));
        shop_.hears(payment(std::string("ch_") + id, cny(10), id));
    }
    std::vector<std::string> places;
    std::size_t shared_out = 0;
    std::optional<std::string> after = "";
    while (after) {
        shop_.books().with([&](auto& transaction) {
            const auto round = share_out_due(transaction, instant("2026-12-31T02:00:00Z"), *after, 2);
            shared_out += round.shared_out;
            places.push_back(*after);
            after = round.looked_up_to;
        });
    }
    EXPECT_EQ(shared_out, 3U);
    EXPECT_EQ(places, (std::vector<std::string>{"", "O-2"}));
}

TEST_F(Releases, AreOfOneTenant) {
    const Merchant other;
    shop_.registers(order("O-1", cny(1000), kAtFulfilment));
    other.registers(order("O-1", cny(1000), kAtFulfilment));
    other.hears(message("event-1", {payment("ch_1", cny(1000), "O-1")}));
    EXPECT_EQ(fulfils("O-1"), FulfilmentOutcome::recorded);
    EXPECT_EQ(other.books().balances(), kWaiting);
    EXPECT_EQ(other.rows("select count(*)::text from payments.releases where tenant_id <> $1"),
              std::vector<std::string>{"0"});
}

}  // namespace
}  // namespace payments

// Whose money it is, as a pure function.
#include "payments/allocation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace payments {
namespace {

using Sums = std::map<std::string, std::int64_t>;

core::Money cny(std::int64_t minor) { return {minor, *core::Currency::from_code("CNY")}; }
core::Money usd(std::int64_t minor) { return {minor, *core::Currency::from_code("USD")}; }

core::Instant second(int number) { return core::Instant(std::chrono::seconds(number)); }

BookedMovement payment(const std::string& id, core::Money amount, int at = 0, const std::string& channel = "stripe") {
    return {channel, TransactionType::payment, id, "", amount, second(at)};
}
BookedMovement refund(const std::string& id, core::Money amount, const std::string& of) {
    return {"stripe", TransactionType::refund, id, of, core::Money(-amount.minor(), amount.currency()), second(0)};
}

std::optional<Order> order(core::Money amount, const std::string& shares = "") {
    return Order{core::MerchantOrderId("O-1"), amount, {}, shares.empty() ? "" : "policy", shares, ""};
}

Sums allocated(const std::optional<Order>& asked, const std::vector<BookedMovement>& movements,
               const Releases& releases = {}) {
    Sums sums;
    for (const auto& leg : allocate(asked, movements, releases).legs()) {
        sums[leg.account.name() + " " + std::string(leg.amount.currency().code())] = leg.amount.minor();
    }
    return sums;
}

TEST(AcceptedPayment, IsTheEarliestOfTheOrdersAmountAndCurrency) {
    const std::vector<BookedMovement> movements = {payment("a", cny(99), 1), payment("b", usd(100), 1),
                                                   payment("d", cny(100), 3), payment("c", cny(100), 2)};
    EXPECT_EQ(accepted_payment(order(cny(100)), movements), 3U);
    EXPECT_EQ(accepted_payment(order(cny(101)), movements), std::nullopt);
    EXPECT_EQ(accepted_payment(std::nullopt, movements), std::nullopt);
}

TEST(AcceptedPayment, GoesByChannelAndIdWhereTimesAreAlike) {
    EXPECT_EQ(
        accepted_payment(order(cny(1)), {payment("a", cny(1), 0, "wechatpay"), payment("b", cny(1), 0, "stripe")}), 1U);
    EXPECT_EQ(accepted_payment(order(cny(1)), {payment("b", cny(1)), payment("a", cny(1))}), 1U);
}

TEST(Allocate, BooksNothingForNothing) { EXPECT_EQ(allocated(std::nullopt, {}), Sums{}); }

TEST(Allocate, KeepsAWholeAmountDeferredThatFixedSharesExceed) {
    EXPECT_EQ(allocated(order(cny(40), "payable:carrier=f50;income:commission=r"),
                        {payment("a", cny(40)), refund("r", cny(10), "a")}),
              (Sums{{"transit:payment:stripe CNY", 30}, {"deferred:orders CNY", -30}}));
}

TEST(Allocate, KeepsAPaidOrderDeferredUntilWhatItsSplitWaitsForIsRecorded) {
    const Releases fulfilled{second(5), false};
    const Releases due{std::nullopt, true};
    const std::vector<BookedMovement> movements = {payment("a", cny(40)), refund("r", cny(10), "a")};
    const Sums waiting = {{"transit:payment:stripe CNY", 30}, {"deferred:orders CNY", -30}};
    const Sums shared_out = {{"transit:payment:stripe CNY", 30}, {"payable:seller CNY", -30}};

    const auto at_fulfilment = order(cny(40), "v2;when=fulfilment;payable:seller=r");
    EXPECT_EQ(allocated(at_fulfilment, movements), waiting);
    EXPECT_EQ(allocated(at_fulfilment, movements, due), waiting);
    EXPECT_EQ(allocated(at_fulfilment, movements, fulfilled), shared_out);
    for (const char* when : {"capture+7", "fulfilment+7", "2026-12-31"}) {
        const auto later = order(cny(40), std::string("v2;when=") + when + ";payable:seller=r");
        EXPECT_EQ(allocated(later, movements), waiting) << when;
        EXPECT_EQ(allocated(later, movements, fulfilled), waiting) << when;
        EXPECT_EQ(allocated(later, movements, due), shared_out) << when;
    }
    EXPECT_EQ(allocated(order(cny(40), "payable:seller=r"), movements), shared_out);
}

TEST(Allocate, BooksNothingForAReleaseOfAnUnpaidOrder) {
    const auto asked = order(cny(40), "v2;when=fulfilment;payable:seller=r");
    EXPECT_EQ(allocated(asked, {}, {second(5), true}), allocated(asked, {}));
}

TEST(Allocate, LeavesOtherChannelsRefundsToTheCustomer) {
    auto elsewhere = refund("r", cny(10), "a");
    elsewhere.channel = "wechatpay";
    EXPECT_EQ(allocated(order(cny(40)), {payment("a", cny(40)), elsewhere}),
              (Sums{{"transit:payment:stripe CNY", 40},
                    {"deferred:orders CNY", -40},
                    {"transit:payment:wechatpay CNY", -10},
                    {"transit:customer:wechatpay CNY", 10}}));
}

TEST(Allocate, TakesARefundThatNamesNoPaymentAsTheAcceptedOnes) {
    EXPECT_EQ(allocated(order(cny(40)), {payment("a", cny(40)), refund("r", cny(10), "")}),
              (Sums{{"transit:payment:stripe CNY", 30}, {"deferred:orders CNY", -30}}));
}

TEST(Allocate, LeavesRefundsInAnotherCurrencyToTheCustomer) {
    EXPECT_EQ(allocated(order(cny(40)), {payment("a", cny(40)), refund("r", usd(10), "a")}),
              (Sums{{"transit:payment:stripe CNY", 40},
                    {"deferred:orders CNY", -40},
                    {"transit:payment:stripe USD", -10},
                    {"transit:customer:stripe USD", 10}}));
}

TEST(ChannelSide, IsTheFundsForWhatTheChannelTakesFromThem) {
    auto movement = payment("a", cny(1));
    EXPECT_EQ(channel_side(movement).name(), "transit:payment:stripe");
    for (const auto type :
         {TransactionType::dispute, TransactionType::payout, TransactionType::fee, TransactionType::adjustment}) {
        movement.type = type;
        EXPECT_EQ(channel_side(movement).name(), "transit:funds:stripe");
        movement.reverses = type;
        movement.type = TransactionType::reversal;
        EXPECT_EQ(channel_side(movement).name(), "transit:funds:stripe");
    }
    movement.reverses = TransactionType::refund;
    EXPECT_EQ(channel_side(movement).name(), "transit:payment:stripe");
}

// Adds up to zero, and doesn't ask in which order the movements stand.
TEST(Allocate, BalancesAndHasNoOrderOfItsOwn) {
    std::mt19937_64 random(20261118);
    const auto below = [&](std::int64_t end) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(end));
    };
    for (int i = 0; i < 20'000; ++i) {
        const auto asked =
            below(4) == 0
                ? std::nullopt
                : order(cny(1 + below(50)), below(2) == 0 ? "" : "payable:a=b3333;payable:b=b3333;payable:c=b3334");
        std::vector<BookedMovement> movements;
        for (std::int64_t n = below(7); n > 0; --n) {
            const auto id = std::to_string(n);
            const auto type = static_cast<TransactionType>(below(7));
            const bool is_payment = type == TransactionType::payment;
            const auto minor = is_payment && asked && below(2) == 0 ? asked->amount.minor() : 1 + below(50);
            movements.push_back({below(4) == 0 ? "wechatpay" : "stripe", type, id,
                                 is_payment || below(3) == 0 ? "" : std::to_string(1 + below(6)),
                                 below(8) == 0 ? usd(minor) : cny(is_payment ? minor : -minor),
                                 second(static_cast<int>(below(3))), static_cast<TransactionType>(below(7))});
        }
        const auto expected = allocated(asked, movements);
        Sums by_currency;
        for (const auto& [name, minor] : expected) {
            by_currency[name.substr(name.size() - 3)] += minor;
        }
        for (const auto& [code, sum] : by_currency) {
            ASSERT_EQ(sum, 0) << code;
        }
        std::shuffle(movements.begin(), movements.end(), random);
        ASSERT_EQ(allocated(asked, movements), expected);
    }
}

}  // namespace
}  // namespace payments

// What the events say about money, and that it is the same whatever the order and whatever is lost.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "support.h"

namespace payments::stripe {
namespace {

using test::charge;
using test::event;
using test::refund;
using test::usd;
using Type = TransactionType;
using Status = TransactionStatus;

std::vector<Transaction> told_by(const std::string& body) {
    auto message = test::channel()->read_callback(test::signed_request(body));
    EXPECT_TRUE(message) << (message ? "" : message.error().reason);
    return message ? message->transactions : std::vector<Transaction>{};
}

std::vector<Transaction> told(const std::string& type, const std::string& object, std::int64_t created = 1788254101) {
    return told_by(event(type, object, created));
}

core::Instant at(std::int64_t seconds) { return core::Instant(std::chrono::seconds(seconds)); }

std::string with(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
}

std::string intent(const std::string& charge_field = R"("latest_charge":"ch_A")") {
    return R"({"id":"pi_A","object":"payment_intent","amount":10000,"amount_received":10000,"currency":"usd",)"
           R"("created":1788254098,"status":"succeeded","metadata":{"order_id":"ORD-1"},)" +
           charge_field + "}";
}

std::string entry(const char* id, std::int64_t amount, std::int64_t fee, std::int64_t created, const char* category,
                  const char* currency = "usd") {
    return R"({"id":")" + std::string(id) + R"(","object":"balance_transaction","amount":)" + std::to_string(amount) +
           R"(,"fee":)" + std::to_string(fee) + R"(,"net":)" + std::to_string(amount - fee) + R"(,"created":)" +
           std::to_string(created) + R"(,"currency":")" + currency + R"(","reporting_category":")" + category +
           R"(","source":"du_A"})";
}

std::string dispute(const std::string& entries) {
    return R"({"id":"du_A","object":"dispute","amount":4995,"currency":"eur","charge":"ch_A","payment_intent":"pi_A",)"
           R"("created":1788336000,"metadata":{},"status":"needs_response","balance_transactions":[)" +
           entries + "]}";
}

const std::string kWithdrawal = entry("txn_5", -5500, 1500, 1788336010, "dispute");
const std::string kReinstatement = entry("txn_6", 5500, -1500, 1788422410, "dispute_reversal");

std::string payout(const std::string& back = "null") {
    return R"({"id":"po_A","object":"payout","amount":9591,"currency":"usd","created":1788480600,)"
           R"("arrival_date":1788739200,"balance_transaction":"txn_12","failure_balance_transaction":)" +
           back + R"(,"status":"paid","metadata":{}})";
}

TEST(Charge, IsAPaymentKeyedByTheCharge) {
    const auto payments = told("charge.succeeded", charge());

    ASSERT_EQ(payments.size(), 1U);
    const auto& payment = payments[0];
    EXPECT_EQ(payment.type, Type::payment);
    EXPECT_EQ(payment.status, Status::captured);
    EXPECT_EQ(payment.channel_txn_id.text(), "ch_A");
    EXPECT_EQ(payment.merchant_order_id.text(), "ORD-1");
    EXPECT_EQ(payment.amount, usd(10000));
    EXPECT_EQ(payment.occurred_at, at(1788254100));
    EXPECT_EQ(core::format_day(payment.business_day), "2026-09-01");
    EXPECT_EQ(payment.date_rank, 1);
    EXPECT_EQ(payment.attributes.at("payment_intent"), "pi_A");
    EXPECT_EQ(payment.attributes.at("balance_transaction"), "txn_1");
    EXPECT_TRUE(payment.masked_card.empty());
}

TEST(Charge, CountsWhatWasCaptured) {
    const auto part =
        told("charge.captured", with(charge(), R"("amount_captured":10000)", R"("amount_captured":6000)"));
    const auto old = told("charge.succeeded", with(charge(), R"("amount_captured":10000,)", ""));

    EXPECT_EQ(part.at(0).amount, usd(6000));
    EXPECT_EQ(old.at(0).amount, usd(10000));
}

TEST(Charge, ThatIsOnlyAuthorisedMovesNothing) {
    EXPECT_TRUE(told("charge.succeeded", with(charge(), R"("captured":true)", R"("captured":false)")).empty());
    EXPECT_TRUE(told("charge.updated", with(charge(), R"("paid":true)", R"("paid":false)")).empty());
}

TEST(Charge, SaysWhenItIsNotOver) {
    const auto failed = told("charge.failed", with(charge(), "succeeded", "failed"));
    const auto pending = told("charge.pending", with(charge(), "succeeded", "pending"));

    EXPECT_EQ(failed.at(0).status, Status::failed);
    EXPECT_EQ(pending.at(0).status, Status::processing);
}

TEST(Charge, BelongsToTheDayOfTheConfiguredZone) {
    auto options = test::options();
    options.time_zone = "Asia/Tokyo";
    const auto channel = test::channel(std::move(options));
    const auto late = with(charge(), "1788254100", "1788274800");  // 15:00:00 UTC, midnight in Tokyo

    const auto message = channel->read_callback(test::signed_request(event("charge.succeeded", late)));

    ASSERT_TRUE(message);
    EXPECT_EQ(core::format_day(message->transactions.at(0).business_day), "2026-09-02");
    EXPECT_EQ(channel->day_cut().zone, "Asia/Tokyo");
}

TEST(Charge, TakesTheOrderFromTheConfiguredMetadataKey) {
    auto options = test::options();
    options.order_key = "shop_order";
    const auto body = event("charge.succeeded", with(charge(), R"("order_id":"ORD-1")", R"("shop_order":"S-9")"));

    const auto message = test::channel(std::move(options))->read_callback(test::signed_request(body));

    ASSERT_TRUE(message);
    EXPECT_EQ(message->transactions.at(0).merchant_order_id.text(), "S-9");
    EXPECT_TRUE(told_by(body).at(0).merchant_order_id.empty());
}

TEST(PaymentIntent, TellsTheChargesMoneyWithAWeakerDate) {
    const auto payments = told("payment_intent.succeeded", intent());

    ASSERT_EQ(payments.size(), 1U);
    EXPECT_EQ(payments[0].type, Type::payment);
    EXPECT_EQ(payments[0].channel_txn_id.text(), "ch_A");
    EXPECT_EQ(payments[0].amount, usd(10000));
    EXPECT_EQ(payments[0].occurred_at, at(1788254101));
    EXPECT_EQ(payments[0].date_rank, 0);
    EXPECT_EQ(payments[0].attributes.at("payment_intent"), "pi_A");
}

TEST(PaymentIntent, FindsItsChargeInOtherShapes) {
    EXPECT_EQ(told("payment_intent.succeeded", intent(R"("latest_charge":{"id":"ch_A","object":"charge"})"))
                  .at(0)
                  .channel_txn_id.text(),
              "ch_A");
    EXPECT_EQ(
        told("payment_intent.succeeded", intent(R"("charges":{"data":[{"id":"ch_A"}]})")).at(0).channel_txn_id.text(),
        "ch_A");
    EXPECT_TRUE(told("payment_intent.succeeded", intent(R"("latest_charge":null)")).empty());
}

TEST(Refund, IsNegativeAndNamesItsCharge) {
    const auto refunds = told("refund.created", refund("succeeded", R"("txn_4")"));

    ASSERT_EQ(refunds.size(), 1U);
    EXPECT_EQ(refunds[0].type, Type::refund);
    EXPECT_EQ(refunds[0].status, Status::captured);
    EXPECT_EQ(refunds[0].channel_txn_id.text(), "re_A");
    EXPECT_EQ(refunds[0].related_txn_id.text(), "ch_A");
    EXPECT_EQ(refunds[0].merchant_order_id.text(), "ORD-1");
    EXPECT_EQ(refunds[0].amount, usd(-2500));
    EXPECT_EQ(refunds[0].occurred_at, at(1788276000));
}

struct RefundState {
    const char* name;
    const char* status;
    const char* left;  // balance_transaction
    Status expected;
};

class RefundBeforeMoneyMoved : public testing::TestWithParam<RefundState> {};

TEST_P(RefundBeforeMoneyMoved, HasItsStatus) {
    const auto refunds = told("refund.updated", refund(GetParam().status, GetParam().left));

    ASSERT_EQ(refunds.size(), 1U);
    EXPECT_EQ(refunds[0].status, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(, RefundBeforeMoneyMoved,
                         testing::Values(RefundState{"Pending", "pending", "null", Status::processing},
                                         RefundState{"RequiresAction", "requires_action", "null", Status::processing},
                                         RefundState{"Failed", "failed", "null", Status::failed},
                                         RefundState{"Canceled", "canceled", "null", Status::closed}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(RefundFailure, AfterTheMoneyLeftTellsBothWays) {
    const auto both = told("refund.failed", refund("failed", R"("txn_4")", R"("txn_11")"), 1788456601);

    ASSERT_EQ(both.size(), 2U);
    EXPECT_EQ(both[0].type, Type::refund);
    EXPECT_EQ(both[0].status, Status::captured);
    EXPECT_EQ(both[0].amount, usd(-2500));
    EXPECT_EQ(both[0].occurred_at, at(1788276000));
    EXPECT_EQ(both[1].type, Type::reversal);
    EXPECT_EQ(both[1].status, Status::captured);
    EXPECT_EQ(both[1].channel_txn_id.text(), "re_A");
    EXPECT_EQ(both[1].amount, usd(2500));
    EXPECT_EQ(both[1].occurred_at, at(1788456601));
    EXPECT_EQ(both[1].attributes.at("balance_transaction"), "txn_11");
}

TEST(Dispute, IsBookedInTheSettlementCurrency) {
    const auto disputes = told("charge.dispute.funds_withdrawn", dispute(kWithdrawal));

    ASSERT_EQ(disputes.size(), 1U);
    EXPECT_EQ(disputes[0].type, Type::dispute);
    EXPECT_EQ(disputes[0].channel_txn_id.text(), "du_A");
    EXPECT_EQ(disputes[0].related_txn_id.text(), "ch_A");
    EXPECT_EQ(disputes[0].amount, usd(-5500));
    EXPECT_EQ(disputes[0].occurred_at, at(1788336010));
    EXPECT_EQ(disputes[0].attributes.at("fee_minor"), "1500");
    EXPECT_EQ(disputes[0].attributes.at("balance_transaction"), "txn_5");
}

TEST(Dispute, GivenBackTellsTheWithdrawalToo) {
    const auto both = told("charge.dispute.funds_reinstated", dispute(kWithdrawal + "," + kReinstatement));

    ASSERT_EQ(both.size(), 2U);
    EXPECT_EQ(both[0].amount, usd(-5500));
    EXPECT_EQ(both[1].type, Type::reversal);
    EXPECT_EQ(both[1].channel_txn_id.text(), "du_A");
    EXPECT_EQ(both[1].amount, usd(5500));
    EXPECT_EQ(both[1].attributes.at("fee_minor"), "-1500");
}

// The event's name says that money moved, so it is booked even where the balance transactions are of no use.
TEST(Dispute, WithoutUsableBalanceTransactionsGoesByItsAmount) {
    const auto broken = with(kWithdrawal, R"("net":-7000)", R"("net":-6999)");
    for (const auto& entries : {std::string(), broken}) {
        const auto disputes = told("charge.dispute.funds_withdrawn", dispute(entries));
        ASSERT_EQ(disputes.size(), 1U);
        EXPECT_EQ(disputes[0].amount, test::money(-4995, "EUR"));
        EXPECT_EQ(disputes[0].date_rank, 0);
    }
    EXPECT_EQ(told("charge.dispute.funds_reinstated", dispute("")).at(0).amount, test::money(4995, "EUR"));
}

TEST(Payout, LeavesAndMayComeBack) {
    const auto paid = told("payout.paid", payout());
    const auto failed = told("payout.failed", payout(R"("txn_13")"), 1788933601);

    ASSERT_EQ(paid.size(), 1U);
    EXPECT_EQ(paid[0].type, Type::payout);
    EXPECT_EQ(paid[0].channel_txn_id.text(), "po_A");
    EXPECT_EQ(paid[0].amount, usd(-9591));
    ASSERT_EQ(failed.size(), 2U);
    EXPECT_EQ(failed[0].occurred_at, paid[0].occurred_at);
    EXPECT_EQ(failed[1].type, Type::reversal);
    EXPECT_EQ(failed[1].amount, usd(9591));
    EXPECT_EQ(failed[1].occurred_at, at(1788933601));
}

class EventMovesNothing : public testing::TestWithParam<const char*> {};

TEST_P(EventMovesNothing, ButIsAcknowledged) { EXPECT_TRUE(told(GetParam(), charge()).empty()); }

INSTANTIATE_TEST_SUITE_P(, EventMovesNothing,
                         testing::Values("charge.refunded", "charge.expired", "charge.dispute.created",
                                         "charge.dispute.closed", "charge.dispute.updated", "transfer.created",
                                         "transfer.reversed", "application_fee.created", "payout.created",
                                         "payout.canceled", "plan.created", "charge.succeeded.v9"));

// The books, as simply as they can be kept: a movement is booked once, by type and id, when it is captured.
using Books = std::map<std::pair<Type, std::string>, std::pair<std::int64_t, std::string>>;

void book(Books& books, const std::vector<Transaction>& transactions) {
    for (const auto& t : transactions) {
        if (t.status == Status::captured) {
            books.try_emplace({t.type, t.channel_txn_id.text()}, t.amount.minor(), t.amount.currency().code());
        }
    }
}

std::int64_t balance(const Books& books) {
    std::int64_t sum = 0;
    for (const auto& [key, amount] : books) {
        sum += amount.first;
    }
    return sum;
}

TEST(AnyOrderAndRepetition, GivesTheSameBooks) {
    std::vector<std::vector<Transaction>> messages = {
        told("charge.succeeded", charge()),
        told("payment_intent.succeeded", intent()),
        told("refund.created", refund("pending", "null")),
        told("refund.updated", refund("succeeded", R"("txn_4")")),
        told("refund.failed", refund("failed", R"("txn_4")", R"("txn_11")"), 1788456601),
        told("charge.dispute.funds_withdrawn", dispute(kWithdrawal)),
        told("charge.dispute.funds_reinstated", dispute(kWithdrawal + "," + kReinstatement)),
    };
    std::vector<std::size_t> order(messages.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
    }
    Books first;
    for (const auto i : order) {
        book(first, messages[i]);
    }
    EXPECT_EQ(first.size(), 5U);
    EXPECT_EQ(balance(first), 10000);
    while (std::next_permutation(order.begin(), order.end())) {
        Books books;
        for (const auto i : order) {
            book(books, messages[i]);
            book(books, messages[order.front()]);
        }
        ASSERT_EQ(books, first);
    }
}

// Whichever of the earlier messages never came, what was given back leaves nothing behind.
TEST(LostMessages, LeaveNoHalfMovement) {
    Books refunds;
    book(refunds, told("refund.failed", refund("failed", R"("txn_4")", R"("txn_11")")));
    EXPECT_EQ(balance(refunds), 0);

    Books disputes;
    book(disputes, told("charge.dispute.funds_reinstated", dispute(kWithdrawal + "," + kReinstatement)));
    EXPECT_EQ(balance(disputes), 0);

    Books payouts;
    book(payouts, told("payout.failed", payout(R"("txn_13")")));
    EXPECT_EQ(balance(payouts), 0);
}

}  // namespace
}  // namespace payments::stripe

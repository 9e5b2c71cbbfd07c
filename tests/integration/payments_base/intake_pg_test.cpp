// Callbacks become books: whatever comes first, comes twice or is told in pieces.
#include "payments/intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <pqxx/pqxx>
#include <thread>

#include "core/db/connection.h"
#include "tests/support/movements.h"

namespace payments {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field

constexpr const char* kMarketplace = "payable:seller=b9300;income:commission=r";

class Intake : public testing::Test {
protected:
    void TearDown() override { EXPECT_EQ(shop_.books().complaints(), ""); }

    Sums balances() const { return shop_.books().balances(); }
    std::int64_t entries() const { return shop_.books().verify().entries; }

    Merchant shop_;
};

TEST_F(Intake, BooksAPaymentOfAnOrder) {
    EXPECT_EQ(shop_.registers(order("O-1", cny(100))), Registration::registered);
    EXPECT_EQ(balances(), (Sums{{"receivable:orders CNY", 100}, {"deferred:orders CNY", -100}}));

    EXPECT_EQ(shop_.hears(payment("ch_1", cny(100), "O-1")), IntakeOutcome::booked);

    EXPECT_EQ(balances(), (Sums{{"transit:payment:stripe CNY", 100}, {"deferred:orders CNY", -100}}));
}

TEST_F(Intake, SharesOutAPaymentByItsOrdersSplit) {
    shop_.registers(order("O-1", cny(1001), kMarketplace));
    shop_.hears(payment("ch_1", cny(1001), "O-1"));

    // 93 % of 1001 is 930.93; what is left over goes to the commission.
    EXPECT_EQ(
        balances(),
        (Sums{{"transit:payment:stripe CNY", 1001}, {"payable:seller CNY", -930}, {"income:commission CNY", -71}}));
}

TEST_F(Intake, HoldsAPaymentWithoutAnOrderForTheCustomer) {
    EXPECT_EQ(shop_.hears(payment("ch_1", cny(100), "O-unknown")), IntakeOutcome::booked);
    EXPECT_EQ(shop_.hears(payment("ch_2", cny(7))), IntakeOutcome::booked);

    EXPECT_EQ(balances(), (Sums{{"transit:payment:stripe CNY", 107}, {"transit:customer:stripe CNY", -107}}));
}

TEST_F(Intake, HoldsAWrongAmountOrCurrencyForTheCustomer) {
    shop_.registers(order("O-1", cny(100)));
    shop_.hears(payment("ch_1", cny(99), "O-1"));
    shop_.hears(payment("ch_2", usd(100), "O-1"));

    EXPECT_EQ(balances(), (Sums{{"receivable:orders CNY", 100},
                                {"deferred:orders CNY", -100},
                                {"transit:payment:stripe CNY", 99},
                                {"transit:customer:stripe CNY", -99},
                                {"transit:payment:stripe USD", 100},
                                {"transit:customer:stripe USD", -100}}));
}

TEST_F(Intake, AllocatesAPaymentWhenItsOrderComesLater) {
    shop_.hears(payment("ch_1", cny(100), "O-1"));
    EXPECT_EQ(shop_.registers(order("O-1", cny(100))), Registration::registered);

    EXPECT_EQ(balances(), (Sums{{"transit:payment:stripe CNY", 100}, {"deferred:orders CNY", -100}}));
}

TEST_F(Intake, RegistersAnOrderWhosePaymentWasAlreadyGivenBack) {
    shop_.hears(payment("ch_1", cny(100), "O-1"));
    shop_.hears(refund("re_1", cny(100), "ch_1"));

    EXPECT_EQ(shop_.registers(order("O-1", cny(100), kMarketplace)), Registration::registered);
    EXPECT_EQ(shop_.registers(order("O-1", cny(100), kMarketplace)), Registration::same_again);
    EXPECT_EQ(shop_.registers(order("O-1", cny(101), kMarketplace)), Registration::differs);
    EXPECT_EQ(shop_.registers(order("O-1", usd(100), kMarketplace)), Registration::differs);
    EXPECT_EQ(shop_.registers(order("O-1", cny(100))), Registration::differs);

    EXPECT_EQ(balances(), Sums{});
}

TEST_F(Intake, BooksARefundBeforeItsPayment) {
    shop_.registers(order("O-1", cny(100)));
    EXPECT_EQ(shop_.hears(refund("re_1", cny(30), "ch_1")), IntakeOutcome::booked);
    EXPECT_EQ(balances().at("transit:customer:stripe CNY"), 30);

    EXPECT_EQ(shop_.hears(payment("ch_1", cny(100), "O-1")), IntakeOutcome::booked);

    EXPECT_EQ(balances(), (Sums{{"transit:payment:stripe CNY", 70}, {"deferred:orders CNY", -70}}));
}

TEST_F(Intake, GivesBackASplitToTheUnit) {
    shop_.registers(order("O-1", cny(1001), kMarketplace));
    shop_.hears(payment("ch_1", cny(1001), "O-1"));
    shop_.hears(refund("re_1", cny(1), "ch_1"));
    shop_.hears(refund("re_2", cny(333), "ch_1"));
    EXPECT_EQ(balances().at("payable:seller CNY") + balances().at("income:commission CNY"), -667);

    shop_.hears(refund("re_3", cny(667), "ch_1"));

    EXPECT_EQ(balances(), Sums{});
}

TEST_F(Intake, HoldsRefundsBeyondTheirPaymentForTheCustomer) {
    shop_.registers(order("O-1", cny(100)));
    shop_.hears(payment("ch_1", cny(100), "O-1"));
    shop_.hears(refund("re_1", cny(80), "ch_1"));
    shop_.hears(refund("re_2", cny(80), "ch_1"));

    EXPECT_EQ(balances(), (Sums{{"transit:payment:stripe CNY", -60}, {"transit:customer:stripe CNY", 60}}));
}

TEST_F(Intake, AcceptsTheEarliestOfSeveralPaymentsForOneOrder) {
    shop_.registers(order("O-1", cny(100), kMarketplace));
    shop_.hears(at(payment("ch_2", cny(100), "O-1"), "2026-11-18T08:00:02Z"));
    shop_.hears(at(payment("ch_1", cny(100), "O-1"), "2026-11-18T08:00:01Z"));
    shop_.hears(refund("re_1", cny(100), "ch_1"));

    // The refund undoes the accepted one's split; the second payment is still the customer's.
    EXPECT_EQ(balances(), (Sums{{"transit:payment:stripe CNY", 100}, {"transit:customer:stripe CNY", -100}}));
}

TEST_F(Intake, SeesWhichPaymentWasFirstWhenABetterDateIsTold) {
    shop_.registers(order("O-1", cny(100)));
    shop_.hears(at(payment("ch_1", cny(100), "O-1"), "2026-11-18T08:00:01Z", 0));
    shop_.hears(at(payment("ch_2", cny(100), "O-1"), "2026-11-18T08:00:02Z"));
    shop_.hears(refund("re_2", cny(40), "ch_2"));
    EXPECT_EQ(balances().at("deferred:orders CNY"), -100);

    // Nothing moved, but ch_1 turns out to be the later one: the refund was the order's.
    EXPECT_EQ(shop_.hears(at(payment("ch_1", cny(100), "O-1"), "2026-11-18T08:00:03Z", 1)), IntakeOutcome::booked);

    EXPECT_EQ(balances().at("deferred:orders CNY"), -60);
    EXPECT_EQ(balances().at("transit:customer:stripe CNY"), -100);
}

// Of two that are as good the earlier is right, whichever came first: ch_1 is the order's payment either way.
TEST_F(Intake, KeepsTheEarlierOfTwoDatesThatAreAsGood) {
    for (const bool earlier_first : {true, false}) {
        const std::string order_id = earlier_first ? "O-1" : "O-2";
        const auto id = [&](const char* number) { return "ch_" + order_id + number; };
        const auto first = payment(id("-1"), cny(100), order_id);
        shop_.registers(order(order_id, cny(100)));
        shop_.hears(at(first, earlier_first ? "2026-11-18T08:00:01Z" : "2026-11-18T08:00:03Z"));
        shop_.hears(at(payment(id("-2"), cny(100), order_id), "2026-11-18T08:00:02Z"));
        shop_.hears(at(first, earlier_first ? "2026-11-18T08:00:03Z" : "2026-11-18T08:00:01Z"));
        shop_.hears(refund("re" + id("-1"), cny(40), id("-1")));
    }
    EXPECT_EQ(balances().at("deferred:orders CNY"), -120);
    EXPECT_EQ(balances().at("transit:customer:stripe CNY"), -200);
}

TEST_F(Intake, RecordsAFailedPaymentAndBooksItsCapture) {
    shop_.registers(order("O-1", cny(100)));
    const auto failed = with_status(payment("ch_1", cny(100), "O-1"), TransactionStatus::failed);
    EXPECT_EQ(shop_.hears(failed), IntakeOutcome::recorded);
    EXPECT_EQ(balances().count("transit:payment:stripe CNY"), 0U);

    EXPECT_EQ(shop_.hears(payment("ch_1", cny(100), "O-1")), IntakeOutcome::booked);
    EXPECT_EQ(shop_.hears(failed), IntakeOutcome::recorded);

    EXPECT_EQ(balances(), (Sums{{"transit:payment:stripe CNY", 100}, {"deferred:orders CNY", -100}}));
}

TEST_F(Intake, TakesDateAndAmountFromTheCaptureNotFromWhatCameBefore) {
    shop_.registers(order("O-1", cny(80)));
    shop_.hears(
        with_status(at(payment("ch_1", cny(100), "O-1"), "2026-11-17T23:00:00Z"), TransactionStatus::processing));
    shop_.hears(at(payment("ch_1", cny(80), "O-1"), "2026-11-18T01:00:00Z"));

    EXPECT_EQ(balances(), (Sums{{"transit:payment:stripe CNY", 80}, {"deferred:orders CNY", -80}}));
    EXPECT_EQ(shop_.movements(), std::vector<std::string>{"stripe|payment|ch_1|captured|80|CNY|O-1|||"
                                                          "2026-11-18T01:00:00.000|2026-11-18|1|{}||t"});
}

TEST_F(Intake, KeepsARefundOfAPaymentWhoseCaptureIsNotToldYetOnce) {
    shop_.hears(with_status(payment("ch_1", cny(100), "O-1"), TransactionStatus::processing));
    shop_.hears(refund("re_1", cny(30), "ch_1"));
    shop_.registers(order("O-1", cny(100)));
    EXPECT_EQ(balances().at("transit:payment:stripe CNY"), -30);

    shop_.hears(payment("ch_1", cny(100), "O-1"));

    EXPECT_EQ(balances(), (Sums{{"transit:payment:stripe CNY", 70}, {"deferred:orders CNY", -70}}));
}

TEST_F(Intake, KeepsTheOrderThatAPaymentNamedFirst) {
    shop_.registers(order("O-1", cny(100)));
    shop_.hears(with_status(payment("ch_1", cny(100), "O-1"), TransactionStatus::failed));
    shop_.hears(payment("ch_1", cny(100), "O-2"));
    shop_.registers(order("O-2", cny(100)));
    shop_.hears(refund("re_1", cny(10), "ch_1"));

    EXPECT_EQ(
        balances(),
        (Sums{{"transit:payment:stripe CNY", 90}, {"receivable:orders CNY", 100}, {"deferred:orders CNY", -190}}));
}

TEST_F(Intake, PostsOneMovementOfTwoEventTypesOnce) {
    for (const bool intent_first : {true, false}) {
        Merchant shop;
        shop.registers(order("O-1", cny(100)));
        auto intent = at(payment("ch_1", cny(100), "O-1"), "2026-11-19T00:00:05Z", 0);
        intent.attributes["payment_intent"] = "pi_1";
        auto charge = at(payment("ch_1", cny(100)), "2026-11-18T23:59:58Z", 1);
        charge.attributes["balance_transaction"] = "txn_1";

        EXPECT_EQ(shop.hears(intent_first ? intent : charge), IntakeOutcome::booked);
        shop.hears(intent_first ? charge : intent);

        EXPECT_EQ(shop.books().balances(), (Sums{{"transit:payment:stripe CNY", 100}, {"deferred:orders CNY", -100}}));
        EXPECT_EQ(shop.movements(),
                  std::vector<std::string>{"stripe|payment|ch_1|captured|100|CNY|O-1|||2026-11-18T23:59:58.000|"
                                           "2026-11-18|1|{\"payment_intent\": \"pi_1\", "
                                           "\"balance_transaction\": \"txn_1\"}||t"});
        EXPECT_EQ(shop.books().complaints(), "");
    }
}

// PCI DSS 3.5.1: of one number, whoever reads what may be shown of it can't read its hash.
TEST_F(Intake, KeepsACardsFingerprintWhereTheServiceCannotReadIt) {
    auto paid = payment("ch_1", cny(100), "O-1");
    paid.masked_card = "622155******0000";
    auto told_again = paid;
    paid.card_fingerprint = "abcdefghijklmnop";
    shop_.hears(with_status(told_again, TransactionStatus::processing));
    shop_.hears(paid);
    told_again.attributes["traceNo"] = "1";
    told_again.card_fingerprint = "ponmlkjihgfedcba";
    shop_.hears(told_again);

    EXPECT_THAT(shop_.movements(), testing::ElementsAre(testing::HasSubstr("622155******0000")));
    const std::string of_tenant = " where tenant_id = '" + shop_.books().tenant().text() + "'";
    EXPECT_THROW(shop_.rows("select card_fingerprint from payments.card_fingerprints where tenant_id = $1"),
                 core::db::DatabaseFailure);
    core::db::Connection admin(books_test_database().admin_connection());
    pqxx::work look(admin.get());
    const auto kept = look.exec("select channel_txn_id, card_fingerprint from payments.card_fingerprints" + of_tenant);
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_STREQ(kept[0][0].c_str(), "ch_1");
    EXPECT_STREQ(kept[0][1].c_str(), "abcdefghijklmnop");
}

TEST_F(Intake, FollowsARefundThatNamesOnlyItsPayment) {
    shop_.registers(order("O-1", cny(100), kMarketplace));
    shop_.hears(payment("611111202611180800000000001", cny(100), "O-1"));
    auto told = refund("611111202611180900000000002", cny(100), "611111202611180800000000001");
    told.own_order_id = "R-1";
    shop_.hears(told);

    EXPECT_EQ(balances(), Sums{});
}

TEST_F(Intake, FollowsARefundWhosePaymentIsToldLater) {
    shop_.registers(order("O-1", cny(100)));
    auto by_order = refund("re_1", cny(30), "");
    by_order.merchant_order_id = core::MerchantOrderId("O-1");
    shop_.hears(by_order);
    shop_.hears(refund("re_1", cny(30), "ch_1"));
    EXPECT_EQ(balances().at("transit:payment:stripe CNY"), -30);
    shop_.hears(payment("ch_1", cny(100)));
    shop_.hears(payment("ch_2", cny(100), "O-1"));

    // ch_1 belongs to no order, and so its refund is not O-1's.
    EXPECT_EQ(balances(), (Sums{{"transit:payment:stripe CNY", 170},
                                {"transit:customer:stripe CNY", -70},
                                {"deferred:orders CNY", -100}}));
}

TEST_F(Intake, UndoesAPaymentByItsReversal) {
    shop_.registers(order("O-1", cny(100), kMarketplace));
    shop_.hears(payment("q1", cny(100), "O-1"));
    auto reversal = movement(TransactionType::reversal, "q2", cny(-100));
    reversal.related_txn_id = core::ChannelTxnId("q1");
    shop_.hears(reversal);

    EXPECT_EQ(balances(), Sums{});
}

TEST_F(Intake, UndoesARefundByItsReversal) {
    shop_.registers(order("O-1", cny(100), kMarketplace));
    shop_.hears(payment("ch_1", cny(100), "O-1"));
    auto back = movement(TransactionType::reversal, "re_1", cny(40));
    back.related_txn_id = core::ChannelTxnId("ch_1");
    back.attributes["reverses"] = "refund";
    // One message tells both, as Stripe's refund.failed does.
    EXPECT_EQ(shop_.hears(message("evt_1", {refund("re_1", cny(40), "ch_1"), back})), IntakeOutcome::booked);

    EXPECT_EQ(balances(),
              (Sums{{"transit:payment:stripe CNY", 100}, {"payable:seller CNY", -93}, {"income:commission CNY", -7}}));
}

TEST_F(Intake, TakesADisputeFromTheFundsAndPutsItBack) {
    shop_.registers(order("O-1", cny(100)));
    shop_.hears(payment("ch_1", cny(100), "O-1"));
    auto dispute = movement(TransactionType::dispute, "dp_1", cny(-100));
    dispute.related_txn_id = core::ChannelTxnId("ch_1");
    shop_.hears(dispute);
    EXPECT_EQ(balances().at("transit:funds:stripe CNY"), -100);
    EXPECT_EQ(balances().at("transit:customer:stripe CNY"), 100);

    auto reinstated = movement(TransactionType::reversal, "dp_1", cny(100));
    reinstated.related_txn_id = core::ChannelTxnId("ch_1");
    reinstated.attributes["reverses"] = "dispute";
    shop_.hears(reinstated);

    EXPECT_EQ(balances(), (Sums{{"transit:payment:stripe CNY", 100}, {"deferred:orders CNY", -100}}));
}

TEST_F(Intake, BooksAPayoutToTheBankAndBackWhenItFails) {
    shop_.hears(movement(TransactionType::payout, "po_1", cny(-500)));
    EXPECT_EQ(balances(), (Sums{{"bank:stripe CNY", 500}, {"transit:funds:stripe CNY", -500}}));

    auto failed = movement(TransactionType::reversal, "po_1", cny(500));
    failed.attributes["reverses"] = "payout";
    shop_.hears(failed);

    EXPECT_EQ(balances(), Sums{});
}

TEST_F(Intake, CountsTheDeliveriesOfOneMessage) {
    const auto told = message("evt_1", {payment("ch_1", cny(100))});
    EXPECT_EQ(shop_.hears(told), IntakeOutcome::booked);
    EXPECT_EQ(shop_.hears(told), IntakeOutcome::repeated);
    EXPECT_EQ(shop_.hears(told), IntakeOutcome::repeated);

    EXPECT_EQ(shop_.rows("select event_id || ' ' || deliveries from payments.inbox where tenant_id = $1"),
              std::vector<std::string>{"evt_1 3"});
    EXPECT_EQ(entries(), 1);
}

TEST_F(Intake, PostsOnceWhatComesSixtyFourTimesAtOnce) {
    shop_.registers(order("O-1", cny(100)));
    const auto told = message("evt_1", {payment("ch_1", cny(100), "O-1")});
    constexpr int kThreads = 16;
    constexpr int kDeliveriesEach = 4;
    std::atomic<int> booked{0};
    std::atomic<int> failed{0};
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < kDeliveriesEach; ++n) {
                try {
                    booked += shop_.hears(told) == IntakeOutcome::booked ? 1 : 0;
                } catch (const core::Failure&) {
                    ++failed;
                }
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }

    EXPECT_EQ(failed, 0);
    EXPECT_EQ(booked, 1);
    EXPECT_EQ(balances(), (Sums{{"transit:payment:stripe CNY", 100}, {"deferred:orders CNY", -100}}));
    EXPECT_EQ(entries(), 2);
    EXPECT_EQ(shop_.rows("select deliveries::text from payments.inbox where tenant_id = $1"),
              std::vector<std::string>{"64"});
}

TEST_F(Intake, BooksOneOrdersEventsThatComeAtOnce) {
    std::vector<std::thread> threads;
    std::atomic<int> failed{0};
    const auto run = [&](auto act) {
        threads.emplace_back([&failed, act] {
            try {
                act();
            } catch (const core::Failure&) {
                ++failed;
            }
        });
    };
    for (int i = 0; i < 8; ++i) {
        const auto number = std::to_string(i);
        run([this, number] {
            shop_.hears(message("p" + number, {at(payment("ch_" + number, cny(100), "O-1"), "2026-11-18T08:00:00Z")}));
        });
        run([this, number] { shop_.hears(message("r" + number, {refund("re_" + number, cny(10), "ch_" + number)})); });
    }
    run([this] { shop_.registers(order("O-1", cny(100), kMarketplace)); });
    for (auto& thread : threads) {
        thread.join();
    }

    EXPECT_EQ(failed, 0);
    EXPECT_EQ(balances(), (Sums{{"transit:payment:stripe CNY", 720},
                                {"transit:customer:stripe CNY", -630},
                                {"payable:seller CNY", -83},
                                {"income:commission CNY", -7}}));
}

TEST_F(Intake, KeepsTenantsApart) {
    const Merchant other;
    shop_.registers(order("O-1", cny(100)));
    other.hears(message("evt_1", {payment("ch_1", cny(100), "O-1")}));

    EXPECT_EQ(balances(), (Sums{{"receivable:orders CNY", 100}, {"deferred:orders CNY", -100}}));
    EXPECT_EQ(shop_.movements(), std::vector<std::string>{});
    EXPECT_EQ(other.movements().size(), 1U);
}

TEST_F(Intake, KeepsTheAmountOfWhatIsBooked) {
    shop_.hears(payment("ch_1", cny(100)));
    EXPECT_EQ(shop_.hears(payment("ch_1", cny(900))), IntakeOutcome::recorded);

    EXPECT_EQ(balances(), (Sums{{"transit:payment:stripe CNY", 100}, {"transit:customer:stripe CNY", -100}}));
    try {
        shop_.rows("update payments.movements set amount_minor = 900 where tenant_id = $1 returning '1'");
        FAIL() << "the database changed a booked amount";
    } catch (const core::db::DatabaseFailure& refused) {
        EXPECT_EQ(refused.constraint(), "movements_booked_amount");
    }
}

}  // namespace
}  // namespace payments

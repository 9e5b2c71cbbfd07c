#include "payments/channels/stripe/stripe.h"
#include "core/archive.h"
#include "tests/fuzz/seeds/seeds.h"
#include "tests/unit/channel_stripe/support.h"

namespace fuzz::seeds {
namespace {

namespace test = payments::stripe::test;

const std::string kIntent =
    R"({"id":"pi_A","object":"payment_intent","amount":10000,"amount_received":10000,"currency":"usd",)"
    R"("created":1788254098,"status":"succeeded","metadata":{"order_id":"ORD-1"},"latest_charge":"ch_A"})";
const std::string kDispute =
    R"({"id":"du_A","object":"dispute","amount":4995,"currency":"eur","charge":"ch_A","payment_intent":"pi_A",)"
    R"("created":1788336000,"metadata":{},"status":"needs_response","balance_transactions":[{"id":"txn_8",)"
    R"("object":"balance_transaction","amount":-4995,"fee":1500,"net":-6495,"created":1788336000,"currency":"eur",)"
    R"("reporting_category":"dispute","source":"du_A"}]})";
const std::string kPayout =
    R"({"id":"po_A","object":"payout","amount":9591,"currency":"usd","created":1788480600,"arrival_date":1788739200,)"
    R"("balance_transaction":"txn_12","failure_balance_transaction":null,"status":"paid","metadata":{}})";

std::vector<std::string> events() {
    return {test::event("charge.succeeded", test::charge()),
            test::event("charge.succeeded", test::charge(R"(,"livemode":true)", "500", "jpy")),
            test::event("charge.succeeded", test::charge("", "505", "isk")),
            test::event("charge.failed", replaced(test::charge(), R"("paid":true)", R"("paid":false)")),
            test::event("payment_intent.succeeded", kIntent),
            test::event("refund.created", test::refund("succeeded", R"("txn_4")")),
            test::event("refund.failed", test::refund("failed", R"("txn_4")", R"("txn_11")")),
            test::event("charge.dispute.funds_withdrawn", kDispute),
            test::event("charge.dispute.funds_reinstated", kDispute),
            test::event("payout.paid", kPayout),
            test::event("payout.failed", replaced(kPayout, "null", R"("txn_13")")),
            test::event("customer.created", R"({"id":"cus_1","object":"customer"})"),
            "{}",
            "[]",
            "4242424242424242"};
}

std::string simulated_report() {
    const auto simulator = payments::stripe::make_simulator("fuzz", 7);
    payments::Random random(7);
    const auto dollar = *core::Currency::from_code("USD");
    const core::BusinessDay day{date::year{2026} / 11 / 18};
    payments::SimulatedTransaction payment{.merchant_order_id = "ORD-1",
                                           .own_order_id = {},
                                           .amount = {24650, dollar},
                                           .occurred_at = core::Instant(date::sys_days(day)) + std::chrono::hours(7),
                                           .business_day = day,
                                           .fee = {745, dollar},
                                           .channel_txn_id = {},
                                           .related_txn_id = {},
                                           .attributes = {},
                                           .channel_status = {}};
    simulator->assign_ids(payment, nullptr, random);
    auto refund = payment;
    refund.type = payments::TransactionType::refund;
    refund.fee = {0, dollar};
    simulator->assign_ids(refund, &payment, random);
    const auto files = simulator->statement(day, {payment, refund}, {}, random);
    return core::unpack(files.front().bytes)->front().bytes;
}

const std::string kPayoutReport =
    "automatic_payout_id,automatic_payout_effective_at,balance_transaction_id,created,available_on,currency,gross,fee,"
    "net,reporting_category,source_id,description\n"
    "po_1,2026-11-20,txn_1,2026-11-18 07:00:00,2026-11-20,usd,100,3.2,96.8,charge,ch_1,d\n"
    "po_1,2026-11-20,txn_2,2026-11-18 08:00:00,2026-11-20,usd,-96.8,0,-96.8,payout,po_1,\n"
    "po_1,2026-11-20,txn_3,2026-11-18 09:00:00,2026-11-20,usd,-10.00,15,-25.00,dispute,du_1,\n"
    "po_1,2026-11-20,txn_4,2026-11-18 10:00:00,2026-11-20,jpy,0,30,-30,fee,,\n";

}  // namespace

void write_stripe(Writer& writer) {
    writer.add("stripe_callback", "1", events());
    writer.add("stripe_callback", "0", {"{}", "#Stripe-Signature: t=1795000000,v1=00\n{}"});
    writer.add("stripe_signature", {"t=@,v1=$", "t=@,v1=%,v0=x", "t=@,v1=00,v1=$", "t=@,t=@,v1=$", "v1=$", "t=@",
                                    "t=1794999700,v1=$", "t=@,,v1=$", "t=@, v1=$", "t=@,v1=$=", "T=@,v1=$"});
    const auto report = simulated_report();
    writer.add("stripe_statement", "0", {report, core::gzip(report), replaced(report, "\"", "")});
    writer.add("stripe_statement", "1", {kPayoutReport, report});
    writer.add(
        "stripe_statement", "2",
        {"payout_id,effective_at,currency,gross,fee,net,balance_transaction_id,reporting_category,payout_status\n"
         "po_1,2026-11-20,usd,-100,0,-100,txn_1,payout,paid\npo_2,2026-11-20,usd,5.5,0,5.50,txn_2,payout_reversal,"
         "failed\n"});
    writer.add("stripe_statement", "3",
               {"category,description,net_amount,currency\nstarting_balance,,1.00,usd\nactivity,,2.50,usd\npayouts,,-1."
                "50,usd\n"
                "ending_balance,,2.00,usd\n"});
}

}  // namespace fuzz::seeds

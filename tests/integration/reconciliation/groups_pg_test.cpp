// Payments that add up: one that the channel lists in parts, and several that it lists as one.
#include <thread>

#include "core/db/work.h"
#include "reconciliation/impl/day_store.h"
#include "tests/integration/reconciliation/unusual_day.h"

namespace reconciliation::test {
namespace {

using config::MatchRule;
using testing::IsEmpty;

class AddedUp : public UnusualDay {
protected:
    AddedUp() : random_(5) {
        scenario_.orders.clear();
        scenario_.callbacks.clear();
        shop_.judge_no_fees();
    }

    payments::SimulatedTransaction payment(const std::string& order, std::int64_t minor,
                                           std::chrono::minutes before_cut = std::chrono::hours(6)) {
        const auto& simulator = world_.simulator();
        payments::SimulatedTransaction one{TransactionType::payment,
                                           order,
                                           {},
                                           core::Money(minor, simulator.currency()),
                                           core::day_end(kFirst, simulator.day_cut()) - before_cut,
                                           kFirst,
                                           core::Money(0, simulator.currency()),
                                           {},
                                           {},
                                           {},
                                           {}};
        simulator.assign_ids(one, nullptr, random_);
        return one;
    }
    void tell(const payments::SimulatedTransaction& told) {
        told_.push_back(told);
        scenario_.orders = {{told.merchant_order_id, told.amount, told.occurred_at - std::chrono::minutes(1), {}}};
        scenario_.callbacks.clear();
        for (auto& callback : world_.simulator().callbacks(told, kSigned, random_)) {
            scenario_.callbacks.push_back({std::move(callback), false});
        }
        shop_.register_orders(scenario_);
        shop_.take_in(scenario_, kSigned);
    }
    // The same transactions, dated a day later: a statement takes only what it dates on its own day.
    static std::vector<payments::SimulatedTransaction> a_day_later(std::vector<payments::SimulatedTransaction> listed) {
        for (auto& one : listed) {
            one.occurred_at += std::chrono::hours(24);
            one.business_day = core::day_after(one.business_day);
        }
        return listed;
    }
    ReviewList reconcile(core::BusinessDay day, const std::vector<payments::SimulatedTransaction>& listed) {
        return shop_.reconcile(day, world_.simulator().statement(day, listed, {}, random_));
    }
    void add_up(MatchRule::Kind kind, std::optional<std::int64_t> absolute = {}) {
        MatchRule rule{"parts", {}, {}, world_.simulator().currency(), absolute, {}, core::Rounding::down, {}};
        rule.kind = kind;
        rule.group_by = kind == MatchRule::Kind::one_to_many ? MatchRule::GroupBy::merchant_order_id
                                                             : MatchRule::GroupBy::business_date;
        shop_.set_rules({rule});
    }
    Minor of(std::int64_t minor) const { return {{std::string(world_.simulator().currency().code()), minor}}; }
    std::int64_t count(const std::string& what) {
        core::db::TenantTransaction transaction(test_support::shops_database(), shop_.id());
        return core::db::run(transaction, ("select count(*) from " + what).c_str())[0][0].as<std::int64_t>();
    }

    payments::Random random_;
    std::vector<payments::SimulatedTransaction> told_;
};

TEST_P(AddedUp, PartsOfAPaymentSettleIt) {
    add_up(MatchRule::Kind::one_to_many);
    tell(payment("WHOLE", 10'000));
    const std::vector<payments::SimulatedTransaction> parts = {payment("WHOLE", 6'000), payment("WHOLE", 4'000)};
    const auto list = reconcile(kFirst, parts);

    EXPECT_THAT(list.discrepancies, IsEmpty());
    EXPECT_EQ(list.summary.matched, 1U);
    EXPECT_EQ(list.summary.matched_by_rule.at("parts"), 1U);
    EXPECT_EQ(payment_account(), Minor());
    EXPECT_EQ(funds_account(), of(10'000));
    EXPECT_EQ(count("reconciliation.rule_matches"), 3);
    const auto entries = shop_.entries();
    EXPECT_EQ(reconcile(kFirst, parts).summary.digest, list.summary.digest);
    EXPECT_EQ(shop_.entries(), entries);
    EXPECT_EQ(count("reconciliation.rule_matches"), 3);
}

TEST_P(AddedUp, PartsAreDifferencesOnceTheRuleIsGone) {
    add_up(MatchRule::Kind::one_to_many);
    tell(payment("WHOLE", 10'000));
    const std::vector<payments::SimulatedTransaction> parts = {payment("WHOLE", 6'000), payment("WHOLE", 4'000)};
    reconcile(kFirst, parts);
    shop_.set_rules({});
    const auto list = reconcile(kFirst, parts);

    EXPECT_EQ(list.discrepancies.size(), 3U);
    EXPECT_EQ(payment_account(), of(10'000));
    EXPECT_EQ(customer_account(), of(-10'000));
    EXPECT_EQ(count("reconciliation.rule_matches"), 0);
}

TEST_P(AddedUp, PaymentsThatAreListedAsOneLeaveNothingInTransit) {
    add_up(MatchRule::Kind::many_to_one, 2);
    tell(payment("FIRST", 6'000));
    tell(payment("SECOND", 4'000));
    const auto list = reconcile(kFirst, {payment("BATCH", 9'999)});

    EXPECT_THAT(list.discrepancies, IsEmpty());
    EXPECT_EQ(payment_account(), Minor());
    EXPECT_EQ(funds_account(), of(9'999));
    EXPECT_EQ(shop_.balance("expense:reconciliation"), of(1));
    EXPECT_EQ(count("reconciliation.matches"), 2);
}

TEST_P(AddedUp, WhatSimplyAgreedAndIsListedAgainIsARepeat) {
    tell(payment("ONCE", 10'000));
    tell(payment("OTHER", 3'000));
    const auto first = reconcile(kFirst, told_);
    EXPECT_THAT(first.discrepancies, IsEmpty());
    EXPECT_EQ(count("reconciliation.agreed_movements"), 1) << "one set of both";
    EXPECT_EQ(count("reconciliation.matches"), 0);
    const auto again = reconcile(kSecond, a_day_later(told_));

    EXPECT_EQ(again.discrepancies.size(), 2U);
    EXPECT_EQ(again.summary.discrepancies.at(DiscrepancyKind::duplicate_in_channel), 2U);
    EXPECT_EQ(funds_account(), of(13'000)) << "settled once";
}

TEST_P(AddedUp, PartsThatAreListedAgainAreRepeats) {
    add_up(MatchRule::Kind::one_to_many);
    tell(payment("WHOLE", 10'000));
    const std::vector<payments::SimulatedTransaction> parts = {payment("WHOLE", 6'000), payment("WHOLE", 4'000)};
    reconcile(kFirst, parts);
    const auto list = reconcile(kSecond, a_day_later(parts));

    EXPECT_EQ(list.summary.discrepancies.at(DiscrepancyKind::duplicate_in_channel), 2U);
    EXPECT_EQ(funds_account(), of(10'000));
}

// Both days' runs could settle the payment with the parts, which both statements list.
TEST_P(AddedUp, RecordsAreUsedOnceHoweverManyRunsGoAtATime) {
    add_up(MatchRule::Kind::one_to_many);
    tell(payment("WHOLE", 10'000, std::chrono::minutes(5)));
    const std::vector<payments::SimulatedTransaction> parts = {payment("WHOLE", 6'000), payment("WHOLE", 4'000)};
    reconcile(kFirst, {});
    const auto first = world_.simulator().statement(kFirst, parts, {}, random_);
    const auto second = world_.simulator().statement(kSecond, a_day_later(parts), {}, random_);
    std::thread one([&] { shop_.reconcile(kFirst, first); });
    std::thread other([&] { shop_.reconcile(kSecond, second); });
    one.join();
    other.join();

    EXPECT_EQ(count("reconciliation.matches"), 1);
    EXPECT_EQ(count("reconciliation.rule_matches"), 3);
    EXPECT_EQ(count("(select distinct business_date from reconciliation.rule_matches) as days"), 1)
        << "one day's run has all of it";
    EXPECT_EQ(payment_account(), Minor());
}

TEST_P(AddedUp, RecordsAreUsedOnceWhoeverWrites) {
    add_up(MatchRule::Kind::one_to_many);
    tell(payment("WHOLE", 10'000));
    const auto part = payment("WHOLE", 6'000);
    reconcile(kFirst, {part, payment("WHOLE", 4'000)});
    reconcile(kSecond, {});

    core::db::TenantTransaction transaction(test_support::shops_database(), shop_.id());
    Record line;
    line.channel_txn_id = part.channel_txn_id;
    line.currency = "CNY";
    core::db::Trip trip(transaction);
    store_rule_uses(trip, shop_.id().text(), GetParam(), kSecond, {{Side::channel, kSecond, "parts", 1, line}});
    EXPECT_THROW(trip.run(), core::Failure);
}

class Shadow : public AddedUp {
protected:
    reconciliation::ShadowInput input(core::BusinessDay day,
                                      const std::vector<payments::SimulatedTransaction>& listed) {
        return {day, [files = world_.simulator().statement(day, listed, {}, random_)] { return files; }};
    }
    MatchRule parts() {
        MatchRule rule{"others", {}, {}, world_.simulator().currency(), {}, {}, core::Rounding::down, {}};
        rule.kind = MatchRule::Kind::one_to_many;
        return rule;
    }
};

TEST_P(Shadow, SaysWhatOtherRulesWouldMatchAndChangesNothing) {
    tell(payment("WHOLE", 10'000));
    const std::vector<payments::SimulatedTransaction> listed = {payment("WHOLE", 6'000), payment("WHOLE", 4'000)};
    reconcile(kFirst, listed);
    const auto entries = shop_.entries();
    const auto days = shop_.shadow({input(kFirst, listed), input(kSecond, {})}, {parts()});

    ASSERT_EQ(days.size(), 2U);
    EXPECT_EQ(days[0].before.matched, 0U);
    EXPECT_EQ(days[0].after.matched_by_rule.at("others"), 1U);
    ASSERT_EQ(days[0].changes.size(), 3U);
    for (const auto& change : days[0].changes) {
        EXPECT_EQ(change.kind, reconciliation::ShadowChange::Kind::newly_matched);
    }
    EXPECT_THAT(days[1].changes, IsEmpty());
    EXPECT_EQ(shop_.entries(), entries);
    EXPECT_EQ(count("reconciliation.rule_matches"), 0);
    EXPECT_EQ(count("reconciliation.runs"), 1);
    EXPECT_EQ(reconcile(kFirst, listed).discrepancies.size(), 3U);
}

TEST_P(Shadow, SaysWhatWouldMatchNoLonger) {
    add_up(MatchRule::Kind::one_to_many);
    tell(payment("WHOLE", 10'000));
    const std::vector<payments::SimulatedTransaction> listed = {payment("WHOLE", 6'000), payment("WHOLE", 4'000)};
    reconcile(kFirst, listed);
    const auto days = shop_.shadow({input(kFirst, listed)}, {});

    EXPECT_EQ(days[0].before.matched, 1U);
    ASSERT_EQ(days[0].changes.size(), 3U);
    for (const auto& change : days[0].changes) {
        EXPECT_EQ(change.kind, reconciliation::ShadowChange::Kind::no_longer_matched);
    }
    EXPECT_EQ(count("reconciliation.rule_matches"), 3);
}

// What one day leaves waiting, the next day clears only where the first left it.
TEST_P(Shadow, CarriesFromDayToDay) {
    tell(payment("WHOLE", 10'000, std::chrono::minutes(5)));
    const auto listed = a_day_later({payment("WHOLE", 6'000), payment("WHOLE", 4'000)});
    const auto days = shop_.shadow({input(kFirst, {}), input(kSecond, listed)}, {parts()});

    EXPECT_THAT(days[0].changes, IsEmpty());
    EXPECT_EQ(days[1].after.cleared, 1U);
    EXPECT_EQ(days[1].changes.size(), 3U);
    EXPECT_THAT(reconciliation::shadow_json(days), testing::HasSubstr("\"change\": \"newly_matched\""));
}

INSTANTIATE_TEST_SUITE_P(, Shadow, testing::Values("wechatpay", "unionpay", "stripe"),
                         [](const auto& row) { return std::string(row.param); });

INSTANTIATE_TEST_SUITE_P(, AddedUp, testing::Values("wechatpay", "unionpay", "stripe"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace reconciliation::test

// Days that are closed: what keeps them open, and that late callbacks and reruns lose nothing.
#include "ledger/closing.h"
#include "reconciliation/closing.h"
#include "tests/integration/reconciliation/unusual_day.h"

namespace reconciliation::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::UnorderedElementsAreArray;

class ClosedDay : public UnusualDay {
protected:
    std::vector<Rest> rests(core::BusinessDay until, std::optional<core::BusinessDay> before = std::nullopt) {
        core::db::TenantTransaction transaction(test_support::shops_database(), shop_.id());
        return rests_before_close(transaction, {GetParam()}, before, until);
    }
    // Each once, though it may have two currencies.
    static std::vector<std::string> places(const std::vector<Rest>& rests) {
        std::vector<std::string> places;
        for (const auto& rest : rests) {
            if (places.empty() || places.back() != rest.where) {
                places.push_back(rest.where);
            }
        }
        return places;
    }
    std::string funds() const { return "transit:funds:" + std::string(GetParam()); }
    void close(core::BusinessDay until) {
        ledger::close(test_support::shops_database(), shop_.id(), until, "", key_, clock_);
    }
    std::vector<std::string> breaches() {
        core::db::TenantTransaction transaction(test_support::shops_database(), shop_.id());
        auto found = ledger::verify_seals(transaction, key_.public_key());
        for (auto& breach : ledger::verify_closes(transaction, key_.public_key())) {
            found.push_back(std::move(breach));
        }
        return found;
    }

    ledger::SealKey key_{core::KeyBytes(std::string(32, 's'))};
    core::FixedClock clock_{kSigned};
};

TEST_P(ClosedDay, NeedsARunOfEachDay) {
    shop_.register_orders(scenario_);
    shop_.take_in(scenario_, kSigned);
    const std::string channel = GetParam();
    EXPECT_THAT(places(rests(kSecond)), Contains(channel + " 2026-11-17 to 2026-11-18"));
    shop_.reconcile(scenario_.statements[0]);
    EXPECT_THAT(places(rests(kFirst)), ElementsAre(funds()));
    EXPECT_THAT(places(rests(kSecond)), Contains(channel + " 2026-11-18"));
    shop_.reconcile(scenario_.statements[1]);
    EXPECT_THAT(places(rests(kSecond)), ElementsAre(funds()));
    EXPECT_THAT(places(rests(kSecond, kFirst)), ElementsAre(funds()));
}

TEST_P(ClosedDay, NamesAMovementThatNoRunHasSeen) {
    const auto late = some(TransactionType::payment, kFirst);
    take_in_all_but(late);
    shop_.reconcile(scenario_.statements[0]);
    take_in_only(late);
    const auto found = rests(kFirst);
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found[0].where, std::string(GetParam()) + " 2026-11-17");
    EXPECT_EQ(found[0].what,
              "1 movements came after the day's run, payment " + late.channel_txn_id.text() + " the first");
    shop_.reconcile(scenario_.statements[0]);
    EXPECT_THAT(places(rests(kFirst)), ElementsAre(funds()));
}

// The next day's run has the movement, so that a rerun of its own day can't have it.
TEST_P(ClosedDay, NamesTheDayWhoseRunHasUsedALateMovement) {
    const auto late = some(TransactionType::payment, kFirst);
    take_in_all_but(late);
    shop_.reconcile(scenario_.statements[0]);
    take_in_only(late);
    shop_.reconcile(scenario_.statements[1]);
    const auto before = rests(kFirst);
    ASSERT_FALSE(before.empty());
    EXPECT_EQ(before[0].where, std::string(GetParam()) + " 2026-11-17");
    EXPECT_EQ(before[0].what, "1 movements came after the day's run, payment " + late.channel_txn_id.text() +
                                  " the first, and the run of 2026-11-18 has used them");
    EXPECT_EQ(before[0].remedy, "close up to 2026-11-18, on which they are proved");
    shop_.reconcile(scenario_.statements[0]);
    EXPECT_EQ(rests(kFirst)[0].what, before[0].what) << "what the remedy was before doesn't help";
    EXPECT_THAT(places(rests(kSecond)), ElementsAre(funds())) << "what it says now does";
}

TEST_P(ClosedDay, NamesAnAccountThatSomebodyPostedTo) {
    shop_.register_orders(scenario_);
    shop_.take_in(scenario_, kSigned);
    shop_.reconcile(scenario_.statements[0]);
    const auto currency = some(TransactionType::payment, kFirst).amount.currency();
    core::db::TenantTransaction transaction(test_support::shops_database(), shop_.id());
    const auto entry = ledger::Entry::make({"manual", "by hand", "", "by hand", kSigned, kFirst},
                                           {{ledger::Account::transit_payment(GetParam()), {7, currency}},
                                            {ledger::Account::transit_customer(GetParam()), {-7, currency}}});
    ledger::post(transaction, *entry);
    transaction.commit();
    const std::string channel = GetParam();
    EXPECT_THAT(places(rests(kFirst)),
                ElementsAre("transit:payment:" + channel, "transit:customer:" + channel, funds()));
}

// The callback comes when its day is closed: booked on the first open day, and cleared by the next day's run.
TEST_P(ClosedDay, TakesALateCallbackIn) {
    const auto late = some(TransactionType::payment, kFirst);
    take_in_all_but(late);
    shop_.reconcile(scenario_.statements[0]);
    close(kFirst);
    take_in_only(late);
    const auto next = shop_.reconcile(scenario_.statements[1]);
    EXPECT_THAT(rows_of(next), UnorderedElementsAreArray(rows_expected(scenario_, kSecond)));
    expect_as_undisturbed();
    EXPECT_THAT(places(rests(kSecond, kFirst)), ElementsAre(funds()));
    close(kSecond);
    EXPECT_THAT(breaches(), ElementsAre());
}

TEST_P(ClosedDay, RunsAgainWithTheSameListAndWhatItFindsThenStandsInOpenDays) {
    const auto late = some(TransactionType::payment, kFirst);
    take_in_all_but(late);
    const auto before = shop_.reconcile(scenario_.statements[0]);
    close(kFirst);
    const auto entries = shop_.entries();
    EXPECT_EQ(rows_of(shop_.reconcile(scenario_.statements[0])), rows_of(before));
    EXPECT_EQ(shop_.entries(), entries) << "a rerun posts nothing";

    take_in_only(late);
    const auto after = shop_.reconcile(scenario_.statements[0]);
    EXPECT_THAT(rows_of(after), UnorderedElementsAreArray(rows_expected(scenario_, kFirst)));
    shop_.reconcile(scenario_.statements[1]);
    expect_as_undisturbed();
    EXPECT_THAT(breaches(), ElementsAre());
}

INSTANTIATE_TEST_SUITE_P(, ClosedDay, testing::Values("unionpay", "wechatpay", "stripe"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace reconciliation::test

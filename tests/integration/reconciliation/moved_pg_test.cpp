// A better message gives a movement another business day, after a run used it on the day that it had.
#include "core/db/work.h"
#include "reconciliation/queue.h"
#include "tests/integration/reconciliation/payment_near_the_cut.h"

namespace reconciliation::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Moved : public PaymentNearTheCut {
protected:
    void tell_as_of(core::BusinessDay day) {
        tell(of_day(day));
        shop_.take_in(scenario_, kSigned);
        core::db::TenantTransaction transaction(test_support::shops_database(), shop_.id());
        ASSERT_EQ(core::db::run(transaction, "select business_date::text from payments.movements")[0][0].c_str(),
                  core::format_day(day));
    }
    ReviewList reconcile(core::BusinessDay day, bool is_listed) {
        return shop_.reconcile(
            day, listing(day, is_listed ? std::vector{of_day(day)} : std::vector<payments::SimulatedTransaction>{}));
    }
    std::vector<core::BusinessDay> to_repeat() {
        std::vector<core::BusinessDay> days;
        for (const auto& key : days_to_repeat(test_support::shops_database(), {shop_.id()})) {
            days.push_back(key.day);
        }
        return days;
    }
};

TEST_P(Moved, StaysWithTheDayThatUsedItAndIsNotMissingOnItsNewOne) {
    tell_as_of(kSecond);
    EXPECT_THAT(rows_about_money(reconcile(kSecond, true)), IsEmpty());
    tell_as_of(kFirst);
    EXPECT_THAT(rows_about_money(reconcile(kFirst, false)), IsEmpty());
    EXPECT_THAT(to_repeat(), ElementsAre(kSecond));
    EXPECT_THAT(rows_about_money(reconcile(kSecond, true)), IsEmpty());
    EXPECT_THAT(to_repeat(), IsEmpty());
    EXPECT_EQ(funds_account().begin()->second, 12'345);
    EXPECT_THAT(payment_account(), IsEmpty());
}

TEST_P(Moved, LineOnItsNewDayRepeatsThatOfTheDayThatUsedIt) {
    tell_as_of(kSecond);
    EXPECT_THAT(rows_about_money(reconcile(kSecond, true)), IsEmpty());
    tell_as_of(kFirst);
    EXPECT_EQ(rows_about_money(reconcile(kFirst, true)), std::vector<Row>{row(DiscrepancyKind::duplicate_in_channel)});
    EXPECT_EQ(funds_account().begin()->second, 12'345);
}

TEST_P(Moved, MissingOnTheDayThatItHadIsFoundOnItsNewOne) {
    tell_as_of(kSecond);
    EXPECT_EQ(rows_about_money(reconcile(kSecond, false)), std::vector<Row>{row(DiscrepancyKind::missing_in_channel)});
    tell_as_of(kFirst);
    EXPECT_THAT(rows_about_money(reconcile(kFirst, true)), IsEmpty());
    EXPECT_THAT(to_repeat(), ElementsAre(kSecond));
    EXPECT_THAT(rows_about_money(reconcile(kSecond, false)), IsEmpty());
    EXPECT_THAT(to_repeat(), IsEmpty());
    EXPECT_EQ(funds_account().begin()->second, 12'345);
    EXPECT_THAT(payment_account(), IsEmpty());
}

TEST_P(Moved, TheDayThatUsedItIsTheSameWhenRunAgainFirst) {
    tell_as_of(kSecond);
    const auto before = reconcile(kSecond, true);
    tell_as_of(kFirst);
    const auto after = reconcile(kSecond, true);
    EXPECT_THAT(rows_about_money(after), IsEmpty());
    EXPECT_EQ(after.summary.displaced, 1U);
    EXPECT_EQ(after.summary.matched, before.summary.matched);
    EXPECT_THAT(to_repeat(), IsEmpty());
    EXPECT_THAT(rows_about_money(reconcile(kFirst, false)), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(, Moved, testing::Values("unionpay", "wechatpay", "stripe"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace reconciliation::test

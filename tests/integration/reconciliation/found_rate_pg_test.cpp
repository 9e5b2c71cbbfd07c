// Fees that aren't the contract's, by a rate that can be found.
#include "tests/integration/reconciliation/unusual_day.h"

namespace reconciliation::test {
namespace {

using testing::HasSubstr;

class ChargedByAnotherRate : public UnusualDay {
protected:
    // Payments charged two percent, of which the contract knows nothing.
    std::vector<payments::SimulatedTransaction> charged(std::int64_t basis_points) {
        const auto& simulator = world_.simulator();
        std::vector<payments::SimulatedTransaction> listed;
        for (const std::int64_t minor : {12'345, 99'999, 54'321, 4'567, 88'010}) {
            const auto fee = *core::scaled(minor, basis_points, 10'000, core::Rounding::half_up);
            listed.push_back({TransactionType::payment,
                              "CHARGED-" + std::to_string(minor),
                              {},
                              core::Money(minor, simulator.currency()),
                              core::day_end(kFirst, simulator.day_cut()) - std::chrono::hours(6),
                              kFirst,
                              core::Money(fee, simulator.currency()),
                              {},
                              {},
                              {},
                              {}});
            simulator.assign_ids(listed.back(), nullptr, random_);
        }
        return listed;
    }

    payments::Random random_{5};
};

TEST_P(ChargedByAnotherRate, IsToldTheRate) {
    const auto list = shop_.reconcile(kFirst, world_.simulator().statement(kFirst, charged(200), {}, random_));

    ASSERT_EQ(list.summary.found_rates.size(), 1U);
    const auto& found = list.summary.found_rates.front();
    EXPECT_EQ(found.basis_points, 200);
    EXPECT_EQ(found.fixed_minor, 0);
    EXPECT_EQ(found.payments, 5U);
    EXPECT_EQ(found.fitting, 5U);
    EXPECT_EQ(found.contract_fitting, 0U);
    EXPECT_THAT(shop_.file(kFirst, "summary.json"), HasSubstr("\"basis_points\": 200"));
    EXPECT_THAT(shop_.file(kFirst, "review.csv"), HasSubstr("5 were charged 200 basis points"));
}

INSTANTIATE_TEST_SUITE_P(, ChargedByAnotherRate, testing::Values("wechatpay", "unionpay", "stripe"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace reconciliation::test

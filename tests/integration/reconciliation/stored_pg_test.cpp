// What a run leaves in the database is what its review list says.
#include <set>

#include "tests/integration/reconciliation/unusual_day.h"

namespace reconciliation::test {
namespace {

class StoredRows : public UnusualDay {
protected:
    static void expect_same(const StoredDiscrepancy& stored, const Discrepancy& listed) {
        EXPECT_EQ(stored.discrepancy_id, listed.id);
        EXPECT_EQ(stored.kind, name_of(listed.kind));
        ASSERT_TRUE(stored.subject);
        const auto& subject = *stored.subject;
        EXPECT_EQ(subject.type, listed.type ? payments::name_of(*listed.type) : "");
        EXPECT_EQ(subject.channel_txn_id, listed.channel_txn_id);
        EXPECT_EQ(subject.merchant_order_id, listed.merchant_order_id);
        EXPECT_EQ(subject.ledger_amount, money(listed.ledger_amount, listed.ledger_currency));
        EXPECT_EQ(subject.channel_amount, money(listed.channel_amount, listed.channel_currency));
        EXPECT_EQ(subject.difference, money(listed.difference(), listed.currency()));
    }

private:
    static std::optional<core::Money> money(const std::optional<std::int64_t>& minor, const std::string& currency) {
        return minor ? std::optional(core::Money(*minor, core::Currency::from_code(currency).value())) : std::nullopt;
    }
};

TEST_P(StoredRows, HaveTheAmountsOfTheReviewList) {
    scenario_ = make_scenario(world_.simulator(), quiet_days(20), kSigned);
    shop_.register_orders(scenario_);
    shop_.take_in(scenario_, kSigned);
    std::set<DiscrepancyKind> kinds;
    for (const auto& statement : scenario_.statements) {
        const auto listed = shop_.reconcile(statement).discrepancies;
        const auto stored = shop_.stored_discrepancies(statement.day);
        ASSERT_EQ(stored.size(), listed.size());
        for (std::size_t i = 0; i < listed.size(); ++i) {
            SCOPED_TRACE(listed[i].id);
            expect_same(stored[i], listed[i]);
            kinds.insert(listed[i].kind);
        }
    }
    EXPECT_GE(kinds.size(), 4U) << "the days have little to tell apart";
}

INSTANTIATE_TEST_SUITE_P(, StoredRows, testing::Values("unionpay", "wechatpay", "stripe"),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace reconciliation::test

// What verify() sees when somebody with the keys to the database damages holds and charges.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/charges.h"
#include "ledger/holds.h"
#include "tests/support/books.h"

namespace ledger {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field
using testing::ElementsAre;
using testing::IsEmpty;

const core::Instant kNow = instant("2026-11-18T08:00:00Z");
const std::vector<config::Plan> kPlans = {
    {.name = "api", .currency = currency("CNY"), .prices = {{"call", 1, {{std::nullopt, 5}}}}}};

class VerifyUsage : public testing::Test {
protected:
    VerifyUsage() {
        books_.post(entry_head("funds"), {{account("bank:main"), cny(100)}, {account("prepaid:c-17"), cny(-100)}});
        const NewHold asked{"a",    account("prepaid:c-17"),      account("bank:main"),
                            cny(9), kNow + std::chrono::hours(1), "goes back"};
        held_ = books_.with([&](auto& transaction) {
            core::ensure(static_cast<bool>(hold(transaction, asked, kNow)), "a test holds what there is");
            return commit_hold(transaction, "a", 7, kNow, day("2026-11-18"))->hold;
        });
        for (const char* key : {"x", "y"}) {
            charged_ = books_.with([&](auto& transaction) {
                AccountsToOpen accounts;
                const auto made = Charge::make({books_.tenant(), key, "c-17", "call", 2, kNow}, kPlans, "api");
                return charge(transaction, {*made}, kNow, accounts).front().entry.value().number();
            });
        }
        EXPECT_THAT(breaches(), IsEmpty());
    }
    std::vector<std::string> breaches() const { return books_.verify().breaches; }
    void damage(const std::string& sql) const {
        books_test_database().administer_here("set session_replication_role = replica; " + sql + " and tenant_id = '" +
                                              books_.tenant().text() + "'");
    }
    std::string hold_number() const { return std::to_string(held_->number); }
    std::string hold_entry() const { return std::to_string(held_->entry->number()); }

    TenantBooks books_;
    std::optional<Hold> held_;
    std::int64_t charged_ = 0;
};

TEST_F(VerifyUsage, FindsAHoldThatSaysAnotherAmountThanItsEntry) {
    damage("update ledger.holds set posted_minor = 8 where posted_minor = 7");
    EXPECT_THAT(breaches(),
                ElementsAre("hold " + hold_number() + " was not posted as it says by entry " + hold_entry()));
}

TEST_F(VerifyUsage, FindsAnEntryWhoseHoldIsGone) {
    damage("delete from ledger.holds where source_key = 'a'");
    EXPECT_THAT(breaches(), ElementsAre("entry " + hold_entry() + " posts a hold, and no hold says so"));
}

TEST_F(VerifyUsage, FindsAChargeThatSaysAnotherAmountThanItsEntry) {
    damage("update ledger.charges set amount_minor = 11 where source_key = 'y'");
    EXPECT_THAT(breaches(), ElementsAre("charge of c-17 under api, 2026-11-01 call up to 4 is not what entry " +
                                        std::to_string(charged_) + " posts"));
}

TEST_F(VerifyUsage, FindsAnEntryWhoseChargeIsGone) {
    damage("delete from ledger.charges where source_key = 'y'");
    EXPECT_THAT(breaches(), ElementsAre("entry " + std::to_string(charged_) + " charges what no charge says"));
}

TEST_F(VerifyUsage, FindsAGapInAVolume) {
    damage("update ledger.charges set volume = 5 where source_key = 'y'");
    EXPECT_THAT(breaches(),
                ElementsAre("charge of c-17 under api, 2026-11-01 call up to 5 does not begin where the one "
                            "before it ends"));
}

}  // namespace
}  // namespace ledger

#include <gtest/gtest.h>

#include <unordered_set>

#include "core/failure.h"
#include "core/ids.h"
#include "core/result.h"

namespace core {
namespace {

TEST(TenantName, IsLowerCaseDigitsAndDashes) {
    for (const std::string& name : {std::string("a"), std::string("acme-2"), std::string("0"), std::string(32, 'x')}) {
        EXPECT_TRUE(is_tenant_id(name)) << name;
    }
    for (const std::string& name : {std::string(), std::string("Acme"), std::string("a_b"), std::string("a b"),
                                    std::string(33, 'x'), std::string("a\0", 2), std::string("\xC3\xA9")}) {
        EXPECT_FALSE(is_tenant_id(name)) << name;
    }
}

TEST(Ids, CompareAndHashByWhatTheyHold) {
    EXPECT_EQ(TenantId("a"), TenantId("a"));
    EXPECT_LT(TenantId("a"), TenantId("b"));
    EXPECT_LT(EntryId(2), EntryId(10));
    EXPECT_EQ(EntryId().number(), 0);
    EXPECT_TRUE(TenantId().empty());
    const std::unordered_set<ChannelTxnId> seen{ChannelTxnId("ch_1"), ChannelTxnId("ch_1"), ChannelTxnId("ch_2")};
    EXPECT_EQ(seen.size(), 2U);
}

TEST(Result, HoldsAValueOrAReasonEvenOfOneType) {
    const Result<std::string, std::string> value(std::string("v"));
    const Result<std::string, std::string> reason(Refused{"r"});
    ASSERT_TRUE(value);
    EXPECT_EQ(*value, "v");
    EXPECT_EQ(value->size(), 1U);
    ASSERT_FALSE(reason);
    EXPECT_EQ(reason.error(), "r");
}

TEST(Ensure, ThrowsWithTheRuleAndThePlace) {
    EXPECT_NO_THROW(ensure(true, "P3"));
    try {
        ensure(false, "P3");
        FAIL() << "a broken rule passed";
    } catch (const BrokenRule& broken) {
        const std::string message = broken.what();
        EXPECT_NE(message.find("broken rule: P3"), std::string::npos);
        EXPECT_NE(message.find("basics_test.cpp:"), std::string::npos);
        EXPECT_FALSE(broken.retry_may_help());
    }
}

TEST(Failure, AnswersItsCatchersQuestions) {
    EXPECT_TRUE(OutsideFailure("database away").retry_may_help());
    EXPECT_FALSE(OutsideFailure("database away").outcome_unknown());
    EXPECT_TRUE(OutsideFailure("commit lost", Failure::Outcome::unknown).outcome_unknown());
    EXPECT_FALSE(UsageError("no such option").retry_may_help());
    EXPECT_FALSE(InputError("line 3").retry_may_help());
}

}  // namespace
}  // namespace core

// duizhang orders list, orders show, ledger entries, ledger accounts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/cli/desk.h"

namespace e2e {
namespace {

using testing::HasSubstr;

core::json::Value listed(std::vector<std::string> words) {
    const auto& desk = Desk::get();
    words.insert(words.begin(), "--json");
    words.insert(words.end(), {"--tenant", desk.tenant()});
    const auto ran = desk.run(words);
    EXPECT_EQ(ran.status, 0) << ran.err;
    auto value = core::json::parse(ran.out, {std::size_t{1} << 24U, 32});
    EXPECT_TRUE(value) << ran.out;
    return value ? std::move(*value) : core::json::Value::make_null();
}

TEST(ListCommands, ShowOrdersWithWhatWasPaid) {
    const auto orders = listed({"orders", "list", "--limit", "5"});
    ASSERT_EQ(orders.find("orders")->items().size(), 5U);
    const auto& first = orders.find("orders")->items()[0];
    const std::string id(*first.string_at("merchant_order_id"));

    const auto order = listed({"orders", "show", id});

    EXPECT_EQ(order.path("amount", "amount")->integer(), first.path("amount", "amount")->integer());
    ASSERT_NE(order.path("paid", "amount"), nullptr);
    std::int64_t paid = 0;
    for (const auto& movement : order.find("transactions")->items()) {
        const bool counts = movement.string_at("type") == "payment" && !movement.find("entry")->is_null();
        paid += counts ? movement.path("amount", "amount")->integer().value_or(0) : 0;
    }
    EXPECT_EQ(order.path("paid", "amount")->integer(), paid);
    const auto table = Desk::get().run({"orders", "show", "--tenant", Desk::get().tenant(), id});
    EXPECT_EQ(table.status, 0) << table.err;
    EXPECT_THAT(table.out, HasSubstr("order " + id));
    EXPECT_EQ(Desk::get().run({"orders", "show", "--tenant", Desk::get().tenant(), "nobody's"}).status, 3);
}

TEST(ListCommands, ShowEntriesAndAccounts) {
    const auto all = listed({"ledger", "entries", "--limit", "100000"});
    const auto payments = listed({"ledger", "entries", "--event", "payment", "--limit", "100000"});
    EXPECT_GT(payments.find("entries")->items().size(), 0U);
    EXPECT_LT(payments.find("entries")->items().size(), all.find("entries")->items().size());
    for (const auto& entry : all.find("entries")->items()) {
        std::int64_t sum = 0;
        for (const auto& leg : entry.find("legs")->items()) {
            sum += leg.path("amount", "amount")->integer().value_or(1);
        }
        EXPECT_EQ(sum, 0);
    }
    EXPECT_EQ(listed({"ledger", "entries", "--until", "2000-01-01"}).find("entries")->items().size(), 0U);

    const auto accounts = listed({"ledger", "accounts", "--prefix", "receivable"});
    ASSERT_EQ(accounts.find("accounts")->items().size(), 1U);
    EXPECT_EQ(accounts.find("accounts")->items()[0].string_at("account"), "receivable:orders");
    EXPECT_EQ(Desk::get().run({"ledger", "entries", "--tenant", Desk::get().tenant(), "--from", "today"}).status, 2);
    const auto table =
        Desk::get().run({"ledger", "entries", "--tenant", Desk::get().tenant(), "--event", "payment", "--limit", "3"});
    EXPECT_THAT(table.out, HasSubstr("transit:payment:"));
}

}  // namespace
}  // namespace e2e

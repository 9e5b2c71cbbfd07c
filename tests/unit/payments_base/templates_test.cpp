// Every split of every template shares out an order, and takes it back.
#include <gtest/gtest.h>

#include "config/settings.h"
#include "config/template.h"
#include "core/failure.h"
#include "core/files.h"
#include "ledger/split.h"
#include "payments/allocation.h"
#include "tests/support/test_database.h"

namespace payments {
namespace {

config::Settings with_template(const std::string& id) {
    const test_support::TestFolder folder;
    core::write_file(folder.path() / "duizhang.toml",
                     "[database]\nembedded = \"pg\"\n[secrets]\nmaster_key = \"env:NONE\"\n[[tenant]]\nid = \"t\"\n"
                     "currency = \"CNY\"\ntemplate = \"" +
                         id + "\"\n");
    return config::load_settings(folder.path() / "duizhang.toml", {});
}

std::int64_t on(const ledger::Balances& books, const std::string& account) {
    std::int64_t sum = 0;
    for (const auto& leg : books.legs()) {
        sum += leg.account.name().starts_with(account) ? leg.amount.minor() : 0;
    }
    return sum;
}

TEST(EveryTemplate, SharesOutAnOrderAndTakesItBack) {
    const core::Money amount{10'000, *core::Currency::from_code("CNY")};
    const BookedMovement paid{"wechatpay", TransactionType::payment, "p", "", amount, core::Instant()};
    const BookedMovement back{"wechatpay", TransactionType::refund,      "r",
                              "p",         {-10'000, amount.currency()}, core::Instant()};
    int splits = 0;
    for (const auto& named : config::tenant_templates()) {
        const auto settings = with_template(config::id_of(named));
        for (const auto& split : settings.tenants.at(0).splits) {
            const std::optional<Order> order =
                Order{core::MerchantOrderId("O-1"), amount, {}, split.name, ledger::terms_to_text(split), ""};
            const Releases all{core::Instant(), true};
            const auto waiting = allocate(order, {paid});
            const bool waits = split.when != config::SplitTime();
            EXPECT_EQ(on(waiting, "deferred:"), waits ? -10'000 : 0) << split.name;
            const auto books = allocate(order, {paid}, all);
            EXPECT_EQ(on(books, "deferred:"), 0) << split.name;
            EXPECT_EQ(on(books, "payable:") + on(books, "income:"), -10'000) << split.name;
            EXPECT_TRUE(allocate(order, {paid, back}, all).empty()) << split.name;
            ++splits;
        }
    }
    EXPECT_GE(splits, 7);
}

}  // namespace
}  // namespace payments

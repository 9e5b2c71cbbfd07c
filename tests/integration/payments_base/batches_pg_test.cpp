// What a batch costs must not depend on how much is in the books already.
#include <gtest/gtest.h>

#include "tests/support/movements.h"

namespace payments {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field

constexpr std::size_t kBatch = 1000;

// Rows of the tables and entries of the indexes that the transaction has read, checks of the database included. Counts
// go on from one transaction to the next in a session, unless they are told to be handed over.
constexpr const char* kHandOver = "select pg_stat_force_next_flush() from (select $1::text) t";
constexpr const char* kRead = R"(
select sum(pg_stat_get_xact_tuples_returned(c.oid))
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('ledger', 'payments') and c.relkind in ('r', 'i') and $1 <> '')";

std::int64_t read_for_a_batch(const TenantBooks& books, std::size_t from) {
    std::vector<Order> orders;
    for (std::size_t i = 0; i < kBatch; ++i) {
        orders.push_back(order("O-" + std::to_string(from + i), cny(100)));
    }
    return books.with([&](auto& transaction) {
        register_orders(transaction, orders, {"UTC", std::chrono::minutes(0)});
        const auto read = core::db::run(transaction, kRead, books.tenant().text());
        core::db::run(transaction, kHandOver, books.tenant().text());
        return read[0][0].template as<std::int64_t>();
    });
}

// While tables are small PostgreSQL may well read them whole; a plan from then must not stay.
TEST(Batches, ReadNoMoreWhenMuchIsThere) {
    const TenantBooks books;
    EXPECT_GE(read_for_a_batch(books, 0), static_cast<std::int64_t>(kBatch)) << "what is read is counted";
    std::int64_t last = 0;
    for (std::size_t batch = 1; batch < 12; ++batch) {
        last = read_for_a_batch(books, batch * kBatch);
    }
    EXPECT_LE(last, static_cast<std::int64_t>(8 * kBatch)) << "five look-ups an order, and some";
    EXPECT_EQ(books.complaints(), "");
}

}  // namespace
}  // namespace payments

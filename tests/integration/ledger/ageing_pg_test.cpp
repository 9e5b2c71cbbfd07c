// What is open at the end of a day, and since when.
#include "ledger/ageing.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "ledger/due_dates.h"
#include "tests/support/selling_books.h"

namespace ledger {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field

const std::vector<std::string> kAll{"payable:", "receivable:", "transit:"};

// "account CUR group since" and what is open of it.
using Items = std::map<std::string, std::int64_t>;

class OpenItems : public SellingBooks {
protected:
    std::vector<OpenItem> read(core::BusinessDay until, const std::vector<std::string>& accounts = kAll) const {
        return books_.with([&](auto& transaction) {
            std::vector<OpenItem> all;
            read_open_items(transaction, {accounts, until}, [&](const OpenItem& item) { all.push_back(item); });
            return all;
        });
    }
    Items items(const char* until, const std::vector<std::string>& accounts = kAll) const {
        Items found;
        for (const auto& item : read(day(until), accounts)) {
            found[item.account + " " + item.currency + " " + item.group + " " + core::format_day(item.since)] +=
                item.amount_minor;
        }
        return found;
    }
    // To the account when above zero, from it when below.
    void on(const std::string& name, core::Money amount, const char* business_day, const std::string& group = "") {
        books_.post(entry_head("e" + std::to_string(++count_), group, business_day),
                    {{account(name), amount}, {account("bank:main"), *amount.negated()}});
    }
    void TearDown() override { EXPECT_EQ(books_.complaints(), ""); }

    int count_ = 0;
};

TEST_F(OpenItems, OfAPayableAreItsLatestCreditsThatNoDebitCoversYet) {
    on("payable:seller", cny(-100), "2026-08-01");
    on("payable:seller", cny(-50), "2026-10-01");
    on("payable:seller", cny(-30), "2026-11-10");
    on("payable:seller", cny(120), "2026-11-15");
    for (const bool entered : {false, true}) {
        SCOPED_TRACE(entered ? "on pages" : "as they wait");
        if (entered) {
            enter_on_pages();
        }
        EXPECT_EQ(items("2026-11-18"),
                  (Items{{"payable:seller CNY  2026-10-01", -30}, {"payable:seller CNY  2026-11-10", -30}}));
        EXPECT_EQ(items("2026-11-14"), (Items{{"payable:seller CNY  2026-08-01", -100},
                                              {"payable:seller CNY  2026-10-01", -50},
                                              {"payable:seller CNY  2026-11-10", -30}}))
            << "what was paid later was open then";
        EXPECT_EQ(items("2026-07-31"), Items{});
    }
}

TEST_F(OpenItems, OfMoreThanWasOwedAreTheLatestDebits) {
    on("payable:seller", cny(-100), "2026-08-01");
    on("payable:seller", cny(90), "2026-09-01");
    on("payable:seller", cny(40), "2026-11-01");
    EXPECT_EQ(items("2026-11-18"), (Items{{"payable:seller CNY  2026-11-01", 30}}));
}

TEST_F(OpenItems, OfOrdersAreOpenSinceTheOrderWhateverElseIsPaid) {
    on("receivable:orders", cny(100), "2026-08-01", "order:1");
    on("receivable:orders", cny(70), "2026-11-01", "order:2");
    on("receivable:orders", usd(10), "2026-11-18", "order:3");
    on("receivable:orders", cny(-70), "2026-11-02", "order:2");
    on("receivable:orders", cny(-25), "2026-11-03", "order:1");
    for (const bool entered : {false, true}) {
        SCOPED_TRACE(entered ? "on pages" : "as they wait");
        if (entered) {
            enter_on_pages();
        }
        EXPECT_EQ(items("2026-11-18"), (Items{{"receivable:orders CNY order:1 2026-08-01", 75},
                                              {"receivable:orders USD order:3 2026-11-18", 10}}));
        EXPECT_EQ(items("2026-11-01"), (Items{{"receivable:orders CNY order:1 2026-08-01", 100},
                                              {"receivable:orders CNY order:2 2026-11-01", 70}}));
    }
}

TEST_F(OpenItems, OfOrdersFallIntoBucketsByTheirDueDates) {
    on("receivable:orders", cny(100), "2026-08-01", "order:1");
    on("receivable:orders", cny(70), "2026-08-01", "order:2");
    on("receivable:orders", cny(-40), "2026-08-20", "order:2");
    books_.with([&](auto& transaction) {
        const GroupKey order{books_.tenant(), "order:2"};
        set_due_dates(transaction, {{order, day("2026-08-31")}});
        set_due_dates(transaction, {{order, day("2026-12-31")}});  // it keeps the one it has
        return 0;
    });
    const auto buckets = [&](const char* until) {
        Ageing ageing(day(until));
        for (const auto& item : read(day(until))) {
            EXPECT_EQ(item.since, day("2026-08-01"));
            EXPECT_EQ(item.due, item.group == "order:2" ? day("2026-08-31") : item.since);
            ageing.add(item);
        }
        return ageing.accounts().begin()->second;
    };
    EXPECT_EQ(buckets("2026-08-31"), (Buckets{30, 100, 0, 0, 0})) << "not past due on the day itself";
    EXPECT_EQ(buckets("2026-09-01"), (Buckets{0, 30, 100, 0, 0}));
    EXPECT_EQ(buckets("2026-09-30"), (Buckets{0, 30, 100, 0, 0}));
    EXPECT_EQ(buckets("2026-10-01"), (Buckets{0, 0, 30, 100, 0}));
    EXPECT_EQ(buckets("2026-11-30"), (Buckets{0, 0, 0, 0, 130})) << "91 and 121 days";
}

TEST_F(OpenItems, OfAnOrderClearedTwiceAndWithoutAnOrderAreOnTheOtherSide) {
    on("receivable:orders", cny(100), "2026-08-01", "order:1");
    on("receivable:orders", cny(-130), "2026-11-01", "order:1");
    on("receivable:orders", cny(-5), "2026-11-02");
    EXPECT_EQ(items("2026-11-18"),
              (Items{{"receivable:orders CNY order:1 2026-08-01", -30}, {"receivable:orders CNY  2026-11-02", -5}}));
}

TEST_F(OpenItems, AreOfTheAccountsThatAreAskedFor) {
    on("payable:seller", cny(-1), "2026-11-01");
    on("payable:seller2", cny(-2), "2026-11-01");
    on("transit:funds:stripe", cny(3), "2026-11-01");
    EXPECT_EQ(items("2026-11-18", {"payable:seller"}), (Items{{"payable:seller CNY  2026-11-01", -1}}));
    EXPECT_EQ(items("2026-11-18", {"payable:"}).size(), 2);
    EXPECT_EQ(items("2026-11-18", {"transit:payment:stripe", "transit:funds:stripe"}),
              (Items{{"transit:funds:stripe CNY  2026-11-01", 3}}));
    EXPECT_EQ(items("2026-11-18").size(), 3) << "the bank owes nothing";
}

TEST_F(OpenItems, AreNoOtherTenants) {
    const TenantBooks other;
    other.post(entry_head("theirs"), {{account("payable:seller"), cny(-9)}, {account("bank:main"), cny(9)}});
    EXPECT_EQ(items("2026-11-18"), Items{});
}

TEST_F(OpenItems, FallIntoBucketsByTheirDays) {
    const std::vector<std::pair<int, std::size_t>> edges{{-1, 0}, {0, 0},  {1, 1},  {30, 1}, {31, 2},
                                                         {60, 2}, {61, 3}, {90, 3}, {91, 4}, {9999, 4}};
    for (const auto& [days, bucket] : edges) {
        EXPECT_EQ(bucket_of(days), bucket) << days << " days";
    }
    on("payable:seller", cny(-1), "2026-11-18");
    on("payable:seller", cny(-2), "2026-11-17");
    on("payable:seller", cny(-4), "2026-10-19");
    on("payable:seller", cny(-8), "2026-10-18");
    on("payable:seller", cny(-16), "2026-08-19");
    Ageing ageing(day("2026-11-18"));
    for (const auto& item : read(day("2026-11-18"))) {
        ageing.add(item);
    }
    const std::map<std::pair<std::string, std::string>, Buckets> expected{
        {{"payable:seller", "CNY"}, {-1, -6, -8, 0, -16}}};
    EXPECT_EQ(ageing.accounts(), expected);
    EXPECT_EQ(total_of(ageing.accounts().begin()->second), -31);
}

// Units in the order they came, cleared one by one: a slow way that can't go wrong.
struct Queue {
    std::deque<std::pair<core::BusinessDay, std::int64_t>> open;

    void take(core::BusinessDay when, std::int64_t minor) {
        while (minor != 0 && !open.empty() && (open.front().second > 0) != (minor > 0)) {
            const auto cleared = std::min(std::abs(minor), std::abs(open.front().second));
            open.front().second += minor > 0 ? cleared : -cleared;
            minor += minor > 0 ? -cleared : cleared;
            if (open.front().second == 0) {
                open.pop_front();
            }
        }
        if (minor != 0) {
            open.emplace_back(when, minor);
        }
    }
};

struct Booked {
    core::BusinessDay day;
    std::string account;
    std::string group;
    core::Money amount;
};

Items by_hand(std::vector<Booked> all, core::BusinessDay until) {
    std::stable_sort(all.begin(), all.end(), [](const auto& one, const auto& other) { return one.day < other.day; });
    std::map<std::string, Queue> queues;
    std::map<std::string, std::pair<core::BusinessDay, std::int64_t>> orders;
    for (const auto& one : all) {
        const auto key = one.account + " " + std::string(one.amount.currency().code()) + " " + one.group + " ";
        if (one.day > until) {
            continue;
        }
        if (one.group.empty()) {
            queues[key].take(one.day, one.amount.minor());
        } else {
            orders.try_emplace(key, one.day, 0).first->second.second += one.amount.minor();
        }
    }
    Items items;
    for (const auto& [key, queue] : queues) {
        for (const auto& [when, minor] : queue.open) {
            items[key + core::format_day(when)] += minor;
        }
    }
    for (const auto& [key, order] : orders) {
        if (order.second != 0) {
            items[key + core::format_day(order.first)] = order.second;
        }
    }
    return items;
}

// Payments before orders, refunds beyond payments, days dated back, two currencies; pages and what waits for them.
TEST_F(OpenItems, AddUpToTheTrialBalanceAndAreWhatClearingUnitByUnitLeaves) {
    std::mt19937_64 random(20261123);
    const date::sys_days first(date::year(2026) / 6 / 1);
    const auto any_day = [&] { return core::BusinessDay(first + date::days(random() % 170)); };
    const std::vector<std::string> accounts{"payable:a", "payable:b", "transit:customer:stripe", "transit:funds:stripe",
                                            "receivable:orders"};
    std::vector<Booked> all;
    for (int i = 0; i < 300; ++i) {
        const auto& name = accounts[random() % accounts.size()];
        const bool of_order = name == "receivable:orders" && random() % 5 != 0;
        const auto minor = (random() % 2 == 0 ? 1 : -1) * static_cast<std::int64_t>(random() % 1000 + 1);
        // One posting a day to an account: within a day there is no first.
        const Booked one{any_day(), name, of_order ? "order:" + std::to_string(random() % 20) : "",
                         random() % 3 == 0 ? usd(minor) : cny(minor)};
        const bool is_alone = std::none_of(all.begin(), all.end(), [&](const auto& other) {
            return other.day == one.day && other.account == one.account && other.group == one.group &&
                   other.amount.currency() == one.amount.currency();
        });
        if (is_alone) {
            on(one.account, one.amount, core::format_day(one.day).c_str(), one.group);
            all.push_back(one);
        }
        if (random() % 40 == 0) {
            enter_on_pages();
        }
    }
    for (int question = 0; question < 60; ++question) {
        const auto until = any_day();
        SCOPED_TRACE("until " + core::format_day(until));
        Sums sums;
        for (const auto& item : read(until)) {
            EXPECT_LE(item.since, until);
            sums[item.account + " " + item.currency] += item.amount_minor;
        }
        std::erase_if(sums, [](const auto& sum) { return sum.second == 0; });
        auto stands = books_.balances({until, std::nullopt});
        std::erase_if(stands, [](const auto& sum) { return sum.first.starts_with("bank:"); });
        ASSERT_EQ(sums, stands);
        ASSERT_EQ(items(core::format_day(until).c_str()), by_hand(all, until));
    }
}

}  // namespace
}  // namespace ledger

// Two days of one channel's shop, and the words to say what is unusual about them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "tests/support/world.h"

namespace reconciliation::test {

using payments::Transaction;
using payments::TransactionType;
using test_support::Shop;
using test_support::SimulatedChannel;
using Minor = std::map<std::string, std::int64_t>;

inline const core::BusinessDay kFirst{date::year{2026} / 11 / 17};
inline const core::BusinessDay kSecond{date::year{2026} / 11 / 18};
inline const core::Instant kSigned = date::sys_days(date::year{2026} / 11 / 20) + std::chrono::hours(3);

inline ScenarioOptions quiet_days(int plants = 0) {
    ScenarioOptions options;
    options.seed = 42;
    options.first_day = kFirst;
    options.payments_per_day = 6;
    options.refunds_percent = 50;
    options.plants_per_day = plants;
    return options;
}

using Row = std::tuple<DiscrepancyKind, TransactionType, std::string>;

inline std::vector<Row> rows_of(const ReviewList& list) {
    std::vector<Row> rows;
    for (const auto& row : list.discrepancies) {
        rows.emplace_back(row.kind, row.type.value_or(TransactionType::adjustment), row.channel_txn_id);
    }
    return rows;
}

inline std::vector<Row> rows_expected(const Scenario& scenario, core::BusinessDay day) {
    std::vector<Row> rows;
    for (const auto& row : scenario.expected) {
        if (row.day == day) {
            rows.emplace_back(row.kind, row.type.value_or(TransactionType::adjustment), row.channel_txn_id);
        }
    }
    return rows;
}

class UnusualDay : public testing::TestWithParam<const char*> {
protected:
    const SimulatedChannel& world_ = SimulatedChannel::of(GetParam());
    Scenario scenario_ = make_scenario(world_.simulator(), quiet_days(), kSigned);
    Shop shop_{world_};

    void TearDown() override { EXPECT_EQ(shop_.complaint_about_the_books(), ""); }

    std::vector<Transaction> told_by_callbacks() const {
        std::vector<Transaction> all;
        for (const auto& callback : scenario_.callbacks) {
            const auto message = world_.channel().read_callback(shop_.request_of(callback, kSigned));
            if (message) {
                all.insert(all.end(), message->transactions.begin(), message->transactions.end());
            }
        }
        return all;
    }

    // One of the day's, as its callback tells it: away from the cut, and a payment that nothing was given back of.
    Transaction some(TransactionType type, core::BusinessDay day) const {
        const auto all = told_by_callbacks();
        const auto end = core::day_end(day, world_.channel().day_cut());
        for (const auto& told : all) {
            const bool refunded = std::any_of(all.begin(), all.end(), [&](const Transaction& other) {
                return other.related_txn_id == told.channel_txn_id;
            });
            if (told.type == type && told.business_day == day && told.occurred_at < end - std::chrono::hours(1) &&
                !refunded) {
                return told;
            }
        }
        throw core::BrokenRule("the scenario has such a movement on that day");
    }

    void take_in_all_but(const Transaction& late) {
        shop_.register_orders(scenario_);
        shop_.take_in(scenario_, kSigned, [&](const Transaction& told) {
            return told.type != late.type || told.channel_txn_id != late.channel_txn_id;
        });
    }
    void take_in_only(const Transaction& late) {
        shop_.take_in(scenario_, kSigned, [&](const Transaction& told) {
            return told.type == late.type && told.channel_txn_id == late.channel_txn_id;
        });
    }

    Minor payment_account() { return shop_.balance(ledger::Account::transit_payment(GetParam())); }
    Minor funds_account() { return shop_.balance(ledger::Account::transit_funds(GetParam())); }
    Minor customer_account() { return shop_.balance(ledger::Account::transit_customer(GetParam())); }

    // What the same days leave behind when everything comes in time.
    struct Books {
        Minor payment;
        Minor funds;
        Minor customer;
    };
    Books undisturbed() {
        Shop other(world_);
        other.register_orders(scenario_);
        other.take_in(scenario_, kSigned);
        for (const auto& statement : scenario_.statements) {
            other.reconcile(statement);
        }
        const std::string channel = GetParam();
        return {other.balance(ledger::Account::transit_payment(channel)),
                other.balance(ledger::Account::transit_funds(channel)),
                other.balance(ledger::Account::transit_customer(channel))};
    }
    void expect_as_undisturbed() {
        const auto books = undisturbed();
        EXPECT_EQ(payment_account(), books.payment);
        EXPECT_EQ(funds_account(), books.funds);
        EXPECT_EQ(customer_account(), books.customer);
    }
};

}  // namespace reconciliation::test

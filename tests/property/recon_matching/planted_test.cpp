// Random days with discrepancies planted in them: the engine finds exactly those, whatever the order of the records.
// A failing case names its seed; the seed alone makes the same case again.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "reconciliation/match.h"

namespace reconciliation {
namespace {

using payments::TransactionStatus;
using payments::TransactionType;
using Kind = DiscrepancyKind;
using Random = std::mt19937_64;

const core::BusinessDay kDay{date::year{2026} / 11 / 18};
const core::BusinessDay kDayBefore{date::year{2026} / 11 / 17};
constexpr std::uint64_t kCases = 400;

std::int64_t between(Random& random, std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}

bool one_in(Random& random, std::int64_t n) { return between(random, 1, n) == 1; }

// What was planted, as the list must show it: kind, id, order.
using Planted = std::multiset<std::tuple<Kind, std::string, std::string>>;

struct Day {
    std::vector<Record> ledger;
    std::vector<Record> channel;
    Planted planted;
    std::uint64_t matched = 0;
    std::uint64_t paired = 0;
    std::uint64_t cleared = 0;
};

enum class Plant {
    nothing,
    missing_in_ledger,
    missing_in_channel,
    timing_ledger,
    timing_channel,
    processing,
    amount,
    currency,
    status,
    fee,
    unexpected,
    order,
    twice_in_channel,
    twice_in_ledger,
    carried_and_cleared,
    carried_and_missing,
    id_missing_on_one_side,
    last = id_missing_on_one_side,
};

class DayMaker {
public:
    explicit DayMaker(std::uint64_t seed) : random_(seed) {}

    Day make() {
        const auto transactions = between(random_, 0, 60);
        const bool quiet = one_in(random_, 5);
        for (std::int64_t i = 0; i < transactions; ++i) {
            const auto plant = static_cast<Plant>(between(random_, 0, static_cast<int>(Plant::last)));
            add(i, quiet || one_in(random_, 2) ? Plant::nothing : plant);
        }
        return std::move(day_);
    }

private:
    // The transaction as both sides should have it.
    void make_sides(std::int64_t number) {
        ledger_ = Record{};
        ledger_.type = one_in(random_, 4) ? TransactionType::refund : TransactionType::payment;
        ledger_.channel_txn_id = "txn" + std::to_string(number);
        ledger_.merchant_order_id = "order" + std::to_string(number);
        ledger_.amount = between(random_, 2, 1'000'000) * (ledger_.type == TransactionType::refund ? -1 : 1);
        ledger_.currency = "CNY";
        ledger_.status = TransactionStatus::captured;
        ledger_.occurred_at = core::Instant(std::chrono::seconds(between(random_, 0, 86'399)));
        ledger_.business_day = kDay;
        channel_ = ledger_;
        ledger_.order = ledger_.type == TransactionType::payment ? Record::Order::agrees : Record::Order::not_judged;
        ledger_.evidence = "entry:" + std::to_string(number);
        channel_.status_text = "SUCCESS";
        channel_.evidence = "bill.csv:" + std::to_string(number);
        if (one_in(random_, 2)) {
            channel_.fee = between(random_, -5, 5);
            channel_.expected_fee = channel_.fee;
        }
    }

    void expect(Kind kind) { day_.planted.emplace(kind, ledger_.channel_txn_id, ledger_.merchant_order_id); }

    void both(bool alike) {
        day_.ledger.push_back(ledger_);
        day_.channel.push_back(channel_);
        ++day_.paired;
        day_.matched += alike ? 1U : 0U;
    }

    void differ(Kind kind) {
        expect(kind);
        both(false);
    }

    void add(std::int64_t number, Plant plant) {
        make_sides(number);
        switch (plant) {
            case Plant::nothing:
                return both(true);
            case Plant::missing_in_ledger:
                expect(Kind::missing_in_ledger);
                return day_.channel.push_back(channel_);
            case Plant::missing_in_channel:
                expect(Kind::missing_in_channel);
                return day_.ledger.push_back(ledger_);
            case Plant::timing_ledger:
                ledger_.near_cut = true;
                expect(Kind::timing);
                return day_.ledger.push_back(ledger_);
            case Plant::timing_channel:
                channel_.near_cut = true;
                expect(Kind::timing);
                return day_.channel.push_back(channel_);
            case Plant::processing:
                channel_.status = TransactionStatus::processing;
                return differ(Kind::timing);
            case Plant::amount:
                channel_.amount += one_in(random_, 2) ? 1 : -1;
                return differ(Kind::amount_mismatch);
            case Plant::currency:
                channel_.currency = "USD";
                return differ(Kind::currency_mismatch);
            case Plant::status:
                channel_.status = one_in(random_, 2) ? TransactionStatus::revoked : TransactionStatus::closed;
                return differ(Kind::status_mismatch);
            case Plant::fee:
                channel_.fee = channel_.expected_fee.value_or(0) + 1;
                channel_.expected_fee = *channel_.fee - 1;
                return differ(Kind::fee_mismatch);
            case Plant::unexpected:
            case Plant::order:
                return add_order(plant);
            case Plant::twice_in_channel:
                expect(Kind::duplicate_in_channel);
                day_.channel.push_back(channel_);
                return both(true);
            case Plant::twice_in_ledger:
                expect(Kind::duplicate_in_ledger);
                day_.ledger.push_back(ledger_);
                return both(true);
            case Plant::carried_and_cleared:
            case Plant::carried_and_missing:
                return add_carried(plant);
            case Plant::id_missing_on_one_side:
                (one_in(random_, 2) ? ledger_ : channel_).channel_txn_id.clear();
                return both(true);
        }
    }

    void add_order(Plant plant) {
        if (ledger_.type != TransactionType::payment) {
            return both(true);
        }
        ledger_.order = plant == Plant::order ? Record::Order::differs : Record::Order::none;
        differ(plant == Plant::order ? Kind::order_mismatch : Kind::unexpected_payment);
    }

    void add_carried(Plant plant) {
        ledger_.carried_in = true;
        ledger_.near_cut = true;
        ledger_.business_day = kDayBefore;
        day_.ledger.push_back(ledger_);
        if (plant == Plant::carried_and_missing) {
            return expect(Kind::missing_in_channel);
        }
        day_.channel.push_back(channel_);
        ++day_.cleared;
    }

    Random random_;
    Day day_;
    Record ledger_;
    Record channel_;
};

MatchOptions options() {
    MatchOptions o;
    o.tenant = "acme";
    o.channel = "wechatpay";
    o.day = kDay;
    return o;
}

Planted found(const MatchResult& result) {
    Planted rows;
    for (const auto& row : result.discrepancies) {
        rows.emplace(row.kind, row.channel_txn_id, row.merchant_order_id);
    }
    return rows;
}

// All that people see of a row, evidence apart.
std::string written(const Discrepancy& row) {
    std::string text = row.id + " " + std::string(name_of(row.kind)) + " " + row.channel_txn_id + " " +
                       row.merchant_order_id + " " + row.ledger_status + " " + row.channel_status + " " +
                       core::format_day(row.item_day) + " " + std::to_string(row.age_days);
    for (const auto& number : {row.ledger_amount, row.channel_amount, row.ledger_fee, row.channel_fee}) {
        text += " " + (number ? std::to_string(*number) : std::string("-"));
    }
    for (const Kind kind : row.also) {
        text += " " + std::string(name_of(kind));
    }
    for (const auto& candidate : row.candidates) {
        text += " " + std::string(name_of(candidate.failed)) + ":" + candidate.channel_txn_id + "/" +
                candidate.merchant_order_id + "/" + std::to_string(candidate.amount) + "/" + candidate.evidence;
    }
    return text;
}

std::vector<std::string> written(const MatchResult& result) {
    std::vector<std::string> rows;
    for (const auto& row : result.discrepancies) {
        rows.push_back(written(row));
    }
    return rows;
}

TEST(RandomDays, ShowExactlyWhatWasPlanted) {
    for (std::uint64_t seed = 1; seed <= kCases; ++seed) {
        const Day day = DayMaker(seed).make();
        const auto result = match(day.ledger, day.channel, options());

        ASSERT_EQ(found(result), day.planted) << "seed " << seed;
        ASSERT_EQ(result.paired, day.paired) << "seed " << seed;
        ASSERT_EQ(result.matched, day.matched) << "seed " << seed;
        ASSERT_EQ(result.cleared, day.cleared) << "seed " << seed;
    }
}

TEST(RandomDays, ReadTheSameInAnyOrderOfTheRecords) {
    for (std::uint64_t seed = 1; seed <= kCases; ++seed) {
        Day day = DayMaker(seed).make();
        const auto before = match(day.ledger, day.channel, options());
        Random random(seed ^ 0x5eedU);
        std::shuffle(day.ledger.begin(), day.ledger.end(), random);
        std::shuffle(day.channel.begin(), day.channel.end(), random);
        const auto after = match(day.ledger, day.channel, options());

        ASSERT_EQ(written(after), written(before)) << "seed " << seed;
        ASSERT_EQ(after.digest, before.digest) << "seed " << seed;
    }
}

// Records drawn from so few ids, orders, amounts and states that every kind of collision comes up.
std::vector<Record> crowded(Random& random, bool channel) {
    std::vector<Record> records(static_cast<std::size_t>(between(random, 0, 14)));
    for (std::size_t i = 0; i < records.size(); ++i) {
        Record& record = records[i];
        record.type = one_in(random, 3) ? TransactionType::refund : TransactionType::payment;
        record.channel_txn_id = one_in(random, 2) ? "" : "t" + std::to_string(between(random, 1, 3));
        record.merchant_order_id = one_in(random, 5) ? "" : "o" + std::to_string(between(random, 1, 2));
        record.own_order_id = one_in(random, 4) ? "r" + std::to_string(between(random, 1, 2)) : "";
        record.amount = between(random, 1, 2);
        record.currency = one_in(random, 6) ? "USD" : "CNY";
        record.status = one_in(random, 5) ? TransactionStatus::processing : TransactionStatus::captured;
        record.carried_in = one_in(random, 6);
        record.business_day = record.carried_in ? kDayBefore : kDay;
        record.near_cut = one_in(random, 4);
        record.evidence = (channel ? "bill.csv:" : "entry:") + std::to_string(i + 1);
        record.position = i;
    }
    return records;
}

// How often each record's evidence stands somewhere in the result: in a pair, alone, or as a repeat of one of these.
void expect_each_in_one_bucket(const std::vector<Record>& ledger, const std::vector<Record>& channel,
                               const MatchResult& result, std::uint64_t seed) {
    std::map<std::string, int> seen;
    std::size_t listed = 0;
    for (const auto& row : result.discrepancies) {
        for (const auto& evidence : row.evidence) {
            ++seen[evidence];
        }
        listed += row.evidence.size();
    }
    for (const auto& [evidence, times] : seen) {
        ASSERT_EQ(times, 1) << evidence << ", seed " << seed;
    }
    // What isn't listed is a pair of two single records with nothing to say about it.
    std::size_t silent = 0;
    for (const Pair& pair : result.pairs) {
        const bool told = seen.contains(ledger[pair.ledger].evidence);
        ASSERT_EQ(told, seen.contains(channel[pair.channel].evidence)) << "seed " << seed;
        silent += told ? 0U : 2U;
    }
    ASSERT_EQ(listed + silent, ledger.size() + channel.size()) << "seed " << seed;
    for (const auto index : result.ledger_only) {
        ASSERT_TRUE(seen.contains(ledger[index].evidence)) << "seed " << seed;
    }
    for (const auto index : result.channel_only) {
        ASSERT_TRUE(seen.contains(channel[index].evidence)) << "seed " << seed;
    }
}

// The channel's money less the books' is the differences' sum, repeats counted once.
void expect_sums_agree(const std::vector<Record>& ledger, const std::vector<Record>& channel, const MatchResult& result,
                       std::uint64_t seed) {
    std::int64_t difference = 0;
    for (const Pair& pair : result.pairs) {
        if (ledger[pair.ledger].currency == channel[pair.channel].currency) {
            difference += channel[pair.channel].amount - ledger[pair.ledger].amount;
        }
    }
    for (const auto index : result.ledger_only) {
        difference -= ledger[index].amount;
    }
    for (const auto index : result.channel_only) {
        difference += channel[index].amount;
    }
    std::int64_t told = 0;
    for (const auto& row : result.discrepancies) {
        told += row.difference().value_or(0);
    }
    ASSERT_EQ(told, difference) << "seed " << seed;
}

TEST(CrowdedRecords, EndInExactlyOneBucketAndAddUp) {
    for (std::uint64_t seed = 1; seed <= 4 * kCases; ++seed) {
        Random random(seed);
        const auto ledger = crowded(random, false);
        const auto channel = crowded(random, true);
        const auto result = match(ledger, channel, options());

        expect_each_in_one_bucket(ledger, channel, result, seed);
        expect_sums_agree(ledger, channel, result, seed);
        std::set<std::string> ids;
        for (const auto& row : result.discrepancies) {
            ASSERT_TRUE(ids.insert(row.id).second) << "two rows with one id, seed " << seed;
        }
    }
}

TEST(CrowdedRecords, ReadTheSameInAnyOrder) {
    for (std::uint64_t seed = 1; seed <= 4 * kCases; ++seed) {
        Random random(seed);
        auto ledger = crowded(random, false);
        auto channel = crowded(random, true);
        const auto before = match(ledger, channel, options());
        std::shuffle(ledger.begin(), ledger.end(), random);
        std::shuffle(channel.begin(), channel.end(), random);
        const auto after = match(ledger, channel, options());

        ASSERT_EQ(written(after), written(before)) << "seed " << seed;
        ASSERT_EQ(after.digest, before.digest) << "seed " << seed;
        ASSERT_EQ(after.matched, before.matched) << "seed " << seed;
        ASSERT_EQ(after.cleared, before.cleared) << "seed " << seed;
    }
}

}  // namespace
}  // namespace reconciliation

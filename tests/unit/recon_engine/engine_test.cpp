// Partitions and cancelling, each against the plainest way of doing the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>

#include "reconciliation/engine/cancel.h"
#include "reconciliation/engine/fingerprint.h"
#include "reconciliation/engine/partitions.h"
#include "reconciliation/engine/workers.h"

namespace reconciliation::engine {
namespace {

using Random = std::mt19937_64;

std::filesystem::path folder() { return std::filesystem::temp_directory_path(); }

std::vector<Entry> random_entries(std::uint64_t seed, std::size_t count, std::uint64_t names) {
    Random random(seed);
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < count; ++i) {
        entries.push_back({(random() % names) * 0x9e3779b97f4a7c15U, random() % 2, (i << 1U) | (random() % 2)});
    }
    return entries;
}

void fill(Partitions& partitions, const std::vector<Entry>& entries) {
    run_workers(3, [&](unsigned number) {
        Partitions::Writer writer(partitions);
        for (std::size_t i = number; i < entries.size(); i += 3) {
            writer.add(entries[i]);
        }
        writer.flush();
    });
}

// What has to be left, by a map of everything.
Leftovers plainly(const std::vector<Entry>& ledger, const std::vector<Entry>& channel, bool marks_matter) {
    std::map<std::uint64_t, std::pair<std::vector<Entry>, std::vector<Entry>>> by_name;
    for (const auto& entry : ledger) {
        by_name[entry.name].first.push_back(entry);
    }
    for (const auto& entry : channel) {
        by_name[entry.name].second.push_back(entry);
    }
    Leftovers left;
    for (const auto& [name, both] : by_name) {
        const auto& [ours, theirs] = both;
        if (ours.size() == 1 && theirs.size() == 1 && ours[0].whole == theirs[0].whole &&
            (!marks_matter || ours[0].is_marked() == theirs[0].is_marked())) {
            ++left.cancelled;
            continue;
        }
        for (const auto& entry : ours) {
            left.ledger.push_back(entry.at);
        }
        for (const auto& entry : theirs) {
            left.channel.push_back(entry.at);
        }
    }
    std::sort(left.ledger.begin(), left.ledger.end());
    std::sort(left.channel.begin(), left.channel.end());
    return left;
}

class Cancelling : public testing::TestWithParam<std::tuple<std::size_t, std::uint64_t, bool>> {};

TEST_P(Cancelling, LeavesWhatAMapOfEverythingLeaves) {
    const auto [count, names, marks_matter] = GetParam();
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
        const auto ours = random_entries(seed, count, names);
        const auto theirs = random_entries(seed + 1000, count, names);
        const Leftovers wanted = plainly(ours, theirs, marks_matter);
        for (const std::uint64_t memory : {std::uint64_t{0}, std::uint64_t{100'000}, std::uint64_t{1} << 30U}) {
            Spread spread(count, memory, 3, folder());
            Partitions ledger(spread);
            Partitions channel(spread);
            fill(ledger, ours);
            fill(channel, theirs);
            if (memory == 0) {
                EXPECT_EQ(spread.spilled_bytes(), 2 * count * sizeof(Entry));
            }
            const Leftovers found = cancel_all(ledger, channel, spread.count(), 2, {marks_matter, {}, {}});
            EXPECT_EQ(found.ledger, wanted.ledger) << "seed " << seed;
            EXPECT_EQ(found.channel, wanted.channel) << "seed " << seed;
            EXPECT_EQ(found.cancelled, wanted.cancelled) << "seed " << seed;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Of, Cancelling,
                         testing::Combine(testing::Values<std::size_t>(1, 17, 3000, 40'000),
                                          testing::Values<std::uint64_t>(1, 40, 100'000, ~std::uint64_t{0}),
                                          testing::Bool()));

TEST(Fingerprints, AreEqualForEqualContentAlone) {
    const Fingerprints prints;
    const auto cny = prints.unit_of("CNY", 2);
    const Content content{100, 1, cny, 2};
    const auto of = [&](const Content& other) { return prints.of(payments::TransactionType::payment, "id", other); };
    EXPECT_EQ(of(content).whole, of(content).whole);
    for (const Content& other : {Content{101, 1, cny, 2}, Content{100, 2, cny, 2}, Content{100, std::nullopt, cny, 2},
                                 Content{100, 1, prints.unit_of("CNY", 0), 2}, Content{100, 1, cny, 4}}) {
        EXPECT_EQ(of(content).name, of(other).name);
        EXPECT_NE(of(content).whole, of(other).whole);
    }
    EXPECT_NE(of({0, 0, cny, 2}).whole, of({0, std::nullopt, cny, 2}).whole);
}

TEST(Fingerprints, TellNamesAndTypesApart) {
    const Fingerprints prints;
    const Content content{100, std::nullopt, 0, 0};
    const auto payment = prints.of(payments::TransactionType::payment, "id", content);
    EXPECT_NE(payment.name, prints.of(payments::TransactionType::refund, "id", content).name);
    EXPECT_NE(payment.name, prints.of(payments::TransactionType::payment, "ID", content).name);
    // Of any length, the same twice.
    for (const std::size_t size : {0U, 1U, 94U, 95U, 96U, 500U}) {
        const std::string name(size, 'x');
        const auto once = prints.of(payments::TransactionType::payment, name, content);
        EXPECT_EQ(once.name, prints.of(payments::TransactionType::payment, name, content).name);
        EXPECT_NE(once.name, prints.of(payments::TransactionType::payment, name + "x", content).name);
    }
}

TEST(Workers, ThrowWhatTheFirstToFailThrew) {
    EXPECT_THROW(run_workers(4,
                             [](unsigned number) {
                                 if (number == 2) {
                                     throw std::runtime_error("two");
                                 }
                             }),
                 std::runtime_error);
}

}  // namespace
}  // namespace reconciliation::engine

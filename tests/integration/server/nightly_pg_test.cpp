// The nightly job run by several at once: every day is done once, and the lists are those of one alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "core/archive.h"
#include "core/db/work.h"
#include "core/files.h"
#include "reconciliation/runs.h"
#include "server/nightly.h"
#include "server/pages.h"
#include "tests/integration/server/api_world.h"

namespace server {
namespace {

// A demo's folders with statements and a database of its own; no callbacks have come.
struct World {
    World() : application(world.configuration) {}

    std::map<std::string, std::string> lists() const {
        std::map<std::string, std::string> lists;
        const auto root = application.tenants()->settings().review_lists;
        for (const auto& item : std::filesystem::recursive_directory_iterator(root)) {
            if (item.path().filename() == "review.csv") {
                lists[std::filesystem::relative(item.path(), root).string()] =
                    core::read_file(item.path(), std::size_t{1} << 24U);
            }
        }
        return lists;
    }

    test_support::TestFolder folder;
    core::FixedClock clock{*core::parse_rfc3339("2026-11-21T03:00:00Z")};
    DemoWorld world = make_demo_world(folder.path(), 60, 5, clock.now());
    mutable Application application;
};

std::size_t count(const std::vector<NightlyDay>& days, NightlyDay::Outcome outcome) {
    return static_cast<std::size_t>(
        std::count_if(days.begin(), days.end(), [&](const NightlyDay& day) { return day.outcome == outcome; }));
}

TEST(PublishedLists, AreOnTheIndexHoweverManyLeftoversTheirSummaryHas) {
    World world;
    reconciliation::Discrepancy row;
    row.kind = reconciliation::DiscrepancyKind::missing_in_ledger;
    row.channel_amount = 100;
    row.channel_currency = "CNY";
    row.channel_txn_id = ",\n \"leftovers\": [";
    reconciliation::ReviewList list;
    list.summary.matched = 77;
    list.discrepancies.assign(10'000, row);
    const auto tenants = world.application.tenants();
    const auto& tenant = tenants->all().front();
    const auto& [channel, ignored] = *tenant->channels.begin();
    core::write_files_together(tenants->settings().review_lists / tenant->settings->id.text() / channel / "2026-01-05",
                               {{"summary.json", reconciliation::summary_json(list)}});
    ASSERT_GT(reconciliation::summary_json(list).size(), 1U << 20U);

    const auto entries = published_lists(*tenants, "/review/");

    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries.front().summary.matched, 77U);
}

TEST(Nightly, DoesEachDayOnceHoweverManyRunAtATime) {
    core::set_log_level(core::LogLevel::error);
    World world;
    world.application.database();  // connects before they all want it
    std::vector<std::vector<NightlyDay>> nights(3);
    {
        std::vector<std::jthread> runs;
        for (auto& night : nights) {
            runs.emplace_back([&] {
                night = run_nightly(world.application, world.clock, {{}, "", 2}, [](const NightlyDay&) {});
            });
        }
    }
    std::size_t reconciled = 0;
    for (const auto& night : nights) {
        ASSERT_EQ(night.size(), nights.front().size());
        reconciled += count(night, NightlyDay::Outcome::reconciled);
        EXPECT_EQ(count(night, NightlyDay::Outcome::refused), 0U);
    }
    const auto lists = world.lists();
    ASSERT_GT(lists.size(), 3U);
    EXPECT_EQ(reconciled, lists.size());

    // One alone, day after day, finds the same.
    std::set<core::BusinessDay> dates;
    for (const auto& day : nights.front()) {
        dates.insert(day.date);
    }
    for (const auto date : dates) {
        run_nightly(world.application, world.clock, {date, "", 1}, [](const NightlyDay&) {});
    }
    EXPECT_EQ(world.lists(), lists);
}

TEST(Nightly, KeepsWhatALaterStatementReplaces) {
    core::set_log_level(core::LogLevel::error);
    World world;
    const auto days = run_nightly(world.application, world.clock, {}, [](const NightlyDay&) {});
    const auto some = std::find_if(days.begin(), days.end(), [](const NightlyDay& day) {
        return day.channel == "stripe" && day.outcome == NightlyDay::Outcome::reconciled;
    });
    ASSERT_NE(some, days.end());
    const core::TenantId tenant(some->tenant);
    const auto superseded = [&] {
        core::db::TenantTransaction transaction(world.application.database(), tenant);
        return reconciliation::list_superseded(transaction, some->channel, some->date);
    };
    const auto again = [&](std::optional<core::BusinessDay> date) {
        const auto all = run_nightly(world.application, world.clock, {date, some->tenant}, [](const NightlyDay&) {});
        const auto found = std::find_if(all.begin(), all.end(), [&](const NightlyDay& day) {
            return day.channel == some->channel && day.date == some->date;
        });
        EXPECT_EQ(found->message, "");
        return found->outcome;
    };
    EXPECT_EQ(again({}), NightlyDay::Outcome::unchanged);
    EXPECT_EQ(again(some->date), NightlyDay::Outcome::reconciled);
    EXPECT_TRUE(superseded().empty()) << "the same again replaces nothing";

    // A corrected statement: one line less.
    const auto folder = world.application.tenants()->settings().statements / some->tenant / some->channel /
                        core::format_day(some->date);
    const auto file = std::filesystem::directory_iterator(folder)->path();
    const auto packed = core::read_file(file, std::size_t{1} << 24U);
    std::string text = core::unpack(packed)->front().bytes;
    text.erase(text.find_last_of('\n', text.size() - 2) + 1);
    std::filesystem::remove(file);
    std::ofstream(file.parent_path() / file.stem(), std::ios::binary) << text;
    EXPECT_EQ(again({}), NightlyDay::Outcome::reconciled);
    const auto kept = superseded();
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept.front().digest, some->list->summary.digest);
    EXPECT_EQ(kept.front().run_count, 2);
}

// That the right days are marked is shown by CorrectedDays; this is what the round does with one that is.
TEST(Nightly, RunsAgainWhatAnotherDaysRunMadeUntrue) {
    core::set_log_level(core::LogLevel::error);
    World world;
    const auto night = [&] { return run_nightly(world.application, world.clock, {}, [](const NightlyDay&) {}); };
    const auto first = night();
    const auto& marked = *std::find_if(first.begin(), first.end(), [&](const NightlyDay& day) {
        return day.channel == "wechatpay" && day.date == world.world.last_day;
    });
    {
        core::db::TenantTransaction transaction(world.application.database(), core::TenantId(marked.tenant));
        core::db::run(transaction,
                      "update reconciliation.runs set repeat_for = $1::date "
                      "where tenant_id = $2 and channel = $3 and business_date = $4::date",
                      core::format_day(world.world.first_day), marked.tenant, marked.channel,
                      core::format_day(marked.date));
        transaction.commit();
    }
    const auto lists = world.lists();
    for (const auto& day : night()) {
        const bool is_marked = day.tenant == marked.tenant && day.channel == marked.channel && day.date == marked.date;
        EXPECT_EQ(day.again, is_marked);
        EXPECT_EQ(day.outcome, is_marked ? NightlyDay::Outcome::reconciled : NightlyDay::Outcome::unchanged);
    }
    EXPECT_EQ(world.lists(), lists);
    EXPECT_EQ(count(night(), NightlyDay::Outcome::unchanged), first.size()) << "the mark is gone with the run";
}

}  // namespace
}  // namespace server

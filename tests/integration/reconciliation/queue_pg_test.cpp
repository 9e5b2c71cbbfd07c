// The queue of days: what changes wakes a day up, one worker has it at a time, and done is done with the run.
#include "reconciliation/queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/support/test_database.h"

namespace reconciliation {
namespace {

using testing::ElementsAre;
using Answer = JobClaim::Answer;

class Queue : public testing::Test {
protected:
    static constexpr core::BusinessDay kDay{date::year{2026} / 11 / 17};

    static JobKey key(const std::string& tenant = "shop", core::BusinessDay day = kDay) {
        return {tenant, "wechatpay", day};
    }
    std::vector<JobState> put(const std::vector<WantedJob>& jobs) { return enqueue(service_, jobs, now_); }
    Answer settle(const JobKey& job, JobState state) { return settle_job(service_, job, state, "", now_); }

    test_support::TestDatabase database_;
    core::db::Database service_{database_.service_options()};
    core::Instant now_ = *core::parse_rfc3339("2026-11-18T02:00:00Z");
};

TEST_F(Queue, WakesADayWhenItsFilesChangeOrSomebodyAsks) {
    EXPECT_THAT(put({{key(), "one"}}), ElementsAre(JobState::waiting));
    EXPECT_THAT(put({{key(), "one"}}), ElementsAre(JobState::waiting));
    EXPECT_EQ(settle(key(), JobState::done), Answer::taken);
    EXPECT_THAT(put({{key(), "one"}}), ElementsAre(JobState::done));
    EXPECT_EQ(settle(key(), JobState::refused), Answer::settled);
    EXPECT_THAT(put({{key(), "two"}}), ElementsAre(JobState::waiting));
    EXPECT_EQ(settle(key(), JobState::done), Answer::taken);
    EXPECT_THAT(put({{key(), "two", true}}), ElementsAre(JobState::waiting));
    EXPECT_EQ(settle(key(), JobState::refused), Answer::taken);
    EXPECT_THAT(put({{key(), "two"}}), ElementsAre(JobState::waiting)) << "what was refused is tried again";
}

TEST_F(Queue, AnswersForEachOfManyTenantsInTheirOrder) {
    std::vector<WantedJob> jobs;
    for (int i = 0; i < 2500; ++i) {
        jobs.push_back({key("t" + std::to_string(i)), "x"});
    }
    EXPECT_EQ(put(jobs).size(), jobs.size());
    EXPECT_EQ(settle(jobs[1234].key, JobState::done), Answer::taken);
    const auto states = put(jobs);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        EXPECT_EQ(states[i], i == 1234 ? JobState::done : JobState::waiting) << i;
    }
}

TEST_F(Queue, GivesADayToOneWorkerAndBackWhenItDies) {
    put({{key(), "one"}});
    {
        core::db::TenantTransaction first(service_, core::TenantId("shop"));
        EXPECT_EQ(JobClaim(key()).take(first), Answer::taken);
        core::db::TenantTransaction second(service_, core::TenantId("shop"));
        EXPECT_EQ(JobClaim(key()).take(second), Answer::elsewhere);
        // The first one's connection goes, as a killed worker's does.
    }
    core::db::TenantTransaction third(service_, core::TenantId("shop"));
    EXPECT_EQ(JobClaim(key()).take(third), Answer::taken);
}

TEST_F(Queue, IsWorkedOffOnceByManyWorkers) {
    std::vector<WantedJob> jobs;
    for (int i = 0; i < 200; ++i) {
        jobs.push_back({key("t" + std::to_string(i)), "x"});
    }
    put(jobs);
    std::atomic<int> taken{0};
    {
        std::vector<std::jthread> workers;
        for (int w = 0; w < 6; ++w) {
            workers.emplace_back([&] {
                for (const auto& job : jobs) {
                    taken += settle(job.key, JobState::done) == Answer::taken ? 1 : 0;
                }
            });
        }
    }
    EXPECT_EQ(taken, 200);
}

}  // namespace
}  // namespace reconciliation

#include "reconciliation/queue.h"

#include <algorithm>

#include "core/db/column.h"
#include "core/db/trip.h"
#include "core/db/work.h"
#include "core/failure.h"

namespace reconciliation {
namespace {

constexpr std::size_t kJobsAtOnce = 1000;

// The answer has a row for each job, whether anything was written or not.
constexpr core::db::Statement kEnqueue{"enqueue_jobs", R"(
with wanted as (
    select * from unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::bigint[])
        with ordinality as w (tenant_id, channel, business_date, files, again, place)
), put as (
    insert into reconciliation.jobs as j (tenant_id, channel, business_date, state, files, note, changed_at)
    select tenant_id, channel, business_date, 'waiting', files, '', $6::timestamptz from wanted order by 1, 2, 3
    on conflict on constraint jobs_pk do update
        set state = 'waiting', files = excluded.files, note = '', changed_at = excluded.changed_at
        where j.state = 'refused' or j.files <> excluded.files
              or (select w.again <> 0 from wanted w where w.tenant_id = j.tenant_id and w.channel = j.channel
                                                      and w.business_date = j.business_date)
    returning tenant_id, channel, business_date
)
select coalesce((select 'waiting' from put p where (p.tenant_id, p.channel, p.business_date)
                                                   = (w.tenant_id, w.channel, w.business_date)), j.state)
from wanted w
left join reconciliation.jobs j on (j.tenant_id, j.channel, j.business_date)
                                   = (w.tenant_id, w.channel, w.business_date)
order by w.place)"};

constexpr core::db::Statement kTake{"job_take", R"(
select state from reconciliation.jobs
where tenant_id = $1 and channel = $2 and business_date = $3::date for update skip locked)"};

constexpr core::db::Statement kSettle{"job_settle", R"(
update reconciliation.jobs set state = $4, note = $5, changed_at = $6::timestamptz
where tenant_id = $1 and channel = $2 and business_date = $3::date)"};

std::string name_of(JobState state) {
    switch (state) {
        case JobState::waiting:
            return "waiting";
        case JobState::done:
            return "done";
        case JobState::refused:
            return "refused";
    }
    return "";
}

JobState state_from(std::string_view name) {
    return name == "waiting" ? JobState::waiting : name == "done" ? JobState::done : JobState::refused;
}

void enqueue_some(core::db::Database& database, const WantedJob* jobs, std::size_t count, core::Instant now,
                  std::vector<JobState>& states) {
    core::db::TextColumn tenants;
    core::db::TextColumn channels;
    core::db::DayColumn days;
    core::db::TextColumn files;
    core::db::IntegerColumn again;
    std::vector<core::TenantId> named;
    for (std::size_t i = 0; i < count; ++i) {
        tenants.add(jobs[i].key.tenant);
        channels.add(jobs[i].key.channel);
        days.add(jobs[i].key.day);
        files.add(jobs[i].files);
        again.add(jobs[i].again ? 1 : 0);
        if (named.empty() || named.back().text() != jobs[i].key.tenant) {
            named.emplace_back(jobs[i].key.tenant);
        }
    }
    core::db::TenantsTransaction transaction(database, named);
    for (const auto& row :
         core::db::run(transaction, kEnqueue, std::move(tenants), std::move(channels), std::move(days),
                       std::move(files), std::move(again), core::format_rfc3339(now))) {
        states.push_back(state_from(row.text(0)));
    }
    transaction.commit();
}

}  // namespace

std::vector<JobState> enqueue(core::db::Database& database, const std::vector<WantedJob>& jobs, core::Instant now) {
    std::vector<JobState> states;
    states.reserve(jobs.size());
    for (std::size_t begin = 0; begin < jobs.size(); begin += kJobsAtOnce) {
        enqueue_some(database, jobs.data() + begin, std::min(kJobsAtOnce, jobs.size() - begin), now, states);
    }
    core::ensure(states.size() == jobs.size(), "each job has a state");
    return states;
}

JobClaim::Answer JobClaim::take(core::db::TenantTransaction& transaction) const {
    const auto rows = core::db::run(transaction, kTake, key_.tenant, key_.channel, core::format_day(key_.day));
    if (rows.empty()) {
        return Answer::elsewhere;
    }
    return rows[0].text(0) == name_of(JobState::waiting) ? Answer::taken : Answer::settled;
}

void JobClaim::settle(core::db::TenantTransaction& transaction, JobState state, const std::string& note,
                      core::Instant now) const {
    core::db::run(transaction, kSettle, key_.tenant, key_.channel, core::format_day(key_.day), name_of(state), note,
                  core::format_rfc3339(now));
}

JobClaim::Answer settle_job(core::db::Database& database, const JobKey& key, JobState state, const std::string& note,
                            core::Instant now) {
    core::db::TenantTransaction transaction(database, core::TenantId(key.tenant));
    const JobClaim claim(key);
    const auto answer = claim.take(transaction);
    if (answer == JobClaim::Answer::taken) {
        claim.settle(transaction, state, note, now);
        transaction.commit();
    }
    return answer;
}

}  // namespace reconciliation

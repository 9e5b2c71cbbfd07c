#include "reconciliation/runs.h"

#include "core/db/work.h"

namespace reconciliation {
namespace {

constexpr const char* kRuns = R"(
select channel, business_date::text, run_count, totals_agree, digest, summary::text,
       (extract(epoch from started_at) * 1000)::bigint, (extract(epoch from finished_at) * 1000)::bigint
from reconciliation.runs
where tenant_id = $1 and ($2::text is null or channel = $2)
  and ($3::date is null or business_date >= $3) and ($4::date is null or business_date <= $4)
  and ($5::date is null or business_date < $5 or (business_date = $5 and channel collate "C" > $6::text))
order by business_date desc, channel collate "C" limit $7)";

constexpr const char* kDiscrepancies = R"(
select discrepancy_id, kind, channel, business_date::text, place, age_days
from reconciliation.discrepancies
where tenant_id = $1 and ($2::text is null or channel = $2)
  and ($3::date is null or business_date >= $3) and ($4::date is null or business_date <= $4)
  and ($5::text is null or kind = $5)
  and ($6::date is null or business_date < $6
       or (business_date = $6 and (channel collate "C", place) > ($7::text, $8::bigint)))
order by business_date desc, channel collate "C", place limit $9)";

constexpr const char* kSuperseded = R"(
select channel, business_date::text, run_count, totals_agree, digest, summary::text,
       (extract(epoch from started_at) * 1000)::bigint, (extract(epoch from finished_at) * 1000)::bigint
from reconciliation.superseded_runs
where tenant_id = $1 and channel = $2 and business_date = $3::date order by run_count desc)";

std::optional<std::string> day_text(const std::optional<core::BusinessDay>& day) {
    return day ? std::optional(core::format_day(*day)) : std::nullopt;
}

core::Instant instant(const pqxx::field& field) {
    return core::Instant(std::chrono::milliseconds(field.as<std::int64_t>()));
}

StoredRun run_of(const pqxx::row& row) {
    return {row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::int64_t>(), row[3].as<bool>(),
            row[4].as<std::string>(), row[5].as<std::string>(), instant(row[6]),           instant(row[7])};
}

struct Before {
    explicit Before(const RunFilter& filter) {
        if (filter.before) {
            day = filter.before->business_date;
            channel = filter.before->channel;
            place = filter.before->place;
        }
    }
    std::optional<std::string> day;
    std::optional<std::string> channel;
    std::optional<std::int64_t> place;
};

}  // namespace

std::vector<StoredRun> list_runs(core::db::TenantTransaction& transaction, const RunFilter& filter,
                                 std::int64_t limit) {
    const Before before(filter);
    std::vector<StoredRun> runs;
    for (const auto& row :
         core::db::run(transaction, kRuns, transaction.tenant().text(), filter.channel, day_text(filter.from),
                       day_text(filter.until), before.day, before.channel, limit)) {
        runs.push_back(run_of(row));
    }
    return runs;
}

std::vector<StoredRun> list_superseded(core::db::TenantTransaction& transaction, const std::string& channel,
                                       core::BusinessDay day) {
    std::vector<StoredRun> runs;
    for (const auto& row :
         core::db::run(transaction, kSuperseded, transaction.tenant().text(), channel, core::format_day(day))) {
        runs.push_back(run_of(row));
    }
    return runs;
}

std::vector<StoredDiscrepancy> list_discrepancies(core::db::TenantTransaction& transaction, const RunFilter& filter,
                                                  std::int64_t limit) {
    const Before before(filter);
    std::vector<StoredDiscrepancy> discrepancies;
    for (const auto& row :
         core::db::run(transaction, kDiscrepancies, transaction.tenant().text(), filter.channel, day_text(filter.from),
                       day_text(filter.until), filter.kind, before.day, before.channel, before.place, limit)) {
        discrepancies.push_back({row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::string>(),
                                 row[3].as<std::string>(), row[4].as<std::int64_t>(), row[5].as<std::int64_t>()});
    }
    return discrepancies;
}

}  // namespace reconciliation

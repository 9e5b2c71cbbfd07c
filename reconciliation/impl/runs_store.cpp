#include "reconciliation/runs.h"

#include "core/db/work.h"
#include "core/failure.h"
#include "reconciliation/discrepancy.h"

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

// What is open of them is looked up for the page alone. An item without the channel's id goes by its evidence.
constexpr const char* kDiscrepancies = R"(
with page as materialized (
select *
from reconciliation.discrepancies
where tenant_id = $1 and ($2::text is null or channel = $2)
  and ($3::date is null or business_date >= $3) and ($4::date is null or business_date <= $4)
  and ($5::text is null or kind = $5)
  and ($6::date is null or business_date < $6
       or (business_date = $6 and (channel collate "C", place) > ($7::text, $8::bigint)))
order by business_date desc, channel collate "C", place limit $9)
select d.discrepancy_id, d.kind, d.channel, d.business_date::text, d.place, d.age_days, d.type, d.channel_txn_id,
       d.merchant_order_id, d.ledger_minor, d.ledger_currency, d.channel_minor, d.channel_currency,
       (select max(i.closed_on)::text from (
            select i.closed_on from reconciliation.open_items i
            where i.tenant_id = d.tenant_id and i.channel = d.channel and i.type = d.type
              and i.side = case when d.ledger_minor is null then 'channel' else 'ledger' end
              and i.item_key = d.channel_txn_id
            union all
            select i.closed_on from reconciliation.open_items i
            where d.channel_txn_id = '' and i.tenant_id = d.tenant_id and i.channel = d.channel and i.type = d.type
              and i.side = case when d.ledger_minor is null then 'channel' else 'ledger' end
              and i.channel_txn_id = '' and i.evidence = d.evidence) i
        where d.kind in ('missing_in_ledger', 'missing_in_channel', 'timing')),
       d.told::text
from page d
order by d.business_date desc, d.channel collate "C", d.place)";

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

std::optional<core::Money> money(const pqxx::field& minor, const pqxx::field& currency) {
    if (minor.is_null()) {
        return std::nullopt;
    }
    const auto known = core::Currency::from_code(currency.as<std::string>());
    core::ensure(known.has_value(), "the database holds currencies we know");
    return core::Money(minor.as<std::int64_t>(), *known);
}

// As in the review list: between currencies there is none.
std::optional<core::Money> difference(std::string_view kind, const std::optional<core::Money>& ledger,
                                      const std::optional<core::Money>& channel) {
    if (kind == name_of(DiscrepancyKind::currency_mismatch) || (!ledger && !channel) ||
        (ledger && channel && ledger->currency() != channel->currency())) {
        return std::nullopt;
    }
    const auto minor = core::checked_subtract(channel ? channel->minor() : 0, ledger ? ledger->minor() : 0);
    return minor ? std::optional(core::Money(*minor, channel ? channel->currency() : ledger->currency()))
                 : std::nullopt;
}

std::optional<StoredDiscrepancy::Subject> subject_of(const pqxx::row& row) {
    if (row[6].is_null()) {
        return std::nullopt;
    }
    const auto ledger = money(row[9], row[10]);
    const auto channel = money(row[11], row[12]);
    StoredDiscrepancy::Subject subject{row[6].as<std::string>(),
                                       row[7].as<std::string>(),
                                       row[8].as<std::string>(),
                                       ledger,
                                       channel,
                                       difference(row[1].as<std::string>(), ledger, channel),
                                       std::nullopt};
    if (!row[13].is_null()) {
        subject.cleared_on = row[13].as<std::string>();
    }
    return subject;
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
                                 row[3].as<std::string>(), row[4].as<std::int64_t>(), row[5].as<std::int64_t>(),
                                 subject_of(row),
                                 row[14].is_null() ? std::nullopt : std::optional(row[14].as<std::string>())});
    }
    return discrepancies;
}

}  // namespace reconciliation

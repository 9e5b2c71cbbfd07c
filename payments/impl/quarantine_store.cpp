#include <algorithm>
#include <chrono>
#include <new>

#include "core/crypto/digest.h"
#include "core/db/array.h"
#include "core/db/work.h"
#include "core/failure.h"
#include "core/log.h"
#include "payments/impl/excerpt.h"
#include "payments/quarantine.h"

namespace payments {
namespace {

using core::db::text_array;

constexpr std::chrono::seconds kEvery{1};

constexpr core::db::Statement kInsert{"insert_quarantine", R"(
insert into payments.quarantine (tenant_id, channel, verdict, reason, received_at, body_bytes, body_sha256, excerpt)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[], $7::text[],
                     $8::text[]))"};

// The last that goes is found once for each channel and verdict, not for each record.
constexpr core::db::Statement kTrim{"trim_quarantine", R"(
with last as materialized (
    select a.tenant_id, a.channel, a.verdict,
           (select k.quarantine_id from payments.quarantine k
            where k.tenant_id = a.tenant_id and k.channel = a.channel and k.verdict = a.verdict
            order by k.quarantine_id desc offset $4::integer limit 1) as quarantine_id
    from (select distinct * from unnest($1::text[], $2::text[], $3::text[]) as t (tenant_id, channel, verdict)) a)
delete from payments.quarantine q using last
where q.tenant_id = last.tenant_id and q.channel = last.channel and q.verdict = last.verdict
  and q.quarantine_id <= last.quarantine_id)"};

constexpr const char* kRead = R"(
select channel, verdict, reason, (extract(epoch from received_at) * 1000)::bigint, body_bytes, body_sha256, excerpt
from payments.quarantine where tenant_id = $1 order by received_at desc, quarantine_id desc limit $2)";

}  // namespace

Quarantine::Quarantine(core::db::Database& database, Redact redact)
    : database_(database), redact_(std::move(redact)), writer_([this] { run(); }) {}

Quarantine::~Quarantine() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    writer_.join();
}

bool Quarantine::add(const core::TenantId& tenant, std::string_view channel, const CallbackRefusal& refusal,
                     const CallbackRequest& request) {
    std::string verdict(name_of(part_of(refusal)));
    {
        const std::lock_guard lock(mutex_);
        if (!has_room(tenant, channel, verdict)) {
            return false;
        }
    }
    QuarantineRecord record{std::string(channel),
                            std::move(verdict),
                            refusal.reason,
                            request.received_at,
                            static_cast<std::int64_t>(request.body.size()),
                            core::crypto::sha256_hex(request.body),
                            excerpt_of(request.body, redact_, kExcerptMax)};
    const std::lock_guard lock(mutex_);
    if (!has_room(tenant, channel, record.verdict)) {
        return false;
    }
    waiting_.push_back({tenant, std::move(record)});
    return true;
}

bool Quarantine::has_room(const core::TenantId& tenant, std::string_view channel, std::string_view verdict) const {
    const auto alike = std::count_if(waiting_.begin(), waiting_.end(), [&](const Waiting& one) {
        return one.tenant == tenant && one.record.channel == channel && one.record.verdict == verdict;
    });
    return waiting_.size() < kWaiting && static_cast<std::size_t>(alike) < kWaitingEach;
}

void Quarantine::run() {
    while (true) {
        std::vector<Waiting> records;
        {
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, kEvery, [this] { return ending_; });
            records.swap(waiting_);
            if (records.empty() && ending_) {
                return;
            }
        }
        if (records.empty()) {
            continue;
        }
        try {
            write(records);
        } catch (const core::Failure& failure) {
            core::log_warning("quarantine_not_written", {{"reason", failure.what()}});
        } catch (const std::bad_alloc&) {
            core::log_warning("quarantine_not_written");
        }
    }
}

void Quarantine::write(const std::vector<Waiting>& records) {
    std::vector<core::TenantId> all;
    std::vector<std::string> tenants, channels, verdicts, reasons, received, digests, excerpts;
    std::vector<std::int64_t> sizes;
    for (const auto& [tenant, record] : records) {
        all.push_back(tenant);
        tenants.push_back(tenant.text());
        channels.push_back(record.channel);
        verdicts.push_back(record.verdict);
        reasons.push_back(record.reason);
        received.push_back(core::format_rfc3339(record.received_at));
        sizes.push_back(record.body_bytes);
        digests.push_back(record.body_sha256);
        excerpts.push_back(record.excerpt);
    }
    core::db::TenantsTransaction transaction(database_, all);
    core::db::run(transaction, kInsert, text_array(tenants), text_array(channels), text_array(verdicts),
                  text_array(reasons), text_array(received), core::db::integer_array(sizes), text_array(digests),
                  text_array(excerpts));
    core::db::run(transaction, kTrim, text_array(tenants), text_array(channels), text_array(verdicts), kKept);
    transaction.commit();
}

std::vector<QuarantineRecord> quarantined(core::db::TenantTransaction& transaction, std::size_t limit) {
    std::vector<QuarantineRecord> records;
    for (const auto& row : core::db::run(transaction, kRead, transaction.tenant().text(), limit)) {
        records.push_back({row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::string>(),
                           core::Instant(std::chrono::milliseconds(row[3].as<std::int64_t>())),
                           row[4].as<std::int64_t>(), row[5].as<std::string>(), row[6].as<std::string>()});
    }
    return records;
}

}  // namespace payments

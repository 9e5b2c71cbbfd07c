#include <map>

#include "core/db/work.h"
#include "core/failure.h"
#include "server/retention/retention.h"

namespace server {
namespace {

struct Statements {
    const char* held;   // $1 tenant, $2 older than, $3 overdue: before
    const char* purge;  // $1 tenant, $2 older than, $3 at most, $4 when, $5 by whom
};

// A record's hash is SHA-256 of what it said, parts joined by the character 31; a batch's is SHA-256 of its records'
// hashes one after the other, in the order of the keys that they are sorted by here.
const std::map<std::string_view, Statements> kStatements = {
    {"callback_bodies",
     {R"(
select count(*), count(*) filter (where received_at < $2::timestamptz), count(*) filter (where received_at < $3::timestamptz)
from payments.inbox where tenant_id = $1 and redacted_body <> '')",
      R"(
with batch as materialized (
    select channel, event_id, received_at, octet_length(redacted_body) as bytes,
           sha256(convert_to(concat_ws(chr(31), channel, event_id, redacted_body), 'UTF8')) as hash
    from payments.inbox where tenant_id = $1 and received_at < $2::timestamptz and redacted_body <> ''
    order by received_at, channel, event_id limit $3::bigint for update),
gone as (update payments.inbox i set redacted_body = '' from batch b
         where i.tenant_id = $1 and i.channel = b.channel and i.event_id = b.event_id)
insert into audit.tombstones (tenant_id, kind, subject, older_than, first_at, last_at, record_count, byte_count,
                              content_sha256, purged_at, purged_by)
select $1, 'callback_bodies', '', $2::timestamptz, min(received_at), max(received_at), count(*), sum(bytes),
       encode(sha256(string_agg(hash, ''::bytea order by received_at, channel, event_id)), 'hex'), $4::timestamptz, $5
from batch having count(*) > 0
returning record_count, byte_count, content_sha256)"}},
    {"quarantine",
     {R"(
select count(*), count(*) filter (where received_at < $2::timestamptz), count(*) filter (where received_at < $3::timestamptz)
from payments.quarantine where tenant_id = $1)",
      R"(
with batch as materialized (
    select channel, quarantine_id, received_at, octet_length(excerpt) as bytes,
           sha256(convert_to(concat_ws(chr(31), channel, quarantine_id, verdict, reason, body_sha256, excerpt), 'UTF8'))
               as hash
    from payments.quarantine where tenant_id = $1 and received_at < $2::timestamptz
    order by received_at, channel, quarantine_id limit $3::bigint for update),
gone as (delete from payments.quarantine q using batch b
         where q.tenant_id = $1 and q.channel = b.channel and q.quarantine_id = b.quarantine_id)
insert into audit.tombstones (tenant_id, kind, subject, older_than, first_at, last_at, record_count, byte_count,
                              content_sha256, purged_at, purged_by)
select $1, 'quarantine', '', $2::timestamptz, min(received_at), max(received_at), count(*), sum(bytes),
       encode(sha256(string_agg(hash, ''::bytea order by received_at, channel, quarantine_id)), 'hex'),
       $4::timestamptz, $5
from batch having count(*) > 0
returning record_count, byte_count, content_sha256)"}},
    {"kept_statements",
     {R"(
select count(*), count(*) filter (where kept_at < $2::timestamptz), count(*) filter (where kept_at < $3::timestamptz)
from reconciliation.kept_statements where tenant_id = $1)",
      // What is kept is encrypted: its hash is the file's own.
      R"(
with batch as materialized (
    select sha256, kept_at, byte_count from reconciliation.kept_statements
    where tenant_id = $1 and kept_at < $2::timestamptz order by kept_at, sha256 limit $3::bigint for update),
chunks as (delete from reconciliation.kept_chunks c using batch b where c.tenant_id = $1 and c.sha256 = b.sha256),
gone as (delete from reconciliation.kept_statements s using batch b where s.tenant_id = $1 and s.sha256 = b.sha256)
insert into audit.tombstones (tenant_id, kind, subject, older_than, first_at, last_at, record_count, byte_count,
                              content_sha256, purged_at, purged_by)
select $1, 'kept_statements', '', $2::timestamptz, min(kept_at), max(kept_at), count(*), sum(byte_count),
       encode(sha256(string_agg(decode(sha256, 'hex'), ''::bytea order by kept_at, sha256)), 'hex'), $4::timestamptz, $5
from batch having count(*) > 0
returning record_count, byte_count, content_sha256)"}},
};

constexpr const char* kTombstone = R"(
insert into audit.tombstones (tenant_id, kind, subject, older_than, first_at, last_at, record_count, byte_count,
                              content_sha256, purged_at, purged_by)
values ($1, $2, $3, $4::timestamptz, $5::timestamptz, $5::timestamptz, $6::bigint, $7::bigint, $8, $9::timestamptz, $10))";

}  // namespace

bool keeps_rows(std::string_view kind) { return kStatements.contains(kind); }

Held held_rows(core::db::TenantTransaction& transaction, std::string_view kind, std::int64_t days, core::Instant now) {
    const auto older = now - std::chrono::hours(24 * days);
    const auto rows = core::db::run(transaction, kStatements.at(kind).held, transaction.tenant().text(),
                                    core::format_rfc3339(older), core::format_rfc3339(older - std::chrono::hours(24)));
    Held held{transaction.tenant().text(), std::string(kind), days, rows[0][0].as<std::int64_t>(), 0, 0};
    if (days > 0) {
        held.older = rows[0][1].as<std::int64_t>();
        held.overdue = rows[0][2].as<std::int64_t>();
    }
    return held;
}

Purged purge_rows(core::db::TenantTransaction& transaction, std::string_view kind, core::Instant older_than,
                  const RetentionWork& work) {
    const auto rows =
        core::db::run(transaction, kStatements.at(kind).purge, transaction.tenant().text(),
                      core::format_rfc3339(older_than), work.batch, core::format_rfc3339(work.now), work.purged_by);
    Purged purged{transaction.tenant().text(), std::string(kind), "", 0, 0, ""};
    if (!rows.empty()) {
        purged.records = rows[0][0].as<std::int64_t>();
        purged.bytes = rows[0][1].as<std::int64_t>();
        purged.sha256 = rows[0][2].as<std::string>();
    }
    return purged;
}

void leave_tombstone(core::db::TenantTransaction& transaction, const Purged& purged, core::Instant older_than,
                     core::BusinessDay day, const RetentionWork& work) {
    core::db::run(transaction, kTombstone, purged.tenant, purged.kind, purged.subject, core::format_rfc3339(older_than),
                  core::format_day(day) + "T00:00:00Z", purged.records, purged.bytes, purged.sha256,
                  core::format_rfc3339(work.now), work.purged_by);
}

}  // namespace server

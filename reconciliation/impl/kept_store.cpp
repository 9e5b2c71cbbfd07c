#include <algorithm>
#include <utility>

#include "core/archive.h"
#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/crypto/envelope.h"
#include "core/db/column.h"
#include "core/db/trip.h"
#include "core/db/work.h"
#include "core/failure.h"
#include "reconciliation/kept.h"

namespace reconciliation {
namespace {

constexpr std::size_t kChunk = std::size_t{256} * 1024;

constexpr core::db::Statement kFind{"kept_find", R"(
select byte_count, key_no, (extract(epoch from kept_at) * 1000)::bigint, chunk_count, encode(header, 'hex'),
       encode(wrapped_key, 'hex'), packing
from reconciliation.kept_statements where tenant_id = $1 and sha256 = $2)"};
// Waits for whoever keeps the same file at this moment.
constexpr core::db::Statement kInsert{"kept_insert", R"(
insert into reconciliation.kept_statements (tenant_id, sha256, byte_count, chunk_count, header, wrapped_key, key_no, kept_at,
    packing)
values ($1, $2, $3, $4, decode($5, 'hex'), decode($6, 'hex'), $7, $8::timestamptz, 'zstd')
on conflict (tenant_id, sha256) do nothing)"};
constexpr core::db::Statement kInsertChunks{nullptr, R"(
insert into reconciliation.kept_chunks (tenant_id, sha256, chunk_no, sealed)
select $1, $2, * from unnest($3::bigint[], $4::bytea[]))"};
constexpr std::size_t kSentTogether = std::size_t{1} << 20U;  // bytes
constexpr core::db::Statement kChunkOf{"kept_chunk_of",
                                       "select encode(sealed, 'hex') from reconciliation.kept_chunks where tenant_id = "
                                       "$1 and sha256 = $2 and chunk_no = $3"};
constexpr core::db::Statement kElsewhere{"kept_elsewhere", R"(
select sha256, encode(wrapped_key, 'hex'), key_no, packing from reconciliation.kept_statements
where tenant_id = $1 and key_no <> $2 order by key_no, sha256 limit $3 for update)"};
constexpr core::db::Statement kRewrap{"kept_rewrap", R"(
update reconciliation.kept_statements set wrapped_key = decode($3, 'hex'), key_no = $4
where tenant_id = $1 and sha256 = $2)"};

constexpr core::db::Statement kView{"kept_view", R"(
insert into reconciliation.statement_views (tenant_id, sha256, begin_byte, byte_count, viewed_by, viewed_at)
select tenant_id, sha256, $3, coalesce($4::bigint, byte_count - $3), $5, $6::timestamptz
from reconciliation.kept_statements where tenant_id = $1 and sha256 = $2)"};

constexpr std::string_view kPacked = "zstd";

// What a file's key and each of its chunks are authenticated with.
std::string identity_of(core::db::TenantTransaction& transaction, const std::string& sha256, bool is_packed) {
    return std::string("duizhang kept statement ") + (is_packed ? "2" : "1") + "\n" + transaction.tenant().text() +
           "\n" + sha256;
}

std::string bytes_of_hex(std::string_view hex) { return core::crypto::hex_decode(hex).value_or(""); }

core::InputError changed(const std::string& sha256) {
    return core::InputError("statement " + sha256 +
                            ": what is kept is not what was taken in, somebody changed the database: restore "
                            "reconciliation.kept_statements and kept_chunks from a backup");
}

void insert_chunks(core::db::TenantTransaction& transaction, core::crypto::ChunkSealer& sealer,
                   const PackedStatement& statement) {
    const auto identity = identity_of(transaction, statement.sha256, true);
    core::db::IntegerColumn numbers;
    core::db::BytesColumn sealed;
    std::size_t waiting = 0;
    for (std::size_t at = 0; at < statement.chunks.size(); ++at) {
        const bool is_last = at + 1 == statement.chunks.size();
        const auto chunk = sealer.seal(statement.chunks[at], identity, is_last);
        numbers.add(static_cast<std::int64_t>(at) + 1);
        sealed.add(chunk);
        waiting += chunk.size();
        if (is_last || waiting >= kSentTogether) {
            core::db::run(transaction, kInsertChunks, transaction.tenant().text(), statement.sha256,
                          std::exchange(numbers, {}), std::exchange(sealed, {}));
            waiting = 0;
        }
    }
}

core::KeyBytes key_of(core::db::TenantTransaction& transaction, const core::keys::KeyRing& keys,
                      const std::string& sha256, std::int64_t key_number, const std::string& wrapped, bool is_packed) {
    const auto under = keys.to_decrypt(transaction, key_number);
    auto key = core::crypto::unwrap_key(under.key, identity_of(transaction, sha256, is_packed), wrapped);
    if (!key) {
        throw changed(sha256);
    }
    return std::move(*key);
}

// Opens chunk after chunk and gives each away.
class Reader {
public:
    Reader(core::db::TenantTransaction& transaction, const core::keys::KeyRing& keys, std::string sha256)
        : transaction_(transaction), sha256_(std::move(sha256)) {
        const auto rows = core::db::run(transaction, kFind, transaction.tenant().text(), sha256_);
        if (rows.empty()) {
            throw core::InputError("statement " + sha256_ + ": tenant " + transaction.tenant().text() +
                                   " has kept no file with this SHA-256, or it was purged");
        }
        byte_count_ = rows[0].integer(0);
        chunks_ = rows[0].integer(3);
        header_ = bytes_of_hex(rows[0].text(4));
        is_packed_ = rows[0].text(6) == kPacked;
        key_ = key_of(transaction, keys, sha256_, rows[0].integer(1), bytes_of_hex(rows[0].text(5)), is_packed_);
    }

    std::int64_t byte_count() const { return byte_count_; }

    void read(const std::function<void(std::string_view)>& take) {
        core::crypto::ChunkOpener opener(key_, header_);
        const auto identity = identity_of(transaction_, sha256_, is_packed_);
        for (std::int64_t number = 1; number <= chunks_; ++number) {
            const auto rows = core::db::run(transaction_, kChunkOf, transaction_.tenant().text(), sha256_, number);
            const auto chunk = rows.empty() ? std::nullopt : opener.open(bytes_of_hex(rows[0].text(0)), identity);
            if (!chunk || chunk->last != (number == chunks_)) {
                throw changed(sha256_);
            }
            if (!is_packed_) {
                take(chunk->bytes);
                continue;
            }
            const auto bytes = core::unzstd(chunk->bytes, kChunk);
            if (!bytes) {
                throw changed(sha256_);
            }
            take(*bytes);
        }
    }

private:
    core::db::TenantTransaction& transaction_;
    std::string sha256_;
    std::int64_t byte_count_ = 0;
    std::int64_t chunks_ = 0;
    bool is_packed_ = false;
    std::string header_;
    core::KeyBytes key_;
};

}  // namespace

PackedStatement pack_statement(std::string_view bytes) {
    PackedStatement packed{core::crypto::sha256_hex(bytes), static_cast<std::int64_t>(bytes.size()), {}};
    do {
        const auto chunk = bytes.substr(0, kChunk);
        bytes.remove_prefix(chunk.size());
        packed.chunks.push_back(core::zstd(chunk));
    } while (!bytes.empty());
    return packed;
}

bool keep_statement(core::db::TenantTransaction& transaction, const core::keys::KeyRing& keys,
                    const PackedStatement& statement, core::Instant now) {
    if (find_kept(transaction, statement.sha256)) {
        return false;
    }
    const auto under = keys.to_encrypt(transaction, core::keys::kStatementsPurpose, now);
    const auto key = core::crypto::random_key();
    core::crypto::ChunkSealer sealer(key);
    const auto wrapped = core::crypto::wrap_key(under.key, identity_of(transaction, statement.sha256, true), key);
    const auto inserted =
        core::db::run(transaction, kInsert, transaction.tenant().text(), statement.sha256, statement.byte_count,
                      static_cast<std::int64_t>(statement.chunks.size()), core::crypto::hex_encode(sealer.header()),
                      core::crypto::hex_encode(wrapped), under.number, core::format_rfc3339(now));
    if (inserted.affected_rows() == 0) {
        return false;
    }
    insert_chunks(transaction, sealer, statement);
    return true;
}

std::optional<KeptStatement> find_kept(core::db::TenantTransaction& transaction, const std::string& sha256) {
    const auto rows = core::db::run(transaction, kFind, transaction.tenant().text(), sha256);
    if (rows.empty()) {
        return std::nullopt;
    }
    return KeptStatement{rows[0].integer(0), rows[0].integer(1),
                         core::Instant(std::chrono::milliseconds(rows[0].integer(2)))};
}

void read_kept(core::db::TenantTransaction& transaction, const core::keys::KeyRing& keys, const std::string& sha256,
               const ByteRange& range, const std::function<void(std::string_view)>& take) {
    Reader reader(transaction, keys, sha256);
    const auto length = range.length.value_or(reader.byte_count() - range.begin);
    if (range.begin < 0 || range.begin > reader.byte_count() || length < 0 ||
        length > reader.byte_count() - range.begin) {
        throw core::InputError("statement " + sha256 + ": has " + std::to_string(reader.byte_count()) +
                               " bytes; the range asked for is not of it");
    }
    core::crypto::Sha256Stream digest;
    reader.read([&](std::string_view chunk) { digest.add(chunk); });
    if (digest.finish_hex() != sha256) {
        throw changed(sha256);
    }
    std::int64_t at = 0;
    reader.read([&](std::string_view chunk) {
        const auto size = static_cast<std::int64_t>(chunk.size());
        const auto from = std::clamp<std::int64_t>(range.begin - at, 0, size);
        const auto until = std::clamp<std::int64_t>(range.begin + length - at, from, size);
        if (until > from) {
            take(chunk.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(until - from)));
        }
        at += size;
    });
}

void note_view(core::db::TenantTransaction& transaction, const std::string& sha256, const ByteRange& range,
               const std::string& viewed_by, core::Instant now) {
    core::db::run(transaction, kView, transaction.tenant().text(), sha256, range.begin, range.length, viewed_by,
                  core::format_rfc3339(now));
}

std::int64_t rewrap_kept(core::db::TenantTransaction& transaction, const core::keys::KeyRing& keys, std::int64_t count,
                         core::Instant now) {
    const auto active = keys.to_encrypt(transaction, core::keys::kStatementsPurpose, now);
    const auto rows = core::db::run(transaction, kElsewhere, transaction.tenant().text(), active.number, count);
    for (const auto& row : rows) {
        const std::string sha256(row.text(0));
        const bool is_packed = row.text(3) == kPacked;
        const auto key = key_of(transaction, keys, sha256, row.integer(2), bytes_of_hex(row.text(1)), is_packed);
        const auto wrapped = core::crypto::wrap_key(active.key, identity_of(transaction, sha256, is_packed), key);
        core::db::run(transaction, kRewrap, transaction.tenant().text(), sha256, core::crypto::hex_encode(wrapped),
                      active.number);
    }
    return static_cast<std::int64_t>(rows.size());
}

}  // namespace reconciliation

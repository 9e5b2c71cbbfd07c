// Kept statements: each file that a run takes in, once, by the SHA-256 of its content, encrypted under its tenant's
// key.
//
// A file is a stream of chunks, each packed (zstd), under a key of its own, which the tenant's active data key wraps;
// so a rotation wraps these keys anew and leaves the chunks as they are. What is read is checked against its SHA-256
// before any of it is given away. Memory: some chunks.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/db/database.h"
#include "core/keys/data_keys.h"
#include "core/time.h"

namespace reconciliation {

// A file on its way to be kept: packed, piece by piece. Made beside other work, since it takes no database.
struct PackedStatement {
    std::string sha256;  // of the file
    std::int64_t byte_count = 0;
    std::vector<std::string> chunks;
};
PackedStatement pack_statement(std::string_view bytes);

// False when it is kept already. The transaction then waits for nobody who rotates keys.
bool keep_statement(core::db::TenantTransaction& transaction, const core::keys::KeyRing& keys,
                    const PackedStatement& statement, core::Instant now);

struct KeptStatement {
    std::int64_t byte_count;
    std::int64_t key_number;
    core::Instant kept_at;
};

std::optional<KeptStatement> find_kept(core::db::TenantTransaction& transaction, const std::string& sha256);

struct ByteRange {
    std::int64_t begin = 0;                // from 0
    std::optional<std::int64_t> length{};  // nothing: to the end
};

// Gives the bytes of the range, in pieces, in order, once all of the file was found to be what its SHA-256 says. Throws
// core::InputError when nothing is kept under it, the range isn't of the file, or what is kept was changed.
void read_kept(core::db::TenantTransaction& transaction, const core::keys::KeyRing& keys, const std::string& sha256,
               const ByteRange& range, const std::function<void(std::string_view)>& take);

// Writes down who was given that range of that file.
void note_view(core::db::TenantTransaction& transaction, const std::string& sha256, const ByteRange& range,
               const std::string& viewed_by, core::Instant now);

// Wraps anew, by the active key, the keys of at most `count` files that another one wraps. How many there were: fewer
// than `count` when none is left.
std::int64_t rewrap_kept(core::db::TenantTransaction& transaction, const core::keys::KeyRing& keys, std::int64_t count,
                         core::Instant now);

}  // namespace reconciliation

// Data keys: what a tenant's data is encrypted under, wrapped by the master key, in access.data_keys.
//
// What always holds (the database holds K1 to K3 once more, migration 0032):
//   K1  Of a tenant and purpose at most one key is active; only that one encrypts.
//   K2  A key goes from active to decrypt_only to destroyed, never back. Of a destroyed one nothing is left that opens.
//   K3  A key under which something is kept is not destroyed.
//   K4  A key opens only as what it was made: its tenant, number, purpose and environment are authenticated with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/db/database.h"
#include "core/keys/master_key.h"
#include "core/time.h"

namespace core::keys {

inline constexpr std::string_view kStatementsPurpose = "statements";

enum class KeyState { active, decrypt_only, destroyed };
std::string_view name_of(KeyState state);

// What may be shown of a key.
struct KeyRecord {
    std::int64_t number;
    std::string purpose;
    KeyState state;
    std::string environment;
    std::string check_value;
    std::string master_check;  // of the master key that wraps it
    Instant created_at;
    std::optional<Instant> retired_at;
    std::optional<Instant> destroyed_at;
};

// In the order of their numbers.
std::vector<KeyRecord> all_keys(db::TenantTransaction& transaction);

struct DataKey {
    std::int64_t number;
    KeyBytes key;
};

// The keys of one environment under one master key, which wraps them; while it is being replaced the one before, which
// still opens what it wrapped. Any thread.
class KeyRing {
public:
    KeyRing(KeyBytes master, Environment environment, KeyBytes previous_master = {})
        : master_(std::move(master)), previous_(std::move(previous_master)), environment_(environment) {}

    // The active key, made when there is none. Nobody retires it before the transaction ends.
    DataKey to_encrypt(db::TenantTransaction& transaction, std::string_view purpose, Instant now) const;
    // An active or retired one. Throws InputError when it is destroyed or there is none, UsageError naming the setting
    // when it is of another environment or master key.
    DataKey to_decrypt(db::TenantTransaction& transaction, std::int64_t number) const;

    // Makes a new active key; the one before decrypts only from now on. Its number.
    std::int64_t rotate(db::TenantTransaction& transaction, std::string_view purpose, Instant now) const;
    // Wraps every key of the tenant by the master key that the previous one has wrapped. How many there were; it may be
    // done again.
    std::int64_t rewrap(db::TenantTransaction& transaction) const;

    // Opens every key of the tenant that isn't destroyed. Throws UsageError naming the setting when one doesn't open.
    void check(db::TenantTransaction& transaction) const;

private:
    struct Row;
    std::string associated_data(db::TenantTransaction& transaction, std::int64_t number,
                                std::string_view purpose) const;
    std::optional<DataKey> active(db::TenantTransaction& transaction, std::string_view purpose) const;
    DataKey make(db::TenantTransaction& transaction, std::string_view purpose, Instant now) const;
    DataKey open(db::TenantTransaction& transaction, const Row& row) const;

    KeyBytes master_;
    KeyBytes previous_;  // may be empty
    Environment environment_;
};

// Throws InputError when it is active, still used, destroyed before, or there is none.
void destroy_key(db::TenantTransaction& transaction, std::int64_t number, Instant now);

}  // namespace core::keys

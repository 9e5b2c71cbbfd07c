#include "core/crypto/encoding.h"
#include "core/crypto/envelope.h"
#include "core/db/work.h"
#include "core/failure.h"
#include "core/keys/data_keys.h"

namespace core::keys {
namespace {

// One tenant's keys are made and retired one at a time.
constexpr db::Statement kLock{"data_key_lock",
                              "select pg_advisory_xact_lock(hashtextextended('data keys of ' || $1, 0))"};

#define KEY_COLUMNS                                                                                      \
    "select key_no, purpose, state, environment, encode(wrapped, 'hex'), check_value, master_check, "    \
    "(extract(epoch from created_at) * 1000)::bigint, (extract(epoch from retired_at) * 1000)::bigint, " \
    "(extract(epoch from destroyed_at) * 1000)::bigint from access.data_keys where tenant_id = $1 "
constexpr db::Statement kAll{"data_key_all", KEY_COLUMNS "order by key_no"};
constexpr db::Statement kOne{"data_key_one", KEY_COLUMNS "and key_no = $2"};
constexpr db::Statement kActive{"data_key_active", KEY_COLUMNS "and purpose = $2 and state = 'active' for share"};
#undef KEY_COLUMNS

constexpr db::Statement kNext{"data_key_next",
                              "select coalesce(max(key_no), 0) + 1 from access.data_keys where tenant_id = $1"};
constexpr db::Statement kInsert{"data_key_insert", R"(
insert into access.data_keys (tenant_id, key_no, purpose, state, environment, wrapped, check_value, master_check, created_at)
values ($1, $2, $3, 'active', $4, decode($5, 'hex'), $6, $7, $8::timestamptz))"};
constexpr db::Statement kRetire{"data_key_retire", R"(
update access.data_keys set state = 'decrypt_only', retired_at = $3::timestamptz
where tenant_id = $1 and purpose = $2 and state = 'active')"};
constexpr db::Statement kDestroy{"data_key_destroy", R"(
update access.data_keys set state = 'destroyed', wrapped = '', destroyed_at = $3::timestamptz
where tenant_id = $1 and key_no = $2 and state = 'decrypt_only')"};
constexpr db::Statement kRewrap{"data_key_rewrap", R"(
update access.data_keys set wrapped = decode($3, 'hex'), master_check = $4 where tenant_id = $1 and key_no = $2)"};

std::optional<Instant> instant(db::Rows::Row row, int column) {
    return row.is_null(column) ? std::nullopt : std::optional(Instant(std::chrono::milliseconds(row.integer(column))));
}

KeyState state_named(std::string_view name) {
    for (const auto state : {KeyState::active, KeyState::decrypt_only, KeyState::destroyed}) {
        if (name == name_of(state)) {
            return state;
        }
    }
    throw BrokenRule("a key has a state that the database lets it have");
}

}  // namespace

namespace {

KeyRecord record_of(db::Rows::Row row) {
    return {row.integer(0),           std::string(row.text(1)), state_named(row.text(2)),
            std::string(row.text(3)), std::string(row.text(5)), std::string(row.text(6)),
            *instant(row, 7),         instant(row, 8),          instant(row, 9)};
}

}  // namespace

struct KeyRing::Row {
    KeyRecord record;
    std::string wrapped;  // empty: destroyed

    explicit Row(db::Rows::Row row) : record(record_of(row)), wrapped(crypto::hex_decode(row.text(4)).value_or("")) {}
};

std::string_view name_of(KeyState state) {
    switch (state) {
        case KeyState::active:
            return "active";
        case KeyState::decrypt_only:
            return "decrypt_only";
        case KeyState::destroyed:
            return "destroyed";
    }
    return "";
}

std::string KeyRing::associated_data(db::TenantTransaction& transaction, std::int64_t number,
                                     std::string_view purpose) const {
    std::string text = "duizhang data key 1\n";
    text.append(transaction.tenant().text()).append("\n").append(std::to_string(number)).append("\n");
    return text.append(purpose).append("\n").append(name_of(environment_));
}

DataKey KeyRing::open(db::TenantTransaction& transaction, const Row& row) const {
    const auto& record = row.record;
    const std::string which = "data key " + std::to_string(record.number) + " of tenant " + transaction.tenant().text();
    if (record.state == KeyState::destroyed) {
        throw InputError(which + " is destroyed: what was encrypted under it can't be read any more");
    }
    if (record.environment != name_of(environment_)) {
        throw UsageError("service.environment: is \"" + std::string(name_of(environment_)) + "\", and " + which +
                         " was made for \"" + record.environment + "\": a key serves one environment alone");
    }
    const bool by_previous = !previous_.empty() && record.master_check == crypto::key_check_value(previous_);
    if (const auto master = crypto::key_check_value(master_); !by_previous && record.master_check != master) {
        throw UsageError("secrets.master_key: its check value is " + master + ", and " + which +
                         " was wrapped by the key with check value " + record.master_check + ": put that key back");
    }
    auto key = crypto::unwrap_key(by_previous ? previous_ : master_,
                                  associated_data(transaction, record.number, record.purpose), row.wrapped);
    if (!key || crypto::key_check_value(*key) != record.check_value) {
        throw UsageError("secrets.master_key: " + which +
                         " doesn't open, though its row says that this key wrapped it: the row was changed; "
                         "restore access.data_keys");
    }
    return {record.number, std::move(*key)};
}

std::optional<DataKey> KeyRing::active(db::TenantTransaction& transaction, std::string_view purpose) const {
    const auto rows = db::run(transaction, kActive, transaction.tenant().text(), std::string(purpose));
    return rows.empty() ? std::nullopt : std::optional(open(transaction, Row(rows[0])));
}

DataKey KeyRing::make(db::TenantTransaction& transaction, std::string_view purpose, Instant now) const {
    const auto number = db::run(transaction, kNext, transaction.tenant().text())[0].integer(0);
    auto key = crypto::random_key();
    const auto wrapped = crypto::wrap_key(master_, associated_data(transaction, number, purpose), key);
    db::run(transaction, kInsert, transaction.tenant().text(), number, std::string(purpose),
            std::string(name_of(environment_)), crypto::hex_encode(wrapped), crypto::key_check_value(key),
            crypto::key_check_value(master_), format_rfc3339(now));
    return {number, std::move(key)};
}

DataKey KeyRing::to_encrypt(db::TenantTransaction& transaction, std::string_view purpose, Instant now) const {
    if (auto key = active(transaction, purpose)) {
        return std::move(*key);
    }
    // Who makes or rotates it meanwhile is waited for, and then there is one.
    db::run(transaction, kLock, transaction.tenant().text());
    if (auto key = active(transaction, purpose)) {
        return std::move(*key);
    }
    return make(transaction, purpose, now);
}

DataKey KeyRing::to_decrypt(db::TenantTransaction& transaction, std::int64_t number) const {
    const auto rows = db::run(transaction, kOne, transaction.tenant().text(), number);
    if (rows.empty()) {
        throw InputError("tenant " + transaction.tenant().text() + " has no data key " + std::to_string(number));
    }
    return open(transaction, Row(rows[0]));
}

std::int64_t KeyRing::rotate(db::TenantTransaction& transaction, std::string_view purpose, Instant now) const {
    db::run(transaction, kLock, transaction.tenant().text());
    db::run(transaction, kRetire, transaction.tenant().text(), std::string(purpose), format_rfc3339(now));
    return make(transaction, purpose, now).number;
}

std::int64_t KeyRing::rewrap(db::TenantTransaction& transaction) const {
    db::run(transaction, kLock, transaction.tenant().text());
    const auto master = crypto::key_check_value(master_);
    std::int64_t count = 0;
    for (const auto& fields : db::run(transaction, kAll, transaction.tenant().text())) {
        const Row row(fields);
        if (row.record.state == KeyState::destroyed || row.record.master_check == master) {
            continue;
        }
        const auto key = open(transaction, row);
        const auto wrapped =
            crypto::wrap_key(master_, associated_data(transaction, key.number, row.record.purpose), key.key);
        db::run(transaction, kRewrap, transaction.tenant().text(), key.number, crypto::hex_encode(wrapped), master);
        ++count;
    }
    return count;
}

void KeyRing::check(db::TenantTransaction& transaction) const {
    for (const auto& fields : db::run(transaction, kAll, transaction.tenant().text())) {
        const Row row(fields);
        if (row.record.state != KeyState::destroyed) {
            (void)open(transaction, row);
        }
    }
}

std::vector<KeyRecord> all_keys(db::TenantTransaction& transaction) {
    std::vector<KeyRecord> keys;
    for (const auto& row : db::run(transaction, kAll, transaction.tenant().text())) {
        keys.push_back(record_of(row));
    }
    return keys;
}

void destroy_key(db::TenantTransaction& transaction, std::int64_t number, Instant now) {
    const std::string which = "data key " + std::to_string(number) + " of tenant " + transaction.tenant().text();
    try {
        if (db::run(transaction, kDestroy, transaction.tenant().text(), number, format_rfc3339(now)).affected_rows() ==
            1) {
            return;
        }
    } catch (const db::DatabaseFailure& failure) {
        if (failure.constraint() != "data_keys_unused") {
            throw;
        }
        throw InputError(which +
                         " is in use: `duizhang keys rotate` first puts all that is under it under the active key");
    }
    throw InputError(which + " can't be destroyed: only a retired key can; `duizhang keys list` shows them");
}

}  // namespace core::keys

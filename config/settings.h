// Settings: the typed configuration. contract.md section 3 has the form; config/example.toml shows every key.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/bank.h"
#include "config/match_rule.h"
#include "config/plan.h"
#include "config/retention.h"
#include "config/section.h"
#include "config/split.h"
#include "core/ids.h"
#include "core/keys/master_key.h"
#include "core/money.h"
#include "core/secret.h"
#include "core/time.h"

namespace config {

class Document;

// A contract rate: what a channel may charge for a transaction of `currency` from `valid_from` on.
struct FeeRate {
    std::optional<core::BusinessDay> valid_from;  // nothing: always
    core::Currency currency;
    std::int64_t basis_points = 0;
    std::int64_t fixed_minor = 0;  // added to each payment
    core::Rounding rounding = core::Rounding::half_up;
    std::optional<bool> returned_on_refund;  // nothing: as the channel does by default
};

// [tenant.NAME] for a payment channel: the channel reads its own keys from `section`.
struct ChannelSettings {
    std::string name;
    Section section;
    std::vector<FeeRate> fees;
    std::vector<MatchRule> rules{};
};

// How many requests somebody may send: a burst at once, then so many a second.
struct RequestRate {
    std::int64_t per_second;
    std::int64_t burst;
};

struct TenantSettings {
    core::TenantId id;
    std::string name;
    core::Currency currency;
    std::vector<ChannelSettings> channels;
    std::vector<SplitPolicy> splits;
    RequestRate callbacks{};  // of each channel; the service's where the tenant says nothing else
    RequestRate api{};        // of each API key, likewise
    std::vector<Plan> plans{};
    std::vector<Bank> banks{};
    int payment_terms_days = 0;  // until an order is due that names no due date, after its own business day

    const Bank* find_bank(std::string_view bank_name) const;
};

// [service.limits]: what one client, or all of them together, may take of the HTTP edge. Bounds are in
// config/impl/service.cpp; what is beyond a limit is answered as server/http/server.h says.
struct ServiceLimits {
    std::size_t io_threads = 2;  // threads that read, write and encrypt
    std::size_t workers = 16;    // requests worked on at once; ordinary callbacks need none
    std::size_t waiting_requests_max = 1024;
    std::size_t connections_max = 4096;
    std::size_t header_bytes_max = 16'384;
    std::size_t header_fields_max = 100;
    std::size_t target_bytes_max = 8'192;
    std::size_t body_bytes_max = 1'048'576;
    std::size_t all_bodies_bytes_max = 268'435'456;  // without the first 64 KiB of each
    std::chrono::milliseconds header_deadline{5'000};
    std::chrono::milliseconds body_deadline{10'000};
    std::chrono::milliseconds idle_deadline{30'000};
    std::chrono::milliseconds write_deadline{60'000};
    std::chrono::milliseconds drain_deadline{20'000};
};

// What clients are shown when the service itself ends TLS. That the two belong together is for the edge to say.
struct ServiceTls {
    std::filesystem::path certificate_file;
    std::string certificate;  // PEM
    core::KeyBytes key;       // PEM
};

struct ServiceSettings {
    std::string listen_host = "127.0.0.1";
    std::uint16_t listen_port = 8080;
    bool console = true;
    core::keys::Environment environment = core::keys::Environment::production;  // which keys may serve
    RequestRate callbacks{2000, 10'000};                                        // of each tenant's channel
    RequestRate api{100, 400};                                                  // of each API key
    std::chrono::seconds safety_check_every{20};  // below a minute: what is broken is noticed within one
    std::optional<ServiceTls> tls;                // nothing: plain HTTP, for a proxy in front
    ServiceLimits limits;
};

// [audit]: what the trail is called, and where its signed heads are published.
struct AuditSettings {
    std::string origin = "duizhang";                       // the installation's name
    std::optional<std::filesystem::path> checkpoint_file;  // a line is added for each
    bool checkpoint_syslog = false;
    std::vector<std::string> checkpoint_command;  // a program and its arguments; the line is its last
};

struct Settings {
    std::filesystem::path file;
    ServiceSettings service;
    AuditSettings audit;
    std::optional<std::filesystem::path> embedded_database;
    std::string database_url;     // empty when embedded
    core::KeyBytes master_key;    // 32 bytes; what the keys of purposes are derived from (fingerprints, seals, cursors)
    core::KeyBytes wrapping_key;  // 32 bytes; what data keys are wrapped by: secrets.master_key as it is now
    core::KeyBytes previous_key;  // 32 bytes; empty unless the master key is being replaced: opens what it wrapped
    std::filesystem::path statements;
    std::filesystem::path review_lists;
    std::chrono::minutes carry_window{15};
    unsigned workers = 2;  // of the nightly job, each with a day of its own
    Retention retention;
    std::vector<TenantSettings> tenants;

    // The documents behind the channels' sections. Call finish() once every channel has read its keys.
    std::vector<std::shared_ptr<Document>> documents;

    const TenantSettings* find_tenant(const std::string& id) const;
};

// Reads the file, its tenants.d/*.toml and the environment's overrides (DUIZHANG_SERVICE_LISTEN ...).
// `known_channels` are the names a tenant may have a table for.
// Throws core::UsageError when a file can't be read or parsed; all else that is wrong is kept for finish().
Settings load_settings(const std::filesystem::path& file, const std::vector<std::string>& known_channels);

// The files behind all secrets, those of the channels included once they have read their keys.
std::vector<SecretFile> secret_files(const Settings& settings);

// The other files that settings name: certificates and public keys.
std::vector<NamedFile> named_files(const Settings& settings);

// Throws core::UsageError with everything that is wrong, one complaint after the other in one line.
void finish(const Settings& settings);

// Where the configuration lies: the option's value, $DUIZHANG_CONFIG, ./duizhang.toml, /etc/duizhang/duizhang.toml.
// Throws core::UsageError naming the places looked at.
std::filesystem::path find_configuration(const std::string& option);

}  // namespace config

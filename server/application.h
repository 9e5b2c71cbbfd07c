// Application: the configuration, the channels, the database: what nearly every command needs, wired once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/redact.h"
#include "audit/trail.h"
#include "config/channel_calendar.h"
#include "config/settings.h"
#include "core/db/database.h"
#include "core/db/embedded.h"
#include "core/keys/data_keys.h"
#include "payments/channel.h"
#include "payments/intake_queue.h"
#include "payments/quarantine.h"

namespace server {

// A tenant with its channels made.
struct Tenant {
    const config::TenantSettings* settings;
    std::map<std::string, std::unique_ptr<payments::Channel>, std::less<>> channels;
    std::map<std::string, config::ChannelCalendar, std::less<>> calendars;  // of each of them

    const payments::Channel* find_channel(std::string_view name) const;
    const std::vector<config::FeeRate>& fees(std::string_view channel) const;
};

// The configuration as it is in force, replaced as a whole by a reload.
class Tenants {
public:
    // Throws core::UsageError with all that is wrong.
    explicit Tenants(const std::filesystem::path& configuration);

    const config::Settings& settings() const { return settings_; }
    const Tenant* find(std::string_view id) const;
    // Throws core::UsageError naming the tenants there are.
    const Tenant& require(const std::string& id) const;
    const std::vector<std::unique_ptr<Tenant>>& all() const { return tenants_; }
    // Throws core::UsageError naming the setting when a tenant's data key isn't this configuration's to open.
    void check_keys(core::db::Database& database) const;
    // The content type of a channel's callbacks, which every tenant's have; nothing for a channel that no tenant uses.
    std::optional<std::string_view> callback_content_type(std::string_view channel) const;
    const audit::Redactor& redactor() const { return *redactor_; }
    // Where privileged acts are recorded.
    const audit::Trail& trail() const { return *trail_; }
    // What opens the tenants' data keys.
    const core::keys::KeyRing& keys() const { return *keys_; }

private:
    config::Settings settings_;
    std::optional<core::keys::KeyRing> keys_;
    std::unique_ptr<audit::Redactor> redactor_;
    std::optional<audit::Trail> trail_;
    std::vector<std::unique_ptr<Tenant>> tenants_;
    std::map<std::string_view, const Tenant*> by_id_;  // of settings_
    std::map<std::string, std::string_view, std::less<>> content_types_;
};

// Also plugs the redactor into the log.
class Application {
public:
    explicit Application(const std::filesystem::path& configuration);

    const std::filesystem::path& configuration() const { return configuration_; }
    std::shared_ptr<const Tenants> tenants() const;
    // Reads the configuration again; when that fails, or `check` throws, the old one stays in force and the reason is
    // thrown.
    void reload(const std::function<void(const Tenants&)>& check);

    // Starts (or joins) the embedded cluster or takes the URL, brings the schema up to date, and refuses a set-up that
    // breaks a promise. Once; later calls give the same.
    core::db::Database& database();
    // The same without the refusal, for a command that tells what is wrong with it.
    core::db::Database& database_as_it_is();
    // The queue of verified callbacks to that database. Once; later calls give the same.
    payments::IntakeQueue& intake();
    // What is left of refused callbacks, in that database. Once; later calls give the same.
    payments::Quarantine& quarantine();
    // The role that migrates.
    std::string owner_connection();

private:
    std::filesystem::path configuration_;
    mutable std::mutex mutex_;
    std::shared_ptr<const Tenants> tenants_;
    std::unique_ptr<core::db::EmbeddedCluster> cluster_;
    std::unique_ptr<core::db::Database> database_;
    bool database_is_safe_ = false;
    std::unique_ptr<payments::IntakeQueue> intake_;
    std::unique_ptr<payments::Quarantine> quarantine_;
};

}  // namespace server

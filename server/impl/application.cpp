#include "server/application.h"

#include "config/document.h"
#include "core/crypto/digest.h"
#include "core/db/migrations.h"
#include "core/failure.h"
#include "core/log.h"
#include "payments/channels/registry.h"

namespace server {
namespace {

std::vector<std::string> channel_names() {
    std::vector<std::string> names;
    for (const auto& channel : payments::channel_registry()) {
        names.emplace_back(channel.name);
    }
    return names;
}

// Each purpose has a key of its own, so that one that leaks opens nothing else.
core::KeyBytes derived_key(const core::KeyBytes& master, std::string_view purpose) {
    auto mac = core::crypto::hmac_sha256(master.reveal(), purpose);
    core::KeyBytes key(std::string_view(reinterpret_cast<const char*>(mac.data()), mac.size()));
    core::wipe(mac.data(), mac.size());
    return key;
}

}  // namespace

const payments::Channel* Tenant::find_channel(std::string_view name) const {
    const auto found = channels.find(name);
    return found == channels.end() ? nullptr : found->second.get();
}

const std::vector<config::FeeRate>& Tenant::fees(std::string_view channel) const {
    for (const auto& configured : settings->channels) {
        if (configured.name == channel) {
            return configured.fees;
        }
    }
    static const std::vector<config::FeeRate> none;
    return none;
}

Tenants::Tenants(const std::filesystem::path& configuration)
    : settings_(config::load_settings(configuration, channel_names())) {
    if (!settings_.wrapping_key.empty()) {
        keys_.emplace(settings_.wrapping_key.duplicate(), settings_.service.environment,
                      settings_.previous_key.duplicate());
    }
    if (!settings_.master_key.empty()) {
        redactor_ = std::make_unique<audit::Redactor>(derived_key(settings_.master_key, "duizhang card fingerprint 1"));
    }
    const audit::Redactor* redactor = redactor_.get();
    const auto redact = [redactor](std::string_view text) {
        return redactor != nullptr ? redactor->redact(text) : std::string(text);
    };
    const auto fingerprint = [redactor](std::string_view card) {
        return redactor != nullptr ? redactor->fingerprint(card) : std::string();
    };
    if (!settings_.master_key.empty()) {
        trail_.emplace(settings_.master_key, settings_.audit.origin, redact);
    }
    for (const auto& tenant_settings : settings_.tenants) {
        auto tenant = std::make_unique<Tenant>();
        tenant->settings = &tenant_settings;
        for (const auto& channel : tenant_settings.channels) {
            config::Section section = channel.section;
            const auto& registered = *payments::find_channel(channel.name);
            tenant->calendars.emplace(channel.name, config::read_channel_calendar(section, registered.published_at));
            auto made = registered.make(section, {tenant_settings.id.text(), fingerprint, redact});
            if (made != nullptr) {
                content_types_.emplace(channel.name, made->callback_content_type());
                tenant->channels.emplace(channel.name, std::move(made));
            }
        }
        by_id_.emplace(tenant_settings.id.text(), tenant.get());
        tenants_.push_back(std::move(tenant));
    }
    config::finish(settings_);
}

const Tenant* Tenants::find(std::string_view id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second;
}

void Tenants::check_keys(core::db::Database& database) const {
    for (const auto& tenant : tenants_) {
        core::db::TenantTransaction transaction(database, tenant->settings->id);
        keys().check(transaction);
    }
}

std::optional<std::string_view> Tenants::callback_content_type(std::string_view channel) const {
    const auto found = content_types_.find(channel);
    return found == content_types_.end() ? std::nullopt : std::optional(found->second);
}

const Tenant& Tenants::require(const std::string& id) const {
    if (const auto* tenant = find(id)) {
        return *tenant;
    }
    std::string known;
    for (const auto& tenant : tenants_) {
        known += (known.empty() ? "" : ", ") + tenant->settings->id.text();
    }
    throw core::UsageError("--tenant: there is no tenant \"" + redactor_->redact(id) +
                           "\"; configured are: " + (known.empty() ? "none" : known));
}

Application::Application(const std::filesystem::path& configuration)
    : configuration_(configuration), tenants_(std::make_shared<const Tenants>(configuration)) {
    const auto tenants_in_force = tenants_;
    core::set_redactor([tenants_in_force](std::string_view text) { return tenants_in_force->redactor().redact(text); });
}

std::shared_ptr<const Tenants> Application::tenants() const {
    const std::lock_guard lock(mutex_);
    return tenants_;
}

void Application::reload(const std::function<void(const Tenants&)>& check) {
    auto fresh = std::make_shared<const Tenants>(configuration_);
    check(*fresh);
    const std::lock_guard lock(mutex_);
    tenants_ = std::move(fresh);
}

std::string Application::owner_connection() {
    const auto in_force = tenants();
    const auto& settings = in_force->settings();
    if (!settings.embedded_database) {
        return settings.database_url;
    }
    if (cluster_ == nullptr) {
        cluster_ = std::make_unique<core::db::EmbeddedCluster>(*settings.embedded_database);
    }
    return cluster_->owner_connection();
}

core::db::Database& Application::database() {
    auto& database = database_as_it_is();
    if (!database_is_safe_) {
        core::db::require_safe_service(database);
        database_is_safe_ = true;
    }
    return database;
}

core::db::Database& Application::database_as_it_is() {
    if (database_ == nullptr) {
        const std::string owner = owner_connection();
        for (const auto& name : core::db::migrate(owner)) {
            core::log_info("migrated", {{"migration", name}});
        }
        core::db::Options options;
        options.connection =
            cluster_ != nullptr ? cluster_->service_connection() : core::db::service_connection_for(owner);
        options.pool_max = 32;  // a worker of the night has two
        database_ = std::make_unique<core::db::Database>(options);
    }
    return *database_;
}

payments::IntakeQueue& Application::intake() {
    if (intake_ == nullptr) {
        intake_ = std::make_unique<payments::IntakeQueue>(database(), payments::IntakeOptions{});
    }
    return *intake_;
}

payments::Quarantine& Application::quarantine() {
    if (quarantine_ == nullptr) {
        quarantine_ = std::make_unique<payments::Quarantine>(
            database(), [this](std::string_view text) { return tenants()->redactor().redact(text); });
    }
    return *quarantine_;
}

}  // namespace server

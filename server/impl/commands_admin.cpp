// duizhang init, migrate, config check, tenant, serve, login
#include "config/channel_calendar.h"
#include "config/settings.h"
#include "core/crypto/encoding.h"
#include "core/crypto/random.h"
#include "core/db/migrations.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/json/writer.h"
#include "server/commands.h"
#include "server/console_text.h"
#include "server/example_configuration.h"
#include "server/impl/command_support.h"
#include "server/login.h"
#include "server/serve.h"

namespace server {
namespace {

std::string channels_text(const Tenant& tenant) {
    std::string text;
    for (const auto& [name, ignored] : tenant.channels) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

// "10:00"
std::string time_of_day(std::chrono::minutes since_midnight) {
    return core::format_rfc3339(core::Instant(since_midnight)).substr(11, 5);
}

// As they are in force, wherever they are said.
void write_calendars(core::json::Writer& json, const Tenant& tenant) {
    json.key("calendars").begin_object();
    for (const auto& [channel, calendar] : tenant.calendars) {
        json.key(channel).begin_array();
        for (const auto& version : calendar.versions) {
            json.begin_object().key("valid_from");
            version.valid_from ? json.value(core::format_day(*version.valid_from)) : json.null();
            json.key("holidays");
            version.days != nullptr ? json.value(version.days->name()) : json.null();
            json.member("settlement_days", version.settlement_days)
                .member("published_at", time_of_day(version.published_at))
                .member("carry_business_days", version.carry_business_days)
                .end_object();
        }
        json.end_array();
    }
    json.end_object();
}

void write_tenant(core::json::Writer& json, const Tenant& tenant) {
    json.begin_object()
        .member("id", tenant.settings->id.text())
        .member("name", tenant.settings->name)
        .member("currency", tenant.settings->currency.code())
        .key("channels")
        .begin_array();
    for (const auto& [name, ignored] : tenant.channels) {
        json.value(name);
    }
    json.end_array().key("splits").begin_array();
    for (const auto& split : tenant.settings->splits) {
        json.value(split.name);
    }
    json.end_array();
    write_calendars(json, tenant);
    json.end_object();
}

}  // namespace

int init(const GlobalOptions& global, const std::string& folder) {
    const std::filesystem::path place(folder);
    const auto file = place / "duizhang.toml";
    if (std::filesystem::exists(file)) {
        throw core::UsageError(file.string() + ": is there already; init never overwrites a configuration");
    }
    std::filesystem::create_directories(place / "keys");
    const auto key = place / "keys" / "master.key";
    if (!std::filesystem::exists(key)) {
        core::write_file(key, core::crypto::hex_encode(core::crypto::random_bytes(32)) + "\n", 0600);
    }
    core::write_file(file, example_configuration(), 0644);
    Application application(file);
    application.database();
    tell(global, "wrote " + file.string() + " and " + key.string() + "; the database is ready");
    tell(global, "next: add your tenants to " + file.string() + ", then `duizhang --config " + file.string() +
                     " config check`");
    return 0;
}

int migrate(const GlobalOptions& global, bool check_only) {
    Session session(global);
    const std::string owner = session.application().owner_connection();
    std::vector<std::string> names;
    if (check_only) {
        names = core::db::migration_state(owner).missing;
    } else {
        names = core::db::migrate(owner);
    }
    if (global.json) {
        core::json::Writer json(1);
        json.begin_object().key(check_only ? "missing" : "applied").begin_array();
        for (const auto& name : names) {
            json.value(name);
        }
        print(json.end_array().end_object().text() + "\n");
    } else {
        std::string text = names.empty() ? "the schema is up to date\n" : "";
        for (const auto& name : names) {
            text += std::string(check_only ? "missing " : "applied ") + name + "\n";
        }
        print(text);
    }
    return check_only && !names.empty() ? 1 : 0;
}

int config_check(const GlobalOptions& global) {
    const auto file = config::find_configuration(global.config);
    const Tenants tenants(file);
    check_tls(tenants);
    if (global.json) {
        core::json::Writer json(1);
        json.begin_object().member("file", file.string()).member("valid", true).end_object();
        print(json.text() + "\n");
    } else {
        print(file.string() + ": valid, " + std::to_string(tenants.all().size()) + " tenants\n");
    }
    return 0;
}

int tenant_list(const GlobalOptions& global) {
    const Tenants tenants(config::find_configuration(global.config));
    if (global.json) {
        core::json::Writer json(1);
        json.begin_object().key("tenants").begin_array();
        for (const auto& tenant : tenants.all()) {
            write_tenant(json, *tenant);
        }
        print(json.end_array().end_object().text() + "\n");
        return 0;
    }
    Table table({"租户 Tenant", "名称 Name", "币种 Cur", "渠道 Channels"});
    for (const auto& tenant : tenants.all()) {
        table.add({tenant->settings->id.text(), tenant->settings->name, std::string(tenant->settings->currency.code()),
                   channels_text(*tenant)});
    }
    print(table.text());
    return 0;
}

int tenant_show(const GlobalOptions& global, const std::string& tenant) {
    const Tenants tenants(config::find_configuration(global.config));
    core::json::Writer json(1);
    write_tenant(json, tenants.require(tenant));
    print(json.text() + "\n");
    return 0;
}

int serve(const GlobalOptions& global) {
    block_service_signals();
    Session session(global);
    const Service service(session.application(), session.clock());
    tell(global, "duizhang listens on " + service.address());
    if (session.tenants().settings().service.console) {
        tell(global, "one-time login: " + service.one_time_login());
    }
    wait_for_stop(session.application(), session.clock());
    return 0;
}

int login(const GlobalOptions& global) {
    const Tenants tenants(config::find_configuration(global.config));
    const auto& settings = tenants.settings();
    const core::SystemClock clock;
    print((settings.service.tls ? "https://" : "http://") + settings.service.listen_host + ":" +
          std::to_string(settings.service.listen_port) +
          "/login?token=" + make_login_token(settings.master_key, clock.now()) + "\n");
    return 0;
}

}  // namespace server

// duizhang keys inventory: the keys and certificates there are.
#include "server/impl/commands_inventory.h"

#include "core/crypto/envelope.h"
#include "core/json/writer.h"
#include "server/certificates.h"
#include "server/console_text.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

struct KeyLine {
    std::string owner;  // the tenant; "" for the installation
    std::string id;
    std::string purpose;
    std::string state;
    std::string check_value;
    std::optional<core::Instant> created_at;
};

std::int64_t days_from(core::Instant from, core::Instant until) {
    return std::chrono::floor<std::chrono::days>(until - from).count();
}

std::vector<KeyLine> keys_of(Session& session) {
    const auto& settings = session.tenants().settings();
    std::vector<KeyLine> keys = {{"", "secrets.master_key", "wraps data keys", "active",
                                  core::crypto::key_check_value(settings.wrapping_key), std::nullopt}};
    if (!settings.previous_key.empty()) {
        keys.push_back({"", "secrets.previous_master_key", "wrapped data keys", "decrypt_only",
                        core::crypto::key_check_value(settings.previous_key), std::nullopt});
    }
    keys.push_back({"", "derivation key", "fingerprints, seals, logins, cursors", "active",
                    core::crypto::key_check_value(settings.master_key), std::nullopt});
    for (const auto& tenant : session.tenants().all()) {
        core::db::TenantTransaction transaction(session.database(), tenant->settings->id);
        for (const auto& key : core::keys::all_keys(transaction)) {
            keys.push_back({tenant->settings->id.text(), std::to_string(key.number), key.purpose,
                            std::string(name_of(key.state)), key.check_value, key.created_at});
        }
    }
    return keys;
}

std::string inventory_json(const std::string& environment, const std::vector<KeyLine>& keys,
                           const std::vector<ConfiguredCertificate>& certificates, core::Instant now) {
    core::json::Writer json(1);
    json.begin_object().member("environment", environment).key("keys").begin_array();
    for (const auto& key : keys) {
        json.begin_object()
            .member("tenant", key.owner)
            .member("key", key.id)
            .member("purpose", key.purpose)
            .member("state", key.state)
            .member("environment", environment)
            .member("check_value", key.check_value);
        if (key.created_at) {
            json.member("created_at", core::format_rfc3339(*key.created_at))
                .member("age_days", days_from(*key.created_at, now));
        }
        json.end_object();
    }
    json.end_array().key("certificates").begin_array();
    for (const auto& one : certificates) {
        json.begin_object()
            .member("setting", one.setting)
            .member("file", one.file.string())
            .member("serial", one.serial)
            .member("subject", one.subject)
            .member("not_before", core::format_rfc3339(one.not_before))
            .member("not_after", core::format_rfc3339(one.not_after))
            .member("days_left", days_from(now, one.not_after))
            .end_object();
    }
    return json.end_array().end_object().text() + "\n";
}

std::string inventory_text(const std::vector<KeyLine>& keys, const std::vector<ConfiguredCertificate>& certificates,
                           core::Instant now) {
    Table of_keys({"租户 Tenant", "密钥 Key", "用途 Purpose", "状态 State", "校验值 Check value", "天数 Age in days>"});
    for (const auto& key : keys) {
        of_keys.add({key.owner, key.id, key.purpose, key.state, key.check_value,
                     key.created_at ? std::to_string(days_from(*key.created_at, now)) : ""});
    }
    Table of_certificates(
        {"证书 Certificate", "序列号 Serial", "主体 Subject", "到期 Until", "剩余天数 Days left>", "文件 File"});
    for (const auto& one : certificates) {
        of_certificates.add({one.setting, one.serial, one.subject, core::format_rfc3339(one.not_after),
                             std::to_string(days_from(now, one.not_after)), one.file.string()});
    }
    return of_keys.text() + "\n" +
           (certificates.empty() ? "No certificates are configured.\n" : of_certificates.text());
}

}  // namespace

int keys_inventory(const GlobalOptions& global, std::optional<std::int64_t> fail_within_days) {
    Session session(global);
    const auto now = session.clock().now();
    const auto keys = keys_of(session);
    const auto certificates = configured_certificates(session.tenants().settings());
    const auto environment = std::string(name_of(session.tenants().settings().service.environment));
    print(global.json ? inventory_json(environment, keys, certificates, now) : inventory_text(keys, certificates, now));
    int status = 0;
    for (const auto& one : certificates) {
        if (fail_within_days && one.not_after - now < std::chrono::days(*fail_within_days)) {
            tell(global, one.setting + ": " + one.file.string() + " ends " + core::format_rfc3339(one.not_after));
            status = 1;
        }
    }
    return status;
}

}  // namespace server

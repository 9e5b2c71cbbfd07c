// duizhang ledger seal, seal-key
#include "server/impl/commands_seals.h"
#include "core/json/writer.h"
#include "server/impl/commands_closing.h"

namespace server {
namespace {

std::string seals_json(const std::string& tenant, const std::filesystem::path& folder, const Sealed& sealed) {
    core::json::Writer json(1);
    json.begin_object().member("tenant", tenant).member("folder", folder.string()).key("seals").begin_array();
    for (const auto& seal : sealed.made) {
        json.begin_object()
            .member("seal", seal.number)
            .member("after_entry", seal.after_entry)
            .member("until_entry", seal.until_entry)
            .member("entries", seal.entries)
            .member("digest", seal.digest)
            .end_object();
    }
    json.end_array().key("breaches").begin_array();
    for (const auto& breach : sealed.breaches) {
        json.value(breach);
    }
    return json.end_array().end_object().text() + "\n";
}

std::string seals_text(const std::filesystem::path& folder, const Sealed& sealed) {
    std::string text;
    for (const auto& seal : sealed.made) {
        text += "seal " + std::to_string(seal.number) + ": " + std::to_string(seal.entries) + " entries up to " +
                std::to_string(seal.until_entry) + ", " + seal.digest + "\n";
    }
    if (sealed.made.empty()) {
        text += "nothing new to seal\n";
    }
    for (const auto& breach : sealed.breaches) {
        text += "BROKEN " + breach + "\n";
    }
    return text + folder.string() + "\n";
}

}  // namespace

std::filesystem::path seals_folder(const config::Settings& settings, const core::TenantId& tenant) {
    return settings.review_lists.parent_path() / "seals" / tenant.text();
}

Sealed seal_books(Session& session, const core::TenantId& tenant) {
    const auto& settings = session.tenants().settings();
    Sealed sealed;
    sealed.made = ledger::seal(session.database(), tenant, ledger::SealKey(settings.master_key), session.clock());
    core::db::TenantTransaction transaction(session.database(), tenant);
    sealed.breaches = ledger::publish_seals(transaction, seals_folder(settings, tenant));
    return sealed;
}

int ledger_seal(const GlobalOptions& global, const std::string& tenant_id) {
    Session session(global);
    const auto& tenant = session.tenant(tenant_id);
    const auto sealed = seal_books(session, tenant.settings->id);
    const auto folder = seals_folder(session.tenants().settings(), tenant.settings->id);
    print(global.json ? seals_json(tenant_id, folder, sealed) : seals_text(folder, sealed));
    return sealed.breaches.empty() ? 0 : 1;
}

int ledger_seal_key(const GlobalOptions& global) {
    const Tenants tenants(config::find_configuration(global.config));
    const auto key = ledger::SealKey(tenants.settings().master_key).public_key();
    core::json::Writer json(1);
    json.begin_object().member("algorithm", "Ed25519").member("public_key", key).end_object();
    print(global.json ? json.text() + "\n" : key + "\n");
    return 0;
}

}  // namespace server

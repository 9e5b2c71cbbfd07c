// duizhang keys list, rotate, destroy
#include "server/impl/commands_data_keys.h"

#include <memory>

#include "core/failure.h"
#include "core/json/writer.h"
#include "reconciliation/kept.h"
#include "server/console_text.h"
#include "server/impl/command_support.h"
#include "server/impl/commands_inventory.h"

namespace server {
namespace {

struct DataKeyOptions {
    std::string tenant;
    std::int64_t number = 0;
    std::int64_t batch = 100;
    bool resume = false;
    std::optional<std::int64_t> fail_within_days;
    std::string file;
    std::string second_file;
    std::int64_t window_minutes = 15;
};

// Those the command is about: the one named, or all.
std::vector<core::TenantId> tenants_of(Session& session, const std::string& named) {
    std::vector<core::TenantId> ids;
    for (const auto& one : session.tenants().all()) {
        if (named.empty() || one->settings->id.text() == named) {
            ids.push_back(one->settings->id);
        }
    }
    if (ids.empty()) {
        (void)session.tenant(named);
    }
    return ids;
}

std::string when(const std::optional<core::Instant>& instant) {
    return instant ? core::format_rfc3339(*instant) : std::string();
}

void write_key(core::json::Writer& json, const core::TenantId& tenant, const core::keys::KeyRecord& key) {
    json.begin_object()
        .member("tenant", tenant.text())
        .member("key", key.number)
        .member("purpose", key.purpose)
        .member("state", name_of(key.state))
        .member("environment", key.environment)
        .member("check_value", key.check_value)
        .member("master_check_value", key.master_check)
        .member("created_at", when(key.created_at));
    if (key.retired_at) {
        json.member("retired_at", when(key.retired_at));
    }
    if (key.destroyed_at) {
        json.member("destroyed_at", when(key.destroyed_at));
    }
    json.end_object();
}

int keys_list(const GlobalOptions& global, const DataKeyOptions& options) {
    Session session(global);
    core::json::Writer json(1);
    json.begin_object().key("keys").begin_array();
    Table table({"租户 Tenant", "密钥 Key>", "用途 Purpose", "状态 State", "环境 Environment", "校验值 Check value",
                 "主密钥 Master", "建立 Created", "停用 Retired"});
    for (const auto& tenant : tenants_of(session, options.tenant)) {
        core::db::TenantTransaction transaction(session.database(), tenant);
        for (const auto& key : core::keys::all_keys(transaction)) {
            write_key(json, tenant, key);
            table.add({tenant.text(), std::to_string(key.number), key.purpose, std::string(name_of(key.state)),
                       key.environment, key.check_value, key.master_check, when(key.created_at), when(key.retired_at)});
        }
    }
    json.end_array().end_object();
    print(global.json ? json.text() + "\n" : table.text());
    return 0;
}

// A batch a transaction: whoever keeps a statement meanwhile waits for one batch at most.
std::int64_t rewrap_all(Session& session, const core::TenantId& tenant, std::int64_t batch) {
    std::int64_t all = 0;
    while (true) {
        core::db::TenantTransaction transaction(session.database(), tenant);
        const auto count =
            reconciliation::rewrap_kept(transaction, session.tenants().keys(), batch, session.clock().now());
        transaction.commit();
        all += count;
        if (count < batch) {
            return all;
        }
    }
}

int keys_rotate(const GlobalOptions& global, const DataKeyOptions& options) {
    Session session(global);
    core::json::Writer json(1);
    json.begin_object().key("tenants").begin_array();
    std::string text;
    for (const auto& tenant : tenants_of(session, options.tenant)) {
        if (!options.resume) {
            session.act(tenant, {"keys.rotate", "data keys of " + tenant.text()}, [&](auto& transaction, auto& act) {
                const auto number =
                    session.tenants().keys().rotate(transaction, core::keys::kStatementsPurpose, session.clock().now());
                act.after = "{\"active_key\":" + std::to_string(number) + "}";
            });
        }
        const auto rewrapped = rewrap_all(session, tenant, options.batch);
        core::db::TenantTransaction transaction(session.database(), tenant);
        const auto active = session.tenants()
                                .keys()
                                .to_encrypt(transaction, core::keys::kStatementsPurpose, session.clock().now())
                                .number;
        transaction.commit();
        json.begin_object()
            .member("tenant", tenant.text())
            .member("active_key", active)
            .member("statements", rewrapped)
            .end_object();
        text += tenant.text() + ": data key " + std::to_string(active) + " is active, " + std::to_string(rewrapped) +
                " statements came under it\n";
    }
    json.end_array().end_object();
    print(global.json ? json.text() + "\n" : text);
    return 0;
}

int keys_destroy(const GlobalOptions& global, const DataKeyOptions& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    session.act(
        tenant.settings->id, {"keys.destroy", "data key " + std::to_string(options.number)},
        [&](auto& transaction, auto&) { core::keys::destroy_key(transaction, options.number, session.clock().now()); });
    core::json::Writer json(1);
    json.begin_object().member("tenant", options.tenant).member("key", options.number).member("state", "destroyed");
    print(global.json ? json.end_object().text() + "\n"
                      : "data key " + std::to_string(options.number) + " of " + options.tenant + " is destroyed\n");
    return 0;
}

int inventory(const GlobalOptions& global, const DataKeyOptions& options) {
    return keys_inventory(global, options.fail_within_days);
}
int rotate_master(const GlobalOptions& global, const DataKeyOptions& options) {
    return keys_rotate_master(global, options.file);
}
int split(const GlobalOptions& global, const DataKeyOptions& options) {
    return keys_split(global, options.file, options.second_file);
}
int hold(const GlobalOptions& global, const DataKeyOptions& options) {
    return keys_hold(global, options.window_minutes);
}
int unlock(const GlobalOptions& global, const DataKeyOptions&) { return keys_unlock(global); }

}  // namespace

void add_data_keys(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
    const auto options = std::make_shared<DataKeyOptions>();
    auto* keys = app.add_subcommand("keys", "The keys that tenants' data is encrypted under");
    keys->require_subcommand(1);
    const auto add = [&](const char* name, const char* help,
                         int (*command)(const GlobalOptions&, const DataKeyOptions&)) {
        auto* sub = keys->add_subcommand(name, help);
        sub->callback([&global, &run, options, command] {
            run = [&global, options, command] { return command(global, *options); };
        });
        return sub;
    };
    add("list", "All of them, without what opens", keys_list)
        ->add_option("--tenant", options->tenant, "This tenant's alone");
    auto* rotate = add("rotate", "A new active key, and all that is kept under it; the service may run", keys_rotate);
    rotate->add_option("--tenant", options->tenant, "This tenant's alone");
    rotate->add_flag("--resume", options->resume, "Finish what was interrupted, without another new key");
    rotate->add_option("--batch", options->batch, "Statements a transaction")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{10'000}))
        ->default_str("100");
    auto* destroy = add("destroy", "Leaves nothing of a retired key that nothing is kept under any more", keys_destroy);
    destroy->add_option("--tenant", options->tenant, "Whose key")->required();
    destroy->add_option("key", options->number, "Its number, as `keys list` has it")->required();
    add("inventory", "The keys and certificates there are, without what opens", inventory)
        ->add_option("--fail-within", options->fail_within_days, "Exit 1 when a certificate ends within so many days")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{10'000}));
    add("rotate-master", "Wraps all data keys by the new master key; secrets.previous_master_key names the old one",
        rotate_master)
        ->add_option("--derivation-key", options->file, "Where the wrapped derivation key goes: keys/derivation.key");
    auto* shares = add("split", "Makes a master key and writes its two shares", split);
    shares->add_option("first", options->file, "One person's file")->required();
    shares->add_option("second", options->second_file, "The other's")->required();
    add("hold", "Holds the shares that two people enter, and gives the key to programs of this user", hold)
        ->add_option("--window", options->window_minutes, "Minutes within which the second has to come")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'440}))
        ->default_str("15");
    add("unlock", "Enters the share on standard input", unlock);
}

}  // namespace server

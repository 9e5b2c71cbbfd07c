// duizhang key issue, list, revoke, rotate
#include "server/impl/commands_keys.h"

#include <algorithm>
#include <memory>

#include "core/failure.h"
#include "core/json/writer.h"
#include "server/api_keys.h"
#include "server/console_text.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

constexpr std::size_t kNameBytesMax = 64;
const core::DayCut kUtc{"UTC", std::chrono::minutes(0)};

struct KeyOptions {
    std::string tenant;
    std::string role;
    std::string name;
    std::string expires;
    std::string id;
    std::string overlap = "24h";
};

std::string role_names() {
    std::string names;
    for (const auto& role : roles()) {
        names += (names.empty() ? "" : ", ") + std::string(role.name);
    }
    return names;
}

void require_name(const std::string& name) {
    const bool has_control =
        std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; });
    if (name.size() > kNameBytesMax || has_control) {
        throw core::UsageError("--name: must have at most " + std::to_string(kNameBytesMax) +
                               " bytes and no control characters");
    }
}

// Good until the end of that day.
std::optional<core::Instant> expiry(const std::string& day, core::Instant now) {
    if (day.empty()) {
        return std::nullopt;
    }
    const auto end = core::day_end(require_day(day, "--expires"), kUtc);
    if (end <= now) {
        throw core::UsageError("--expires: is over; name today (in UTC) or a later day");
    }
    return end;
}

// "90s", "30m", "24h", "7d"
std::chrono::seconds require_duration(const std::string& text, std::string_view option) {
    const std::string_view units = "smhd";
    constexpr std::int64_t kSeconds[] = {1, 60, 3600, 86400};
    constexpr std::int64_t kDaysMax = 366;
    const auto unit = text.empty() ? std::string_view::npos : units.find(text.back());
    const auto count = core::minor_from_integer(std::string_view(text).substr(0, text.empty() ? 0 : text.size() - 1));
    if (unit == std::string_view::npos || !count || *count < 0 || *count > kDaysMax * 86400 / kSeconds[unit]) {
        throw core::UsageError(std::string(option) + ": must be a whole number of s, m, h or d, up to 366d, e.g. 24h");
    }
    return std::chrono::seconds(*count * kSeconds[unit]);
}

// Of a tenant that there is: its own, and the one that --tenant names where it is given.
ApiKeyParts require_key_id(Session& session, const KeyOptions& options) {
    const auto parts = parse_api_key_id(options.id);
    if (!parts) {
        throw core::UsageError("ID: is no key's id, e.g. acme_7F3qXk29LmPq; `duizhang key list` has them");
    }
    if (!options.tenant.empty() && options.tenant != parts->tenant.text()) {
        throw core::UsageError("--tenant: this key is of another tenant");
    }
    (void)session.tenant(parts->tenant.text());
    return *parts;
}

ApiKey require_key(core::db::TenantTransaction& transaction, const ApiKeyParts& parts) {
    auto key = find_api_key(transaction, parts.number);
    if (!key) {
        throw core::InputError("ID: tenant " + parts.tenant.text() +
                               " has no such key; `duizhang key list` has those there are");
    }
    return *key;
}

const char* state_of(const ApiKey& key, core::Instant now) {
    return key.revoked_at ? "revoked" : key.is_good(now) ? "good" : "expired";
}

void write_key(core::json::Writer& json, const ApiKey& key, core::Instant now) {
    const auto time = [&](const char* name, const std::optional<core::Instant>& at) {
        json.key(name);
        at ? json.value(core::format_rfc3339(*at)) : json.null();
    };
    json.member("id", key.id())
        .member("tenant", key.tenant.text())
        .member("name", key.name)
        .member("role", key.role)
        .member("state", state_of(key, now))
        .member("created_at", core::format_rfc3339(key.created_at));
    time("expires_at", key.expires_at);
    time("revoked_at", key.revoked_at);
}

// What the trail keeps of it.
std::string told(const ApiKey& key, core::Instant now) {
    core::json::Writer json;
    json.begin_object();
    write_key(json, key, now);
    return json.end_object().text();
}

// The one time that the text is shown.
void show_once(const GlobalOptions& global, const NewApiKey& made, core::Instant now) {
    if (global.json) {
        core::json::Writer json(1);
        json.begin_object();
        write_key(json, made.key, now);
        print(json.member("key", made.text.reveal()).end_object().text() + "\n");
        return;
    }
    tell(global, "key " + made.key.id() + ", " + made.key.role + "; it is shown this once:");
    print(std::string(made.text.reveal()) + "\n");
}

int key_issue(const GlobalOptions& global, const KeyOptions& options) {
    if (find_role(options.role) == nullptr) {
        throw core::UsageError("--role: must be one of " + role_names());
    }
    require_name(options.name);
    Session session(global);
    const auto now = session.clock().now();
    const auto& tenant = session.tenant(options.tenant);
    const auto made = make_api_key(tenant.settings->id, session.tenants().redactor().redact(options.name), options.role,
                                   now, expiry(options.expires, now));
    session.act(tenant.settings->id, {"key.issue", "key " + made.key.id()}, [&](auto& transaction, auto& act) {
        store_api_key(transaction, made.key);
        act.after = told(made.key, now);
    });
    show_once(global, made, now);
    return 0;
}

std::vector<ApiKey> listed(Session& session, const std::string& tenant) {
    std::vector<ApiKey> keys;
    if (!tenant.empty()) {
        (void)session.tenant(tenant);
    }
    for (const auto& one : session.tenants().all()) {
        if (!tenant.empty() && one->settings->id.text() != tenant) {
            continue;
        }
        core::db::TenantTransaction transaction(session.database(), one->settings->id);
        const auto own = all_api_keys(transaction);
        keys.insert(keys.end(), own.begin(), own.end());
    }
    return keys;
}

int key_list(const GlobalOptions& global, const KeyOptions& options) {
    Session session(global);
    const auto now = session.clock().now();
    const auto keys = listed(session, options.tenant);
    if (global.json) {
        core::json::Writer json(1);
        json.begin_object().key("keys").begin_array();
        for (const auto& key : keys) {
            json.begin_object();
            write_key(json, key, now);
            json.end_object();
        }
        print(json.end_array().end_object().text() + "\n");
        return 0;
    }
    Table table({"ID", "角色 Role", "状态 State", "建立 Created", "到期 Expires", "名称 Name"});
    for (const auto& key : keys) {
        table.add({key.id(), key.role, state_of(key, now), core::format_rfc3339(key.created_at),
                   key.expires_at ? core::format_rfc3339(*key.expires_at) : "", key.name});
    }
    print(table.text());
    return 0;
}

int key_revoke(const GlobalOptions& global, const KeyOptions& options) {
    Session session(global);
    const auto parts = require_key_id(session, options);
    const auto now = session.clock().now();
    bool revoked = false;
    session.act(parts.tenant, {"key.revoke", "key " + options.id}, [&](auto& transaction, auto& act) {
        act.before = told(require_key(transaction, parts), now);
        revoked = revoke_api_key(transaction, parts.number, now);
        act.after = told(require_key(transaction, parts), now);
    });
    if (global.json) {
        core::json::Writer json(1);
        json.begin_object().member("id", options.id).member("revoked", true).member("already", !revoked);
        print(json.end_object().text() + "\n");
    } else {
        print("key " + options.id + (revoked ? " is revoked; a running service refuses it within " : " was revoked; ") +
              (revoked ? std::to_string(kKeyRemembered.count() + 1) + " seconds\n" : "nothing changes\n"));
    }
    return 0;
}

int key_rotate(const GlobalOptions& global, const KeyOptions& options) {
    const auto overlap = require_duration(options.overlap, "--overlap");
    Session session(global);
    const auto now = session.clock().now();
    const auto parts = require_key_id(session, options);
    std::optional<NewApiKey> made;
    session.act(parts.tenant, {"key.rotate", "key " + options.id}, [&](auto& transaction, auto& act) {
        const auto old = require_key(transaction, parts);
        if (!old.is_good(now)) {
            throw core::InputError("ID: this key is " + std::string(state_of(old, now)) +
                                   "; issue a new one with `duizhang key issue`");
        }
        made.emplace(make_api_key(old.tenant, old.name, old.role, now, expiry(options.expires, now)));
        store_api_key(transaction, made->key);
        expire_api_key(transaction, parts.number, now + overlap);
        act.before = told(old, now);
        act.after = told(made->key, now);
    });
    tell(global, "key " + options.id + " is good for another " + options.overlap + " at most");
    show_once(global, *made, now);
    return 0;
}

}  // namespace

void add_keys(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
    const auto options = std::make_shared<KeyOptions>();
    auto* keys = app.add_subcommand("key", "Keys for the API");
    keys->require_subcommand(1);
    const auto add = [&](const char* name, const char* help, int (*command)(const GlobalOptions&, const KeyOptions&)) {
        auto* sub = keys->add_subcommand(name, help);
        sub->callback([&global, &run, options, command] {
            run = [&global, options, command] { return command(global, *options); };
        });
        return sub;
    };
    auto* issue = add("issue", "Makes a key and prints it, this once", key_issue);
    issue->add_option("--tenant", options->tenant, "Whose data it opens")->required();
    issue->add_option("--role", options->role, "What it may do: " + role_names())->required();
    issue->add_option("--name", options->name, "For people: who has it");
    issue->add_option("--expires", options->expires, "The last day it is good, in UTC (YYYY-MM-DD); never without it");
    add("list", "All of them, without what opens", key_list)
        ->add_option("--tenant", options->tenant, "This tenant's alone");
    auto* revoke = add("revoke", "From now on it is refused", key_revoke);
    auto* rotate = add("rotate", "A new key for an old one, which is good for a while longer", key_rotate);
    for (auto* sub : {revoke, rotate}) {
        sub->add_option("--tenant", options->tenant, "Whose key it is; its id says so too");
        sub->add_option("id", options->id, "The key's id, as `key list` has it")->required();
    }
    rotate->add_option("--overlap", options->overlap, "How long the old one stays good")->default_str("24h");
    rotate->add_option("--expires", options->expires, "The new one's last day, in UTC; never without it");
}

}  // namespace server

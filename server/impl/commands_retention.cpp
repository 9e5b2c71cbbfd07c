// duizhang audit retention: does anything stay longer than its period? audit purge: what is older goes.
#include "server/impl/commands_retention.h"

#include <algorithm>
#include <memory>

#include "core/json/writer.h"
#include "server/console_text.h"

namespace server {
namespace {

bool is_broken(const std::vector<Held>& all) {
    return std::any_of(all.begin(), all.end(), [](const Held& one) { return one.is_broken(); });
}

std::string held_json(const std::vector<Held>& all) {
    core::json::Writer json(1);
    json.begin_object().member("holds", !is_broken(all)).key("kept").begin_array();
    for (const auto& one : all) {
        json.begin_object().member("tenant", one.tenant).member("kind", one.kind).key("days");
        one.days > 0 ? json.value(one.days) : json.null();
        json.member("count", one.count)
            .member("older", one.older)
            .member("overdue", one.overdue)
            .member("holds", !one.is_broken())
            .end_object();
    }
    return json.end_array().end_object().text() + "\n";
}

std::string held_text(const std::vector<Held>& all) {
    Table table(
        {"租户 Tenant", "种类 Kind", "天数 Days>", "存有 Kept>", "到期 Older>", "逾期 Overdue>", "结果 Result"});
    for (const auto& one : all) {
        table.add({one.tenant, one.kind, one.days > 0 ? std::to_string(one.days) : "—", std::to_string(one.count),
                   std::to_string(one.older), std::to_string(one.overdue),
                   !one.is_broken() ? "holds" : (one.days == 0 ? "NO PERIOD" : "OVERDUE")});
    }
    return table.text() + (is_broken(all) ? "Something is kept longer than [retention] says, or without a period.\n"
                                          : "Nothing is kept longer than [retention] says.\n");
}

std::string purged_json(const std::vector<Purged>& all) {
    core::json::Writer json(1);
    json.begin_object().key("purged").begin_array();
    for (const auto& one : all) {
        json.begin_object()
            .member("tenant", one.tenant)
            .member("kind", one.kind)
            .member("subject", one.subject)
            .member("records", one.records)
            .member("bytes", one.bytes)
            .member("sha256", one.sha256)
            .end_object();
    }
    return json.end_array().end_object().text() + "\n";
}

std::string purged_text(const std::vector<Purged>& all) {
    Table table({"租户 Tenant", "种类 Kind", "所属 Subject", "记录 Records>", "字节 Bytes>", "SHA-256"});
    for (const auto& one : all) {
        table.add(
            {one.tenant, one.kind, one.subject, std::to_string(one.records), std::to_string(one.bytes), one.sha256});
    }
    return all.empty() ? "nothing is older than its period\n" : table.text();
}

int audit_retention(const GlobalOptions& global) {
    Session session(global);
    const auto held = held_data(session.database(), session.tenants().settings(), session.clock().now());
    print(global.json ? held_json(held) : held_text(held));
    return is_broken(held) ? 1 : 0;
}

int audit_purge(const GlobalOptions& global, bool dry_run) {
    Session session(global);
    if (dry_run) {
        const auto held = held_data(session.database(), session.tenants().settings(), session.clock().now());
        print(global.json ? held_json(held) : held_text(held));
        return 0;
    }
    const auto purged = purge_as_owner(session, global);
    print(global.json ? purged_json(purged) : purged_text(purged));
    return 0;
}

}  // namespace

std::vector<Purged> purge_as_owner(Session& session, const GlobalOptions& global) {
    session.database();  // up to date, and as it should be
    core::db::Options options;
    options.connection = session.application().owner_connection();
    options.pool_max = 1;
    core::db::Database owner(options);
    std::vector<Purged> all;
    purge({owner, session.tenants().settings(), session.clock().now(), operating_user()}, [&](const Purged& one) {
        tell(global, one.tenant + " " + one.kind + " " + one.subject + ": " + std::to_string(one.records) + " purged");
        all.push_back(one);
    });
    return all;
}

void add_retention(CLI::App& audit, const GlobalOptions& global, std::function<int()>& run) {
    auto* retention = audit.add_subcommand(
        "retention", "Is anything kept longer than [retention] says, or without a period? Exit 1 when it is");
    retention->callback([&global, &run] { run = [&global] { return audit_retention(global); }; });
    const auto dry_run = std::make_shared<bool>(false);
    auto* purge = audit.add_subcommand(
        "purge", "Removes what is older than [retention] says, in batches that each leave a tombstone");
    purge->add_flag("--dry-run", *dry_run, "Only say how much that is");
    purge->callback([&global, &run, dry_run] { run = [&global, dry_run] { return audit_purge(global, *dry_run); }; });
}

}  // namespace server

// duizhang tenant verify
#include "core/db/wall_trial.h"
#include "core/json/writer.h"
#include "server/commands.h"
#include "server/console_text.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

std::vector<core::TenantId> tenants_of(Session& session, const std::string& id) {
    if (!id.empty()) {
        return {session.tenant(id).settings->id};
    }
    std::vector<core::TenantId> all;
    for (const auto& tenant : session.tenants().all()) {
        all.push_back(tenant->settings->id);
    }
    return all;
}

std::string trial_json(const core::db::WallTrial& trial) {
    core::json::Writer json(1);
    json.begin_object()
        .member("holds", trial.holds())
        .member("attempts", trial.attempts())
        .key("breaches")
        .begin_array();
    for (const auto& breach : trial.breaches) {
        json.begin_object()
            .member("object", breach.object)
            .member("problem", breach.problem)
            .member("remedy", breach.remedy)
            .end_object();
    }
    json.end_array().key("relations").begin_array();
    for (const auto& relation : trial.relations) {
        json.begin_object()
            .member("relation", relation.name)
            .member("canaries", relation.canaries)
            .member("attempts", relation.attempts)
            .key("crossings")
            .begin_array();
        for (const auto& crossing : relation.crossings) {
            json.value(crossing);
        }
        json.end_array().end_object();
    }
    return json.end_array().end_object().text();
}

std::string trial_text(const core::db::WallTrial& trial) {
    Table table({"表 Relation", "金丝雀 Canaries>", "试 Tried>", "越 Across>"});
    std::string complaints;
    for (const auto& breach : trial.breaches) {
        complaints += "  " + breach.text() + "\n";
    }
    for (const auto& relation : trial.relations) {
        table.add({relation.name, std::to_string(relation.canaries), std::to_string(relation.attempts),
                   std::to_string(relation.crossings.size())});
        for (const auto& crossing : relation.crossings) {
            complaints.append("  ").append(relation.name).append(": ").append(crossing).append("\n");
        }
    }
    return table.text() + std::to_string(trial.attempts()) + " attempts: " +
           (trial.holds() ? "nothing came across, and the catalogue is as it should be\n" : "BROKEN\n") + complaints;
}

}  // namespace

int tenant_verify(const GlobalOptions& global, const std::string& tenant) {
    Session session(global);
    const auto tenants = tenants_of(session, tenant);
    const auto trial =
        core::db::try_walls(session.application().database_as_it_is(), tenants,
                            [&](const std::string& relation, std::size_t nth, std::size_t of) {
                                tell(global, std::to_string(nth) + "/" + std::to_string(of) + " " + relation);
                            });
    print(global.json ? trial_json(trial) + "\n" : trial_text(trial));
    return trial.holds() ? 0 : 1;
}

}  // namespace server

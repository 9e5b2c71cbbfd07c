// duizhang audit report, audit settings
#include "server/impl/commands_evidence.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "config/settings.h"
#include "core/crypto/digest.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/json/writer.h"
#include "ledger/seals.h"
#include "server/console_text.h"
#include "server/evidence/evidence.h"
#include "server/evidence/settings_checks.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

namespace fs = std::filesystem;

struct Report {
    std::string out;
    std::string from;
    std::string to;
    bool canaries = false;
};

std::vector<SettingCheck> checks_of(const GlobalOptions& global, const std::string& area) {
    Session session(global);
    const auto& settings = session.tenants().settings();
    if (area == "tls") {
        return check_transport(settings);
    }
    if (area == "files") {
        return check_files(settings);
    }
    auto& database = session.application().database_as_it_is();
    // Settings are the server's; whose rows could be seen makes no difference.
    core::db::TenantTransaction transaction(database, core::TenantId("duizhang"));
    auto checks = check_database_settings(transaction, area, settings.embedded_database.has_value());
    if (area == "access") {
        const auto rules = check_access_rules(settings);
        checks.insert(checks.end(), rules.begin(), rules.end());
    }
    return checks;
}

int audit_settings(const GlobalOptions& global, const std::string& area) {
    const auto checks = checks_of(global, area);
    const bool holds = std::all_of(checks.begin(), checks.end(), [](const SettingCheck& one) { return one.holds; });
    if (global.json) {
        core::json::Writer json(1);
        json.begin_object().member("area", area).member("applicable", !checks.empty()).member("holds", holds);
        json.key("checks").begin_array();
        for (const auto& one : checks) {
            json.begin_object()
                .member("subject", one.subject)
                .member("expected", one.expected)
                .member("found", one.found)
                .member("holds", one.holds)
                .end_object();
        }
        print(json.end_array().end_object().text() + "\n");
    } else {
        Table table({"设置 Setting", "应为 Expected", "实为 Found", "结果 Result"});
        for (const auto& one : checks) {
            table.add({one.subject, one.expected, one.found, one.holds ? "holds" : "BROKEN"});
        }
        print(checks.empty() ? "nothing here that it applies to\n" : table.text());
    }
    return holds ? 0 : 1;
}

// The paths that are there; none: nothing to run.
EvidenceCommand scan_of(const std::string& id, const std::vector<fs::path>& paths) {
    EvidenceCommand command{id, {"--json", "audit", "scan"}};
    for (const auto& path : paths) {
        if (fs::exists(path)) {
            command.words.push_back(path.string());
        }
    }
    return command.words.size() == 3 ? EvidenceCommand{id, {}} : command;
}

// What the configuration has to say about; nothing of it when it is refused.
void add_of_settings(const config::Settings& settings, std::vector<EvidenceCommand>& commands) {
    commands.push_back(scan_of("configuration_scan", {settings.file, settings.file.parent_path() / "tenants.d"}));
    commands.push_back(scan_of("lists", {settings.review_lists}));
    commands.push_back(settings.embedded_database ? scan_of("log_files", {*settings.embedded_database / "data" / "log",
                                                                          *settings.embedded_database / "embedded.log"})
                                                  : EvidenceCommand{"log_files", {}});
    for (const auto& tenant : settings.tenants) {
        commands.push_back({"books", {"--json", "ledger", "verify", "--tenant", tenant.id.text()}});
    }
}

std::vector<EvidenceCommand> commands_for(const Report& options, const std::optional<Tenants>& tenants) {
    std::vector<EvidenceCommand> commands = {
        {"configuration", {"--json", "config", "check"}},
        {"keys", {"--json", "keys", "inventory"}},
        {"certificates", {"--json", "keys", "inventory", "--fail-within", "30"}},
        {"walls", {"--json", "tenant", "verify"}},
        {"schema", {"--json", "migrate", "--check"}},
        {"database", {"--json", "audit", "database", "--confidence", "medium"}},
        {"dependencies", {"--json", "audit", "dependencies"}},
        {"retention", {"--json", "audit", "retention"}},
        {"trail", {"--json", "audit", "verify"}},
        {"acts", {"--json", "audit", "acts"}},
    };
    if (!options.from.empty()) {
        auto& acts = commands.back();
        acts.words.insert(acts.words.end(), {"--from", options.from, "--to", options.to});
        acts.period = options.from + " – " + options.to;
    }
    for (const char* area : kSettingAreas) {
        commands.push_back({area, {"--json", "audit", "settings", "--area", area}});
    }
    if (tenants) {
        add_of_settings(tenants->settings(), commands);
    }
    if (options.canaries) {
        commands.push_back({"canaries", {"--json", "audit", "canaries", "--dir", "canaries"}});
    }
    return commands;
}

// Nothing when the configuration is refused: that is a finding, not the end of the report.
std::optional<Tenants> readable(const fs::path& configuration) {
    try {
        return std::optional<Tenants>(std::in_place, configuration);
    } catch (const core::UsageError&) {
        return std::nullopt;
    }
}

// Started once and held, so that the commands join one server.
std::unique_ptr<Application> held_database(const std::optional<Tenants>& tenants, const fs::path& configuration) {
    if (!tenants || !tenants->settings().embedded_database) {
        return nullptr;
    }
    auto application = std::make_unique<Application>(configuration);
    try {
        application->database_as_it_is();
    } catch (const core::Failure&) {  // the commands say for themselves what is wrong with it
        return nullptr;
    }
    return application;
}

void write_report(const GlobalOptions& global, const fs::path& folder, const Evidence& evidence,
                  const std::optional<Tenants>& tenants) {
    const auto json = evidence_json(evidence);
    std::vector<std::pair<std::string, std::string>> files = {{"report.json", json},
                                                              {"report.html", evidence_html(evidence)}};
    if (tenants) {
        const ledger::SealKey key(tenants->settings().master_key);
        const auto digest = core::crypto::sha256_hex(json);
        files.emplace_back("report.json.sig", "sha256 " + digest + "\npublic_key " + key.public_key() + "\nsignature " +
                                                  key.sign("evidence", digest) + "\n");
    } else {
        fs::remove(folder / "report.json.sig");
        tell(global, "the configuration is refused, so there is no key: THE REPORT IS NOT SIGNED");
    }
    core::write_files_together(folder, files);
    tell(global, "report: " + (folder / "report.html").string() + ", report.json and the commands' outputs beside it");
}

void check_period(const Report& options) {
    if (options.from.empty() != options.to.empty()) {
        throw core::UsageError("--from: needs --to, and the other way");
    }
    if (!options.from.empty() && require_day(options.from, "--from") > require_day(options.to, "--to")) {
        throw core::UsageError("--from: must not be after --to");
    }
}

int audit_report(const GlobalOptions& global, const Report& options) {
    check_period(options);
    const core::SystemClock clock;
    const auto configuration = fs::absolute(config::find_configuration(global.config));
    const auto folder = fs::absolute(options.out);
    if (fs::exists(folder) && !fs::is_empty(folder) && !fs::exists(folder / "report.json")) {
        throw core::UsageError("--out: " + folder.string() + " has other files in it");
    }
    fs::create_directories(folder);
    fs::permissions(folder, fs::perms::owner_all);
    const auto tenants = readable(configuration);
    const auto held = held_database(tenants, configuration);
    Evidence evidence{configuration.string(), options.from, options.to, clock.now(), {}};
    for (const auto& command : commands_for(options, tenants)) {
        evidence.runs.push_back(run_for_evidence(command, configuration, folder, evidence.runs.size() + 1, clock));
        tell(global, evidence.runs.back().id + ": " + std::string(name_of(evidence.runs.back().outcome)));
    }
    write_report(global, folder, evidence, tenants);
    print(global.json ? evidence_json(evidence) : evidence_text(evidence));
    const auto all = requirements();
    return std::any_of(all.begin(), all.end(),
                       [&](const auto& one) { return verdict_of(one, evidence.runs) == Verdict::not_met; })
               ? 1
               : 0;
}

}  // namespace

void add_evidence(CLI::App& audit, const GlobalOptions& global, std::function<int()>& run) {
    const auto area = std::make_shared<std::string>();
    auto* settings = audit.add_subcommand(
        "settings", "Settings that keep things secret or whole, where they are in force; exit 1 when one doesn't");
    settings->add_option("--area", *area, "tls, logs, access, durability or files")
        ->required()
        ->check(CLI::IsMember(std::vector<std::string>(std::begin(kSettingAreas), std::end(kSettingAreas))));
    settings->callback([&global, &run, area] { run = [&global, area] { return audit_settings(global, *area); }; });
    const auto options = std::make_shared<Report>();
    auto* report = audit.add_subcommand(
        "report", "Evidence for an assessor, requirement by requirement; exit 1 when one is not met");
    report->add_option("--out", options->out, "The folder for the report and the commands' outputs")->required();
    report->add_option(
        "--from", options->from,
        "The period's first day, in UTC: what was done is counted in it; all else is looked at as it is now");
    report->add_option("--to", options->to, "Its last day");
    report->add_flag("--canaries", options->canaries, "Run `audit canaries`, too, in a world of its own");
    report->callback([&global, &run, options] { run = [&global, options] { return audit_report(global, *options); }; });
}

}  // namespace server

#include "server/impl/commands_audit.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "audit/scan.h"
#include "audit/scan_database.h"
#include "config/settings.h"
#include "core/crypto/random.h"
#include "core/failure.h"
#include "core/files.h"
#include "server/application.h"
#include "server/impl/byte_progress.h"
#include "server/impl/command_support.h"
#include "server/impl/commands_canaries.h"
#include "server/impl/commands_dependencies.h"
#include "server/impl/commands_evidence.h"
#include "server/impl/commands_retention.h"
#include "server/impl/commands_trail.h"
#include "server/impl/scan_report.h"

namespace server {
namespace {

constexpr std::size_t kAllowListMax = std::size_t{16} << 20U;
constexpr std::size_t kFingerprintSize = 16;

struct Scan {
    std::vector<std::string> paths;
    std::string allow;
    std::string format;
    std::string confidence = "low";
    unsigned workers = 2;
    bool fingerprints = false;
    bool allow_test_numbers = false;
};

// One fingerprint a line; what is behind # is a remark.
std::set<std::string, std::less<>> read_allow_list(const std::string& file) {
    std::set<std::string, std::less<>> allowed;
    const auto text = core::read_file(file, kAllowListMax);
    std::size_t line = 1;
    for (std::size_t at = 0; at < text.size(); ++line) {
        const auto end = std::min(text.find('\n', at), text.size());
        auto entry = text.substr(at, end - at);
        entry = entry.substr(0, entry.find('#'));
        entry.erase(
            std::remove_if(entry.begin(), entry.end(), [](char c) { return c == ' ' || c == '\t' || c == '\r'; }),
            entry.end());
        const bool is_one = entry.size() == kFingerprintSize &&
                            std::all_of(entry.begin(), entry.end(), [](char c) { return c >= 'a' && c <= 'p'; });
        if (!entry.empty() && !is_one) {
            throw core::InputError(
                file + ":" + std::to_string(line) +
                ": must be a fingerprint, 16 letters from a to p, as `audit scan --fingerprints` shows");
        }
        if (is_one) {
            allowed.insert(entry);
        }
        at = end + 1;
    }
    return allowed;
}

audit::Confidence confidence_of(const std::string& name) {
    const std::map<std::string, audit::Confidence> kNames = {
        {"low", audit::Confidence::low}, {"medium", audit::Confidence::medium}, {"high", audit::Confidence::high}};
    return kNames.at(name);
}

void write(const GlobalOptions& global, const Scan& options, const audit::ScanReport& report) {
    if (options.format == "sarif") {
        print(scan_sarif(report));
    } else {
        print(global.json || options.format == "json" ? scan_json(report) : scan_text(report));
    }
}

int status_of(const audit::ScanReport& report) {
    if (!report.findings.empty() || report.findings_left_out > 0) {
        return 1;
    }
    return report.not_looked_into.empty() ? 0 : 3;
}

audit::ScanOptions scan_options(const Scan& options) {
    audit::ScanOptions scan;
    scan.allow_test_numbers = options.allow_test_numbers;
    if (!options.allow.empty()) {
        scan.allowed = read_allow_list(options.allow);
    }
    return scan;
}

int finish(const GlobalOptions& global, const Scan& options, audit::ScanReport report) {
    const auto least = confidence_of(options.confidence);
    std::erase_if(report.findings, [least](const audit::Finding& found) { return found.confidence < least; });
    for (auto& found : report.findings) {
        found.fingerprint = options.fingerprints ? found.fingerprint : "";
    }
    write(global, options, report);
    return status_of(report);
}

int audit_scan(const GlobalOptions& global, const Scan& options) {
    // Fingerprints are worth something only under the key of the books; where none are asked for any key will do.
    std::unique_ptr<Tenants> tenants;
    if (options.fingerprints || !options.allow.empty()) {
        tenants = std::make_unique<Tenants>(config::find_configuration(global.config));
    }
    const audit::Redactor passing{core::KeyBytes(core::crypto::random_bytes(32))};
    const auto scan = scan_options(options);
    ByteProgress progress("scanning", global.quiet);
    auto report = audit::PathScanner(tenants ? tenants->redactor() : passing, scan)
                      .scan(options.paths, [&](std::uint64_t done, std::uint64_t all) { progress.tell(done, all); });
    return finish(global, options, std::move(report));
}

int audit_database(const GlobalOptions& global, const Scan& options) {
    Session session(global);
    audit::DatabaseToScan what{session.database(), {}, options.workers, {}};
    for (const auto& tenant : session.tenants().all()) {
        what.tenants.push_back(tenant->settings->id);
    }
    if (what.tenants.empty()) {
        throw core::UsageError("audit database: no tenant is configured, so there are no rows to see");
    }
    what.progress = [&](const std::string& table, std::size_t done, std::size_t all) {
        tell(global, std::to_string(done) + "/" + std::to_string(all) + " " + table);
    };
    auto report = audit::scan_database(what, session.tenants().redactor(), scan_options(options));
    session.act(core::kInstance,
                {"database.scan", "every table", "null",
                 "{\"tenants\":" + std::to_string(what.tenants.size()) +
                     ",\"found\":" + std::to_string(report.findings.size() + report.findings_left_out) + "}"},
                [](auto&, auto&) {});
    return finish(global, options, std::move(report));
}

void add_options(CLI::App& command, Scan& options) {
    command.add_option("--allow", options.allow, "A file of fingerprints, one a line, that may be there")
        ->check(CLI::ExistingFile);
    command.add_flag("--allow-test-numbers", options.allow_test_numbers,
                     "Leave out what the card networks publish for testing");
    command.add_flag("--fingerprints", options.fingerprints,
                     "Show each number's fingerprint, as it stands in books and logs (needs the configuration)");
    command.add_option("--confidence", options.confidence, "The least that is reported: low (default), medium, high")
        ->check(CLI::IsMember({"low", "medium", "high"}));
    command.add_option("--format", options.format, "text (default), json or sarif")
        ->check(CLI::IsMember({"text", "json", "sarif"}));
}

}  // namespace

void add_audit(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
    auto* audit =
        app.add_subcommand("audit", "The trail of who did what; card data and secrets where they should not be");
    audit->require_subcommand(1);
    const auto options = std::make_shared<Scan>();
    auto* scan = audit->add_subcommand("scan", "Finds them in files, archives and folders; exit 1 when it did");
    scan->add_option("path", options->paths, "Files and folders; - is standard input")->required();
    add_options(*scan, *options);
    scan->callback([&global, &run, options] { run = [&global, options] { return audit_scan(global, *options); }; });
    auto* database =
        audit->add_subcommand("database", "Finds them in every column of the database; exit 1 when it did");
    add_canaries(*audit, global, run);
    add_dependencies(*audit, global, run);
    add_trail(*audit, global, run);
    add_evidence(*audit, global, run);
    add_retention(*audit, global, run);
    add_options(*database, *options);
    database->add_option("--workers", options->workers, "Tables to read at a time (2 without it)")
        ->check(CLI::Range(1, 12));
    database->callback(
        [&global, &run, options] { run = [&global, options] { return audit_database(global, *options); }; });
}

}  // namespace server

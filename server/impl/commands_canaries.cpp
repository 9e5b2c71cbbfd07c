// duizhang audit canaries
#include "server/impl/commands_canaries.h"

#include <filesystem>
#include <memory>

#include "config/settings.h"
#include "core/crypto/digest.h"
#include "core/crypto/random.h"
#include "core/db/embedded.h"
#include "core/failure.h"
#include "core/files.h"
#include "ledger/seals.h"
#include "server/canaries/canary_flight.h"
#include "server/canaries/canary_search.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

namespace fs = std::filesystem;

struct Options {
    std::string dir = "var/canaries";
    std::uint64_t seed = 0;
};

std::uint64_t random_seed() {
    std::uint64_t seed = 0;
    for (const char c : core::crypto::random_bytes(6)) {
        seed = seed << 8U | static_cast<unsigned char>(c);
    }
    return seed;
}

// By the key that signs the books' seals; of this run's world where nothing is configured.
void write_report(const GlobalOptions& global, const fs::path& folder, const fs::path& world,
                  const std::string& report) {
    const bool configured = !global.config.empty();
    const Tenants tenants(configured ? config::find_configuration(global.config) : world);
    const ledger::SealKey key(tenants.settings().master_key);
    const auto digest = core::crypto::sha256_hex(report);
    core::write_files_together(folder, {{"report.json", report},
                                        {"report.json.sig", "sha256 " + digest + "\npublic_key " + key.public_key() +
                                                                "\nsignature " + key.sign("canaries", digest) + "\n"}});
    tell(global, "report: " + (folder / "report.json").string() + ", signed by " +
                     (configured ? "the configured key " : "this run's own key ") + key.public_key() +
                     (configured ? "" : " (--config takes that of your books)"));
}

int audit_canaries(const GlobalOptions& global, const Options& options) {
    const core::SystemClock clock;
    CanaryReport report;
    report.seed = options.seed != 0 ? options.seed : random_seed();
    report.started_at = clock.now();
    CanarySet canaries(report.seed);
    tell(global,
         "making a world with " + std::to_string(canaries.all().size()) + " canaries in " + options.dir + " ...");
    DemoRemarks remarks{canaries.remarks(), canaries.cards()};
    const auto short_ones = canaries.short_ones();
    remarks.remarks.insert(remarks.remarks.end(), short_ones.begin(), short_ones.end());
    CanaryStage stage(options.dir, report.seed, remarks);
    const core::db::EmbeddedCluster cluster(stage.world().configuration.parent_path() / "postgres");
    tell(global, "sending them on every path ...");
    report.paths = fly(stage, canaries);
    tell(global, "searching every place ...");
    const auto control = try_search(stage.folder("tmp"), canaries);
    report.control_planted = control.planted;
    report.control_found = control.found;
    report.places = search_places(cluster, stage.world().configuration.parent_path(), canaries);
    report.finished_at = clock.now();
    const auto json = canary_json(report, canaries);
    write_report(global, stage.world().configuration.parent_path(), stage.world().configuration, json);
    print(global.json ? json : canary_text(report, canaries));
    return report.is_clean() ? 0 : 1;
}

}  // namespace

void add_canaries(CLI::App& audit, const GlobalOptions& global, std::function<int()>& run) {
    const auto options = std::make_shared<Options>();
    auto* command = audit.add_subcommand(
        "canaries", "Sends card data and secrets on every path, then searches every place; exit 1 when one is found");
    command->add_option("--dir", options->dir, "A folder for the world it makes (var/canaries without it)");
    command->add_option("--seed", options->seed, "The same canaries again (chosen without it, and said)");
    command->callback(
        [&global, &run, options] { run = [&global, options] { return audit_canaries(global, *options); }; });
}

}  // namespace server

// kill -9 of PostgreSQL, postmaster and children, under load. The service comes back without being touched: it starts
// its embedded server again; with --external, somebody else starts the server and the service finds it.
#include <optional>

#include "tests/faults/harness/cluster.h"
#include "tests/faults/harness/service.h"
#include "tests/faults/harness/trial.h"

namespace faults {
namespace {

constexpr std::size_t kStock = 2000;
constexpr std::size_t kLeave = 500;

void kill_database(Trial& trial) {
    std::optional<Cluster> cluster;
    if (trial.options().has("external")) {
        cluster.emplace(trial.folder() / "server", ClusterOptions{trial.folder() / "server" / "data", {}, {}, {}});
    }
    World world(trial.folder(),
                {3, trial.options().seed, cluster ? cluster->configuration() : "embedded = \"postgres\""});
    std::optional<EmbeddedServer> embedded;
    if (!cluster) {
        embedded.emplace(world.folder() / "postgres");
    }
    const auto admin = [&] { return cluster ? cluster->admin() : embedded->admin(); };
    Service service(world);
    service.start_and_wait();
    const auto service_pid = service.pid();
    Load load(world, {});
    std::minstd_rand random(static_cast<std::uint32_t>(trial.options().seed));
    std::size_t processes = 0;
    for (int round = 0; round < trial.options().rounds; ++round) {
        trial.stock_up(world, load, kStock);
        load.start();
        trial.let_it_run(load, Milliseconds(20 + random() % 300), kLeave);
        const auto killed_at = Steady::now();
        if (cluster) {
            cluster->kill();
            trial.report().require(cluster->start(), "PostgreSQL starts after a kill");
        } else {
            const auto killed = embedded->kill();
            trial.report().require(killed > 2, "a server with sessions was killed");
            processes += killed;
        }
        trial.recovered(load, killed_at);
        sleep(Milliseconds(50));
        load.stop();
        trial.ask(admin(), world, load);
    }
    trial.report().require(service.running() && service.pid() == service_pid, "the service is still the one it was");
    trial.report().figure("kills", trial.options().rounds);
    trial.report().figure("kills_under_load", trial.times_under_load());
    trial.report().figure("server", cluster ? "external" : "embedded");
    trial.report().figure("processes_killed", static_cast<std::int64_t>(processes));
    trial.conclude(admin(), world);
    trial.report().require(trial.times_under_load() == trial.options().rounds, "each kill came under load");
}

}  // namespace
}  // namespace faults

int main(int argc, char** argv) {
    return faults::run_fault(argc, argv,
                             {"kill-database", "kill -9 of PostgreSQL and its children under load", 3, {"external"}},
                             faults::kill_database);
}

// kill -9 of the service under load. An init system would start it again at once, and so do we.
#include "tests/faults/harness/cluster.h"
#include "tests/faults/harness/service.h"
#include "tests/faults/harness/trial.h"

namespace faults {
namespace {

constexpr std::size_t kStock = 1500;
constexpr std::size_t kLeave = 500;

void kill_service(Trial& trial) {
    World world(trial.folder(), {3, trial.options().seed, "embedded = \"postgres\""});
    const EmbeddedServer server(world.folder() / "postgres");
    Service service(world);
    service.start_and_wait();
    Load load(world, {});
    std::minstd_rand random(static_cast<std::uint32_t>(trial.options().seed));
    for (int round = 0; round < trial.options().rounds; ++round) {
        trial.stock_up(world, load, kStock);
        load.start();
        trial.let_it_run(load, Milliseconds(20 + random() % 300), kLeave);
        const auto killed_at = Steady::now();
        service.kill();
        service.start();
        trial.recovered(load, killed_at);
        sleep(Milliseconds(50));
        load.stop();
        trial.ask(server.admin(), world, load);
    }
    trial.report().figure("kills", trial.options().rounds);
    trial.report().figure("kills_under_load", trial.times_under_load());
    trial.conclude(server.admin(), world);
    trial.report().require(trial.times_under_load() == trial.options().rounds, "each kill came under load");
    trial.report().require(static_cast<int>(trial.traffic().broken) >= trial.options().rounds,
                           "kills cut requests off");
}

}  // namespace
}  // namespace faults

int main(int argc, char** argv) {
    return faults::run_fault(argc, argv, {"kill-service", "kill -9 of the service under load", 3, {}},
                             faults::kill_service);
}

// kill -9 of the service under load. An init system would start it again at once, and so do we.
#include "tests/faults/harness/cluster.h"
#include "tests/faults/harness/service.h"
#include "tests/faults/harness/trial.h"

namespace faults {
namespace {

constexpr std::size_t kStock = 1500;
constexpr std::chrono::seconds kBound{20};

void kill_service(Trial& trial) {
    World world(trial.folder(), {3, trial.options().seed, "embedded = \"postgres\""});
    const EmbeddedServer server(world.folder() / "postgres");
    Service service(world);
    service.start_and_wait();
    Load load(world, {});
    std::minstd_rand random(static_cast<std::uint32_t>(trial.options().seed));
    std::size_t under_load = 0;
    for (int round = 0; round < trial.options().rounds; ++round) {
        trial.stock_up(world, load, kStock);
        load.start();
        load.wait_for_acknowledged(1, std::chrono::seconds(20));
        sleep(Milliseconds(20 + random() % 300));
        under_load += load.in_flight() > 0 ? 1 : 0;
        const auto killed_at = Steady::now();
        service.kill();
        service.start();
        trial.recovered(load, killed_at, kBound);
        sleep(Milliseconds(50));
        load.stop();
        trial.ask(server.admin(), world, load);
    }
    trial.report().figure("kills", trial.options().rounds);
    trial.report().figure("kills_under_load", static_cast<std::int64_t>(under_load));
    trial.conclude(server.admin(), world);
    trial.report().require(static_cast<int>(under_load) == trial.options().rounds, "each kill came under load");
    trial.report().require(trial.traffic().broken >= under_load, "kills cut requests off");
}

}  // namespace
}  // namespace faults

int main(int argc, char** argv) {
    return faults::run_fault(argc, argv, {"kill-service", "kill -9 of the service under load", 5, {}},
                             faults::kill_service);
}

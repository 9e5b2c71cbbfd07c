// The disk under the write-ahead log answers EIO. PostgreSQL panics, the client gets an error, and what was to be
// committed may be there after recovery: the messages' keys have to say.
#include <fstream>

#include "tests/faults/harness/cluster.h"
#include "tests/faults/harness/service.h"
#include "tests/faults/harness/trial.h"

namespace faults {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kStock = 1200;
constexpr std::size_t kLeave = 400;

void fsync_error(Trial& trial) {
    const auto place = trial.folder() / "server";
    const auto flag = place / "shim" / "flag";
    const auto count = place / "shim" / "count";
    fs::create_directories(place / "shim");
    give_to_server_user(place / "shim");
    Cluster cluster(place, {place / "data",
                            {},
                            {},
                            {{"LD_PRELOAD", DUIZHANG_FAULTS_DIR "/libfailing_fsync.so"},
                             {"FAULT_FLAG", flag.string()},
                             {"FAULT_COUNT", count.string()}}});
    World world(trial.folder(), {3, trial.options().seed, cluster.configuration()});
    Service service(world);
    service.start_and_wait();
    const auto service_pid = service.pid();
    Load load(world, {});
    std::minstd_rand random(static_cast<std::uint32_t>(trial.options().seed));
    std::size_t failures = 0;
    std::int64_t ended = 0;
    for (int round = 0; round < trial.options().rounds; ++round) {
        trial.stock_up(world, load, kStock);
        load.start();
        trial.let_it_run(load, Milliseconds(random() % 200), kLeave);
        std::ofstream(flag) << "fail";
        wait_until(kPatience, [&] { return text_of(count).size() > failures; });
        sleep(Milliseconds(100 + random() % 200));
        fs::remove(flag);
        const auto mended_at = Steady::now();
        const auto so_far = text_of(count).size();
        trial.report().require(so_far > failures, "a sync of the log failed in each round");
        failures = so_far;
        // It starts its processes again by itself, unless recovery met the bad disk too: then an init system does.
        if (!cluster.comes_back()) {
            ++ended;
            trial.report().require(cluster.start(), "PostgreSQL starts on the mended disk");
        }
        trial.recovered(load, mended_at);
        load.stop();
        trial.ask(cluster.admin(), world, load);
    }
    trial.report().require(service.running() && service.pid() == service_pid, "the service is still the one it was");
    const auto panics = cluster.times_in_log("PANIC:");
    trial.report().figure("syncs_failed", static_cast<std::int64_t>(failures));
    trial.report().figure("panics", static_cast<std::int64_t>(panics));
    trial.report().figure("server_ended", ended);
    trial.report().require(panics > 0, "PostgreSQL panicked");
    const auto books = trial.conclude(cluster.admin(), world);
    trial.report().require(trial.taken_in_again(books) + static_cast<std::int64_t>(books.unacknowledged) > 0,
                           "commits that had failed were there after recovery");
}

}  // namespace
}  // namespace faults

int main(int argc, char** argv) {
    return faults::run_fault(argc, argv, {"fsync-error", "syncing the write-ahead log fails with EIO", 3, {}},
                             faults::fsync_error);
}

// The power goes: service and PostgreSQL die, and what was written and not synced is gone (unsynced_fs.cpp). A second
// run with fsync off has to lose something, or the first one proves nothing.
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <fstream>

#include "tests/faults/harness/cluster.h"
#include "tests/faults/harness/service.h"
#include "tests/faults/harness/trial.h"

namespace faults {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kStock = 1200;
constexpr std::size_t kLeave = 400;
constexpr decltype(std::declval<struct statfs>().f_type) kFuse = 0x65735546;

// Mounted for as long as it lives.
class ForgettingDisk {
public:
    explicit ForgettingDisk(const fs::path& folder) : mount_(folder / "disk") {
        if (geteuid() != 0) {
            throw NotHere("mounting needs root");
        }
        if (access("/dev/fuse", R_OK | W_OK) != 0) {
            throw NotHere("there is no /dev/fuse");
        }
        const std::string program = DUIZHANG_FAULTS_DIR "/unsynced_fs";
        if (access(program.c_str(), X_OK) != 0) {
            throw NotHere("unsynced_fs isn't built: libfuse3-dev was missing");
        }
        fs::create_directories(folder / "backing");
        fs::create_directories(mount_);
        daemon_ = std::make_unique<Child>(
            Program{{program, (folder / "backing").string(), mount_.string()}, "/", folder / "disk.log", {}});
        if (!wait_until(kPatience, [this] { return mounted() || !daemon_->running(); }) || !mounted()) {
            throw NotHere("FUSE can't mount here: " + text_of(folder / "disk.log"));
        }
    }
    ~ForgettingDisk() {
        umount2(mount_.c_str(), MNT_DETACH);
        daemon_->wait(std::chrono::seconds(5));
    }
    ForgettingDisk(const ForgettingDisk&) = delete;
    ForgettingDisk& operator=(const ForgettingDisk&) = delete;

    const fs::path& path() const { return mount_; }
    // How many bytes were forgotten.
    std::size_t cut() const {
        std::ofstream(mount_ / ".cut") << "now" << std::flush;
        std::size_t bytes = 0;
        std::ifstream(mount_ / ".cut") >> bytes;
        return bytes;
    }

private:
    bool mounted() const {
        struct statfs status {};
        return statfs(mount_.c_str(), &status) == 0 && status.f_type == kFuse;
    }
    fs::path mount_;
    std::unique_ptr<Child> daemon_;
};

void power_cuts(Trial& trial) {
    const auto place = trial.folder() / "durable";
    fs::create_directories(place);
    const ForgettingDisk disk(place);
    Cluster cluster(place, {disk.path() / "data", {}, {}, {}});
    World world(trial.folder(), {3, trial.options().seed, cluster.configuration()});
    Service service(world);
    service.start_and_wait();
    Load load(world, {});
    std::minstd_rand random(static_cast<std::uint32_t>(trial.options().seed));
    std::size_t forgotten = 0;
    for (int round = 0; round < trial.options().rounds; ++round) {
        trial.stock_up(world, load, kStock);
        load.start();
        trial.let_it_run(load, Milliseconds(100 + random() % 500), kLeave);
        const auto cut_at = Steady::now();
        cluster.kill();
        service.kill();
        const auto bytes = disk.cut();
        forgotten += bytes;
        trial.report().require(bytes > 0, "the cut drops unsynced writes");
        if (!cluster.start()) {
            const auto log = cluster.log();
            throw std::runtime_error("the cluster doesn't start after a cut: " +
                                     log.substr(log.size() - std::min<std::size_t>(log.size(), 1500)));
        }
        service.start();
        trial.recovered(load, cut_at);
        load.stop();
        trial.ask(cluster.admin(), world, load);
    }
    trial.report().figure("cuts", trial.options().rounds);
    trial.report().require(trial.times_under_load() == trial.options().rounds, "each cut came under load");
    trial.report().figure("bytes_forgotten", static_cast<std::int64_t>(forgotten));
    trial.conclude(cluster.admin(), world);
}

// The service refuses to start on a server with fsync off, so it starts on an honest one, and fsync is taken away while
// it runs: a reload is enough for that.
void control(Trial& trial) {
    const auto place = trial.folder() / "forgetful";
    fs::create_directories(place / "shops");
    const ForgettingDisk disk(place);
    Cluster cluster(place, {disk.path() / "data", {}, {}, {}});
    World world(place / "shops", {1, trial.options().seed + 1, cluster.configuration()});
    Service service(world);
    service.start_and_wait();
    Load load(world, {});
    load.add(world.make(kStock));
    cluster.set("fsync = off");
    sleep(Milliseconds(500));
    load.start();
    load.wait_for_acknowledged(kStock / 2, kPatience);
    cluster.kill();
    service.kill();
    const auto bytes = disk.cut();
    load.stop();
    cluster.set("fsync = on");
    const auto acknowledged = load.take_acknowledged();
    const bool starts = cluster.start();
    std::size_t lost = 0;
    if (starts) {
        lost = find_losses(cluster.admin(), world, acknowledged).messages;
    }
    trial.report().figure("control_fsync_off_acknowledged", static_cast<std::int64_t>(acknowledged.size()));
    trial.report().figure("control_bytes_forgotten", static_cast<std::int64_t>(bytes));
    trial.report().figure("control_cluster_starts", starts ? "yes" : "no");
    trial.report().figure("control_messages_lost", static_cast<std::int64_t>(lost));
    trial.report().require(!acknowledged.empty(), "the control run acknowledges something");
    trial.report().require(!starts || lost > 0,
                           "with fsync off a cut loses something: else this program proves nothing");
}

void power_cut(Trial& trial) {
    power_cuts(trial);
    control(trial);
}

}  // namespace
}  // namespace faults

int main(int argc, char** argv) {
    return faults::run_fault(argc, argv, {"power-cut", "the power goes, and unsynced writes with it", 1, {}},
                             faults::power_cut);
}

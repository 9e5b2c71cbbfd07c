// The disk is full: that of the data in one round, that of the write-ahead log in the next. Callbacks are answered 5xx
// instead of 2xx, and work goes on when there is room again.
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstring>

#include "tests/faults/harness/cluster.h"
#include "tests/faults/harness/service.h"
#include "tests/faults/harness/trial.h"

namespace faults {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kStock = 1500;
constexpr std::size_t kRefusedLeast = 50;

class SmallDisk {
public:
    SmallDisk(fs::path folder, const std::string& size) : folder_(std::move(folder)) {
        if (geteuid() != 0) {
            throw NotHere("mounting needs root");
        }
        fs::create_directories(folder_);
        const auto options = "size=" + size + ",mode=0755";
        if (mount("tmpfs", folder_.c_str(), "tmpfs", 0, options.c_str()) != 0) {
            throw NotHere(std::string("a tmpfs can't be mounted: ") + std::strerror(errno));
        }
    }
    ~SmallDisk() { umount2(folder_.c_str(), MNT_DETACH); }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    const fs::path& path() const { return folder_; }
    // Takes what room is left, also what is given back meanwhile. Returns the bytes it took.
    std::size_t fill() {
        const std::string block(64 * 1024, 'x');
        const int file = open((folder_ / "ballast").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        std::size_t taken = 0;
        for (auto size = block.size(); size >= 512;) {
            const auto n = write(file, block.data(), size);
            if (n > 0) {
                taken += static_cast<std::size_t>(n);
            } else {
                size /= 2;
            }
        }
        close(file);
        return taken;
    }
    void make_room() { fs::remove(folder_ / "ballast"); }

private:
    fs::path folder_;
};

void disk_full(Trial& trial) {
    SmallDisk data(trial.folder() / "data", "320m");
    SmallDisk wal(trial.folder() / "wal", "64m");
    Cluster cluster(
        trial.folder() / "server",
        {data.path() / "data", wal.path() / "wal", {"max_wal_size=24MB", "min_wal_size=8MB", "wal_recycle=off"}, {}});
    World world(trial.folder(), {3, trial.options().seed, cluster.configuration()});
    Service service(world);
    service.start_and_wait();
    const auto service_pid = service.pid();
    Load load(world, {});
    std::int64_t ended = 0;
    for (int round = 0; round < trial.options().rounds; ++round) {
        auto& disk = round % 2 == 0 ? data : wal;
        trial.stock_up(world, load, kStock);
        load.start();
        load.wait_for_acknowledged(20, kPatience);
        const auto before = load.traffic();
        const auto met = cluster.times_in_log("No space left");
        trial.report().require(disk.fill() > 0, "there was room to take away");
        const bool refuses = wait_until(kPatience, [&] {
            disk.fill();
            return load.traffic().refused_5xx() >= before.refused_5xx() + kRefusedLeast;
        });
        trial.report().require(refuses, "callbacks are answered 5xx while the disk is full");
        trial.report().require(cluster.times_in_log("No space left") > met, "PostgreSQL met the full disk");
        disk.make_room();
        const auto freed_at = Steady::now();
        if (!cluster.comes_back()) {
            ++ended;
            trial.report().require(cluster.start(), "PostgreSQL starts when there is room again");
        }
        trial.recovered(load, freed_at);
        load.stop();
        trial.report().say(round % 2 == 0 ? "the data's disk was full" : "the log's disk was full");
        trial.ask(cluster.admin(), world, load);
    }
    trial.report().require(service.running() && service.pid() == service_pid, "the service is still the one it was");
    trial.report().figure("data_disk_full", (trial.options().rounds + 1) / 2);
    trial.report().figure("log_disk_full", trial.options().rounds / 2);
    trial.report().figure("panics", static_cast<std::int64_t>(cluster.times_in_log("PANIC:")));
    trial.report().figure("server_ended", ended);
    trial.conclude(cluster.admin(), world);
}

}  // namespace
}  // namespace faults

int main(int argc, char** argv) {
    return faults::run_fault(argc, argv, {"disk-full", "no room for data, then none for the write-ahead log", 2, {}},
                             faults::disk_full);
}

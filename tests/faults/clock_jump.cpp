// The service's clock jumps while it runs (libfaketime; the monotonic clock stays). Nothing acknowledged is lost,
// nothing hangs, and time windows go by the clock as it is: what was signed then is fresh, what was signed now is not.
#include <unistd.h>

#include <array>
#include <fstream>

#include "tests/faults/harness/cluster.h"
#include "tests/faults/harness/service.h"
#include "tests/faults/harness/trial.h"

namespace faults {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using std::chrono::seconds;

constexpr std::size_t kBatch = 300;
// From the one to the next: an hour ahead and back, an hour behind and back, ten years ahead and back.
constexpr std::array<hours, 7> kClocks = {hours(0), hours(1),         hours(0), hours(-1),
                                          hours(0), hours(24 * 3652), hours(0)};

std::string faketime_library() {
    for (const char* folder : {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"}) {
        const auto path = std::string(folder) + "/faketime/libfaketimeMT.so.1";
        if (access(path.c_str(), R_OK) == 0) {
            return path;
        }
    }
    throw NotHere("libfaketime isn't installed (package faketime)");
}

// Whole at any moment, since the service reads it with each look at the clock.
void set_clock(const fs::path& file, hours ahead) {
    std::ofstream(file.string() + ".new")
        << (ahead.count() < 0 ? "-" : "+") << std::chrono::duration_cast<seconds>(std::chrono::abs(ahead)).count()
        << "\n";
    fs::rename(file.string() + ".new", file);
}

struct Judged {
    std::int64_t right = 0;
    std::int64_t wrong = 0;
    bool all_answered = true;
};

// Sends the messages once each and holds what was answered against what had to be. UnionPay signs no time of delivery.
void judge(World& world, Load& load, const std::vector<std::size_t>& sent, bool fresh, Judged& judged) {
    load.add(sent);
    judged.all_answered &= load.wait_for_all(kPatience);
    for (const auto number : sent) {
        const auto& callback = world.callback(number);
        const bool as_due = callback.acknowledged == (fresh || callback.channel == "unionpay");
        (as_due ? judged.right : judged.wrong) += 1;
    }
}

void clock_jump(Trial& trial) {
    const auto clock = trial.folder() / "clock";
    set_clock(clock, hours(0));
    const auto library = faketime_library();
    Cluster cluster(trial.folder() / "server", {trial.folder() / "server" / "data", {}, {}, {}});
    World world(trial.folder(), {3, trial.options().seed, cluster.configuration()});
    Service service(world, {{"LD_PRELOAD", library},
                            {"FAKETIME_TIMESTAMP_FILE", clock.string()},
                            {"FAKETIME_NO_CACHE", "1"},
                            {"FAKETIME_DONT_FAKE_MONOTONIC", "1"}});
    service.start_and_wait();
    const auto service_pid = service.pid();
    Load load(world, {});
    Judged fresh;
    Judged stale;
    std::int64_t jumps = 0;
    for (int round = 0; round < trial.options().rounds; ++round) {
        for (std::size_t i = 1; i < kClocks.size(); ++i) {
            // Under load, signed by the clock before; what is read after the jump may be refused.
            load.add(world.make(kBatch, kClocks.at(i - 1)));
            const auto by_new_clock = world.make(kBatch, kClocks.at(i));
            const auto by_old_clock = world.make(kBatch / 4, kClocks.at(i - 1));
            load.start();
            load.wait_for_acknowledged(kBatch / 8, kPatience);
            set_clock(clock, kClocks.at(i));
            ++jumps;
            load.wait_for_all(kPatience);
            judge(world, load, by_new_clock, true, fresh);
            judge(world, load, by_old_clock, false, stale);
            load.stop();
            trial.ask(cluster.admin(), world, load);
        }
    }
    trial.report().figure("jumps", jumps);
    trial.report().figure("fresh_by_the_new_clock_accepted", fresh.right);
    trial.report().figure("fresh_by_the_new_clock_refused", fresh.wrong);
    trial.report().figure("stale_by_the_new_clock_refused", stale.right);
    trial.report().figure("stale_by_the_new_clock_accepted", stale.wrong);
    trial.report().require(fresh.all_answered && stale.all_answered, "nothing hangs");
    trial.report().require(fresh.right > 0 && fresh.wrong == 0, "what is signed by the new clock is fresh");
    trial.report().require(stale.right > 0 && stale.wrong == 0, "what is signed by the old clock is stale");
    trial.report().require(service.running() && service.pid() == service_pid, "the service is still the one it was");
    trial.conclude(cluster.admin(), world);
}

}  // namespace
}  // namespace faults

int main(int argc, char** argv) {
    return faults::run_fault(argc, argv, {"clock-jump", "the service's clock jumps by an hour and by ten years", 1, {}},
                             faults::clock_jump);
}

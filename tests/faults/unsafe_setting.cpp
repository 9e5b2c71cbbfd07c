// A setting that commits rely on is switched off while everything runs. The service notices within a minute, names it,
// and acknowledges nothing until it is on again.
#include <array>

#include "tests/faults/harness/cluster.h"
#include "tests/faults/harness/service.h"
#include "tests/faults/harness/trial.h"

namespace faults {
namespace {

constexpr std::size_t kStock = 1500;
constexpr std::size_t kLeave = 600;
constexpr Milliseconds kMinute{60'000};
constexpr std::array<const char*, 3> kSettings = {"fsync", "full_page_writes", "synchronous_commit"};

struct Noticed {
    std::int64_t slowest_ms = 0;
    std::int64_t refused = 0;
    std::int64_t acknowledged_after = 0;
    bool all_named = true;
};

// What a connection of its own is told: 503 once it is noticed.
bool is_ready(const Service& service) { return service.get("/readyz") == 200; }

void switch_off(Trial& trial, Cluster& cluster, World& world, Load& load, const Service& service,
                const std::string& setting, Noticed& noticed) {
    trial.stock_up(world, load, kStock);
    const auto for_later = world.make(kStock);  // while a setting is off no orders are registered either
    load.start();
    trial.let_it_run(load, Milliseconds(200), kLeave);
    const auto said_before = times_in(service.log(), setting);
    const auto off_at = Steady::now();
    cluster.set(setting + " = off");
    const bool in_time = wait_until(kMinute, [&] { return !is_ready(service); });
    noticed.slowest_ms = std::max(noticed.slowest_ms, milliseconds_since(off_at));
    trial.report().require(in_time, "the service notices within a minute that " + setting + " is off");
    noticed.all_named &= times_in(service.log(), setting) > said_before;

    // Requests that were on their way have their answer by now; from here on there is none but 503.
    load.add(for_later);
    sleep(Milliseconds(300));
    noticed.refused += static_cast<std::int64_t>(load.traffic().refused_5xx());
    const auto acknowledged = load.traffic().acknowledged;
    sleep(Milliseconds(1000));
    noticed.acknowledged_after += static_cast<std::int64_t>(load.traffic().acknowledged - acknowledged);

    const auto on_at = Steady::now();
    cluster.set(setting + " = on");
    trial.recovered(load, on_at);
    load.stop();
    trial.ask(cluster.admin(), world, load);
}

void unsafe_setting(Trial& trial) {
    Cluster cluster(trial.folder() / "server", {trial.folder() / "server" / "data", {}, {}, {}});
    const bool as_delivered = trial.options().has("as-delivered");
    World world(trial.folder(),
                {3, trial.options().seed, cluster.configuration(), as_delivered ? "" : "safety_check_seconds = 1\n"});
    Service service(world);
    service.start_and_wait();
    const auto service_pid = service.pid();
    Load load(world, {});
    Noticed noticed;
    for (int round = 0; round < trial.options().rounds; ++round) {
        for (const char* setting : kSettings) {
            switch_off(trial, cluster, world, load, service, setting, noticed);
        }
    }
    trial.report().figure("noticed_ms_max", noticed.slowest_ms);
    trial.report().figure("refused_while_off", noticed.refused);
    trial.report().figure("acknowledged_once_noticed", noticed.acknowledged_after);
    trial.report().require(noticed.refused > 0, "callbacks were refused while a setting was off");
    trial.report().require(noticed.acknowledged_after == 0, "nothing is acknowledged once it is noticed");
    trial.report().require(noticed.all_named, "the log names the setting");
    trial.report().require(service.running() && service.pid() == service_pid, "the service is still the one it was");
    trial.conclude(cluster.admin(), world);
}

}  // namespace
}  // namespace faults

int main(int argc, char** argv) {
    return faults::run_fault(argc, argv,
                             {"unsafe-setting",
                              "fsync, full_page_writes and synchronous_commit are switched off while it runs",
                              1,
                              {"as-delivered"}},
                             faults::unsafe_setting);
}

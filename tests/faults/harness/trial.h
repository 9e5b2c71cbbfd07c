// One run of a fault program: its folder, what it counted, and the questions every program asks.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/faults/harness/check.h"
#include "tests/faults/harness/load.h"
#include "tests/faults/harness/report.h"
#include "tests/faults/harness/world.h"
#include "tests/support/test_database.h"

namespace faults {

class Trial {
public:
    explicit Trial(const Options& options) : options_(options), report_(options) {}

    const Options& options() const noexcept { return options_; }
    Report& report() noexcept { return report_; }
    std::filesystem::path folder() const { return folder_.path(); }

    // After a fault: what was acknowledged since the last question is there, and what stood in the journal at the last
    // question stands there unchanged. The load must have been stopped.
    // Requires that something was acknowledged, so that no round passes for having done nothing.
    void ask(const std::string& admin, World& world, Load& load);
    // The time from a fault's end to the first acknowledgement of what was sent after it. Requires that it comes.
    void recovered(Load& load, Steady::time_point since);
    // At the end: every acknowledged message of the run, the books, `ledger verify`, the trial balance, the trail.
    Books conclude(const std::string& admin, World& world);

    // How many deliveries the inbox counts beyond those that were acknowledged: committed, not told, and taken in again
    // by their keys, by the service itself or because the channel sent them again.
    std::int64_t taken_in_again(const Books& books) const;

    const Traffic& traffic() const noexcept { return traffic_; }
    const std::vector<std::int64_t>& recoveries_ms() const noexcept { return recoveries_ms_; }
    // Messages handed to the load at the moment: enough that it doesn't run dry before the fault.
    void stock_up(World& world, Load& load, std::size_t least);
    // Lets the load run for so long, or until only so many messages wait: some have to be left to recover with.
    // Returns while requests are in flight; counts those times.
    void let_it_run(Load& load, Milliseconds time, std::size_t leave);
    std::int64_t times_under_load() const noexcept { return under_load_; }

private:
    void look_at_journal(const std::string& admin);

    Options options_;
    Report report_;
    test_support::TestFolder folder_;
    Traffic traffic_;
    std::vector<std::size_t> acknowledged_;
    std::vector<std::int64_t> recoveries_ms_;
    Journal journal_;  // as of the last question
    std::size_t entries_broken_ = 0;
    std::size_t rounds_asked_ = 0;
    std::int64_t under_load_ = 0;
    std::size_t lost_in_rounds_ = 0;
};

// main() of a fault program: reads --rounds, --seed, --json and the program's own flags, runs it, prints. Exit status
// 0: every promise held; 1: one was broken, or the fault couldn't be made to happen; 77: it can't be run here; 2:
// usage.
struct Description {
    std::string name;
    std::string what;
    int rounds;
    std::vector<std::string> flags;
};
int run_fault(int argc, char** argv, const Description& description, const std::function<void(Trial&)>& program);

}  // namespace faults

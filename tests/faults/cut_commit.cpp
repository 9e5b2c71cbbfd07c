// The connection to PostgreSQL ends in the middle of COMMIT, in each of the ways it can: what the service then knows is
// "unknown", and the message's keys have to say what was committed.
#include <strings.h>

#include <array>

#include "tests/faults/harness/cluster.h"
#include "tests/faults/harness/proxy.h"
#include "tests/faults/harness/service.h"
#include "tests/faults/harness/trial.h"

namespace faults {
namespace {

constexpr std::size_t kStock = 900;
constexpr std::size_t kCutsInARound = 12;
constexpr std::size_t kLeave = 200;
constexpr Milliseconds kStall{700};
constexpr std::size_t kPartOfCommit = 7;
constexpr std::size_t kPartOfAnswer = 6;

enum class Cut { none, before, in_the_middle, after, at_answer, in_answer, stalled };
constexpr std::array<const char*, 7> kNames = {
    "commits_left_alone",
    "cut_before_commit_was_forwarded",
    "cut_with_half_the_commit_forwarded",
    "cut_once_commit_was_forwarded",
    "cut_with_the_answer_in_hand",
    "cut_with_half_the_answer_forwarded",
    "cut_after_a_stall_with_the_answer_in_hand",
};

// What all sessions count, and what they do next.
struct Plan {
    std::mutex mutex;
    std::atomic<int> percent{0};
    std::minstd_rand random;
    std::array<std::size_t, kNames.size()> cuts{};
    std::size_t all_cuts = 0;
    std::size_t known_committed = 0;  // the server said so, and the service never heard

    Cut next() {
        const std::lock_guard lock(mutex);
        const bool cut = static_cast<int>(random() % 100) < percent;
        const auto which = cut ? 1 + all_cuts++ % (kNames.size() - 1) : 0;  // each kind in its turn
        ++cuts.at(which);
        return static_cast<Cut>(which);
    }
    std::size_t cuts_done() {
        const std::lock_guard lock(mutex);
        return all_cuts;
    }
};

class CuttingSession : public PgSession {
public:
    explicit CuttingSession(Plan& plan) : plan_(plan) {}

    Then from_service(const PgMessage& message) override {
        if (!carries_out_commit(message)) {
            return Then::forward;
        }
        cut_ = plan_.next();
        switch (cut_) {
            case Cut::before:
                return Then::reset;
            case Cut::in_the_middle:
                send_all(server_descriptor, std::string_view(message.bytes).substr(0, kPartOfCommit));
                return Then::cut;
            case Cut::after:
                send_all(server_descriptor, message.bytes);
                return Then::reset;
            case Cut::none:
            case Cut::at_answer:
            case Cut::in_answer:
            case Cut::stalled:
                return Then::forward;
        }
        return Then::forward;
    }

    Then from_server(const PgMessage& message) override {
        const bool committed = message.type == 'C' && message.content().starts_with("COMMIT");
        if (!committed || cut_ == Cut::none) {
            return Then::forward;
        }
        {
            const std::lock_guard lock(plan_.mutex);
            ++plan_.known_committed;
        }
        if (cut_ == Cut::in_answer) {
            send_all(service_descriptor, std::string_view(message.bytes).substr(0, kPartOfAnswer));
            return Then::cut;
        }
        if (cut_ == Cut::stalled) {
            sleep(kStall);
        }
        return Then::reset;
    }

private:
    static bool is_commit(std::string_view sql) { return sql.size() >= 6 && strncasecmp(sql.data(), "commit", 6) == 0; }

    // A query of its own, or the Execute that follows where it was parsed, without a name, in a pipeline.
    bool carries_out_commit(const PgMessage& message) {
        if (message.type == 'P') {
            const auto content = message.content();
            parsed_commit_ = content.starts_with('\0') && is_commit(content.substr(1));
        }
        return (message.type == 'Q' && is_commit(message.content())) ||
               (message.type == 'E' && std::exchange(parsed_commit_, false));
    }

    Plan& plan_;
    bool parsed_commit_ = false;
    Cut cut_ = Cut::none;
};

void cut_commit(Trial& trial) {
    Plan plan;
    plan.random.seed(static_cast<std::uint32_t>(trial.options().seed));
    Cluster cluster(trial.folder() / "server", {trial.folder() / "server" / "data", {}, {}, {}});
    Proxy proxy([&plan] { return std::make_unique<CuttingSession>(plan); });
    proxy.pass_on_to(cluster.socket());
    World world(trial.folder(), {3, trial.options().seed, cluster.configuration_over(proxy.port())});
    Service service(world);
    service.start_and_wait();
    const auto service_pid = service.pid();
    Load load(world, {});
    for (int round = 0; round < trial.options().rounds; ++round) {
        trial.stock_up(world, load, kStock);
        load.start();
        load.wait_for_acknowledged(20, kPatience);
        const auto cuts_before = plan.cuts_done();
        // From some to nearly all, since a message is tried a few times before the channel is told to come again.
        plan.percent = 30 + 20 * (round % 4);
        wait_until(kPatience,
                   [&] { return plan.cuts_done() >= cuts_before + kCutsInARound || load.waiting() <= kLeave; });
        plan.percent = 0;
        trial.recovered(load, Steady::now());
        load.stop();
        trial.report().require(plan.cuts_done() > cuts_before, "commits were cut in each round");
        trial.ask(cluster.admin(), world, load);
    }
    trial.report().require(service.running() && service.pid() == service_pid, "the service is still the one it was");
    std::size_t cuts = 0;
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        trial.report().figure(kNames.at(i), static_cast<std::int64_t>(plan.cuts.at(i)));
        trial.report().require(plan.cuts.at(i) > 0, std::string("there was at least one of ") + kNames.at(i));
        cuts += i == 0 ? 0 : plan.cuts.at(i);
    }
    trial.report().figure("commits_cut", static_cast<std::int64_t>(cuts));
    trial.report().figure("committed_and_never_answered", static_cast<std::int64_t>(plan.known_committed));
    trial.report().require(plan.known_committed > 0, "commits succeeded whose answer the service never got");
    const auto books = trial.conclude(cluster.admin(), world);
    trial.report().require(trial.taken_in_again(books) > 0, "what was committed unheard was taken in again by its key");
}

}  // namespace
}  // namespace faults

int main(int argc, char** argv) {
    return faults::run_fault(argc, argv,
                             {"cut-commit", "the connection to PostgreSQL is cut in the middle of COMMIT", 4, {}},
                             faults::cut_commit);
}

// The server's process is terminated right after a transaction was given its tenant and before what it asks next: a
// connection that mended itself would go on without the tenant, read nothing, and take nothing for everything.
#include <cstring>
#include <pqxx/pqxx>

#include "tests/faults/harness/cluster.h"
#include "tests/faults/harness/proxy.h"
#include "tests/faults/harness/service.h"
#include "tests/faults/harness/trial.h"

namespace faults {
namespace {

constexpr std::size_t kStock = 1200;
constexpr std::size_t kTerminatedInARound = 10;
constexpr std::size_t kLeave = 200;
constexpr int kOutsideFailed = 4;        // the exit status that says so
constexpr const char* kEnter = "enter";  // the statement that sets the tenant (core/db/database.cpp)

struct Terminator {
    std::mutex mutex;
    std::string admin;
    std::atomic<int> percent{0};
    std::minstd_rand random;
    std::size_t entered = 0;
    std::size_t terminated = 0;

    std::size_t terminations() {
        const std::lock_guard lock(mutex);
        return terminated;
    }
    // Returns when the process is gone.
    void maybe_terminate(const std::string& backend) {
        const std::lock_guard lock(mutex);
        ++entered;
        if (static_cast<int>(random() % 100) < percent) {
            pqxx::connection connection(admin);
            pqxx::nontransaction work(connection);
            const auto gone = work.exec1("select pg_terminate_backend(" + backend + ", 5000)")[0].as<bool>();
            terminated += gone ? 1 : 0;
        }
    }
};

class WatchedSession : public PgSession {
public:
    explicit WatchedSession(Terminator& terminator) : terminator_(terminator) {}

    Then from_service(const PgMessage& message) override {
        // Bind: the portal's name, then the statement's.
        if (message.type == 'B') {
            const auto content = message.content();
            const auto name = content.substr(content.find('\0') + 1);
            entering_ = entering_ || name.substr(0, name.find('\0')) == kEnter;
        }
        return Then::forward;
    }

    Then from_server(const PgMessage& message) override {
        if (message.type == 'K') {
            const auto content = message.content();
            std::uint32_t number = 0;
            for (std::size_t i = 0; i < sizeof(number); ++i) {
                number = (number << 8U) | static_cast<unsigned char>(content[i]);
            }
            backend_ = std::to_string(number);
        }
        if (message.type == 'Z' && entering_) {
            entering_ = false;
            terminator_.maybe_terminate(backend_);
        }
        return Then::forward;
    }

private:
    Terminator& terminator_;
    std::string backend_;
    bool entering_ = false;
};

// What a tenant's trial balance says, while its transactions lose their ground: the truth or that it couldn't be read.
void read_books(Trial& trial, Terminator& terminator, World& world) {
    const std::vector<std::string> question = {"--json",  "ledger",     "trial-balance",
                                               "--until", "2099-12-31", "--tenant"};
    std::int64_t right = 0;
    std::int64_t refused = 0;
    std::int64_t wrong = 0;
    for (const auto& tenant : world.tenants()) {
        auto words = question;
        words.push_back(tenant);
        terminator.percent = 0;
        const auto truth = world.duizhang(words);
        trial.report().require(truth.status == 0, "a trial balance can be read");
        terminator.percent = 50;
        for (int i = 0; i < 6 * trial.options().rounds; ++i) {
            const auto read = world.duizhang(words);
            const bool is_right = read.status == 0 && read.out == truth.out;
            right += is_right ? 1 : 0;
            refused += read.status == kOutsideFailed ? 1 : 0;
            wrong += is_right || read.status == kOutsideFailed ? 0 : 1;
        }
        terminator.percent = 0;
    }
    trial.report().figure("reads_right", right);
    trial.report().figure("reads_refused", refused);
    trial.report().figure("reads_wrong", wrong);
    trial.report().require(wrong == 0, "a trial balance is right or refused");
    trial.report().require(right > 0 && refused > 0, "some reads lost their ground and some didn't");
}

void lost_setting(Trial& trial) {
    Terminator terminator;
    terminator.random.seed(static_cast<std::uint32_t>(trial.options().seed));
    Cluster cluster(trial.folder() / "server", {trial.folder() / "server" / "data", {}, {}, {}});
    terminator.admin = cluster.admin();
    Proxy proxy([&terminator] { return std::make_unique<WatchedSession>(terminator); });
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
        const auto before = terminator.terminations();
        terminator.percent = 40 + 20 * (round % 3);
        wait_until(kPatience, [&] {
            return terminator.terminations() >= before + kTerminatedInARound || load.waiting() <= kLeave;
        });
        terminator.percent = 0;
        trial.recovered(load, Steady::now());
        load.stop();
        trial.report().require(terminator.terminations() > before, "transactions lost their ground in each round");
        trial.ask(cluster.admin(), world, load);
    }
    trial.report().figure("transactions_entered", static_cast<std::int64_t>(terminator.entered));
    trial.report().figure("terminated_after_entering", static_cast<std::int64_t>(terminator.terminated));
    read_books(trial, terminator, world);
    trial.report().require(service.running() && service.pid() == service_pid, "the service is still the one it was");
    trial.conclude(cluster.admin(), world);
}

}  // namespace
}  // namespace faults

int main(int argc, char** argv) {
    return faults::run_fault(
        argc, argv, {"lost-setting", "server processes end between the tenant's setting and the statements", 2, {}},
        faults::lost_setting);
}

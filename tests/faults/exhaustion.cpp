// The running service is left without file descriptors, then without memory (prlimit). It refuses what it can't do,
// says nothing that isn't so, and works again when the limit is lifted.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

#include "tests/faults/harness/cluster.h"
#include "tests/faults/harness/proxy.h"
#include "tests/faults/harness/service.h"
#include "tests/faults/harness/trial.h"

namespace faults {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kStock = 4000;
constexpr Milliseconds kPause{150};
constexpr Milliseconds kLongPause{1000};  // so that the stock outlasts the large bodies
constexpr std::chrono::seconds kPhase{3};
constexpr std::chrono::seconds kPatienceWithoutMemory{5};
constexpr std::size_t kLargeBody = 900'000;
constexpr std::size_t kLargeBodies = 300;

// A connection that sends what it is told to, and gives up when an answer takes long.
class Wire {
public:
    Wire(std::uint16_t port, std::chrono::seconds wait) : number_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const timeval patience{wait.count(), 0};
        setsockopt(number_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        setsockopt(number_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        const void* generic = &address;
        (void)connect(number_, static_cast<const sockaddr*>(generic), sizeof(address));  // sending tells
    }
    ~Wire() { close(number_); }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    void send(const std::string& bytes) const { send_all(number_, bytes); }
    // 0 without an answer.
    int status() const {
        char text[12];
        const auto n = recv(number_, text, sizeof(text), MSG_WAITALL);
        return n == sizeof(text) ? std::stoi(std::string(text + 9, 3)) : 0;
    }

private:
    int number_;
};

class Limit {
public:
    Limit(pid_t pid, __rlimit_resource what, rlim_t at_most) : pid_(pid), what_(what) {
        if (prlimit(pid_, what_, nullptr, &before_) != 0) {
            throw NotHere("another process's limits can't be set here");
        }
        const rlimit tight{at_most, before_.rlim_max};
        if (prlimit(pid_, what_, &tight, nullptr) != 0) {
            throw NotHere("another process's limits can't be set here");
        }
    }
    ~Limit() { prlimit(pid_, what_, &before_, nullptr); }
    Limit(const Limit&) = delete;
    Limit& operator=(const Limit&) = delete;

private:
    pid_t pid_;
    __rlimit_resource what_;
    rlimit before_{};
};

std::size_t descriptors_of(pid_t pid) {
    const fs::directory_iterator files("/proc/" + std::to_string(pid) + "/fd");
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

rlim_t address_space_of(pid_t pid) {
    rlim_t pages = 0;
    std::ifstream("/proc/" + std::to_string(pid) + "/statm") >> pages;
    return pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
}

// A new connection for each message while there are no descriptors for it.
void without_descriptors(Trial& trial, World& world, Service& service, const std::string& admin) {
    LoadOptions options;
    options.connect_anew = true;
    options.pause = kPause;
    Load load(world, options);
    trial.stock_up(world, load, kStock);
    load.start();
    trial.report().require(load.wait_for_acknowledged(20, kPatience), "it works before the limit");
    std::size_t most = 0;
    std::size_t few = 0;
    {
        few = descriptors_of(service.pid()) / 4;
        const Limit limit(service.pid(), RLIMIT_NOFILE, few);
        const auto until = Steady::now() + kPhase;
        while (Steady::now() < until && service.running()) {
            most = std::max(most, load.in_flight());
            sleep(Milliseconds(10));
        }
    }
    const auto lifted_at = Steady::now();
    const auto log = text_of(world.folder() / "service.log");
    trial.report().require(log.find("\"accept_failed\"") != std::string::npos, "connections were not accepted");
    trial.report().figure("most_connections_waiting", static_cast<std::int64_t>(most));
    trial.report().figure("descriptors_left", static_cast<std::int64_t>(few));
    trial.recovered(load, lifted_at);
    sleep(Milliseconds(300));
    load.stop();
    trial.ask(admin, world, load);
}

// So many large bodies at a time that memory has to be asked for. How many were read whole (and refused as forged).
std::size_t post_large_bodies(const World& world, std::chrono::seconds patience) {
    const std::string head = "POST /callbacks/" + world.tenants().front() +
                             "/stripe HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                             "Connection: close\r\nContent-Length: " +
                             std::to_string(kLargeBody) + "\r\n\r\n";
    const std::string all_but_one(kLargeBody - 1, 'x');
    std::vector<std::unique_ptr<Wire>> wires;
    for (std::size_t i = 0; i < kLargeBodies; ++i) {
        wires.push_back(std::make_unique<Wire>(world.port(), patience));
        wires.back()->send(head + all_but_one);
    }
    std::size_t read = 0;
    for (auto& wire : wires) {
        wire->send("x");
        read += wire->status() == 401 ? 1 : 0;
    }
    return read;
}

void without_memory(Trial& trial, World& world, Service& service, const std::string& admin) {
    LoadOptions options;
    options.pause = kLongPause;
    Load load(world, options);
    trial.stock_up(world, load, kStock);
    load.start();
    trial.report().require(load.wait_for_acknowledged(20, kPatience), "it works before the limit");
    std::size_t read = 0;
    std::size_t acknowledged = load.traffic().acknowledged;
    {
        const Limit limit(service.pid(), RLIMIT_AS, address_space_of(service.pid()) / 2);
        read = post_large_bodies(world, kPatienceWithoutMemory);
        acknowledged = load.traffic().acknowledged - acknowledged;
    }
    const auto lifted_at = Steady::now();
    trial.report().figure("large_bodies_sent", static_cast<std::int64_t>(kLargeBodies));
    trial.report().figure("large_bodies_read_without_memory", static_cast<std::int64_t>(read));
    trial.report().figure("acknowledged_without_memory", static_cast<std::int64_t>(acknowledged));
    trial.report().require(read < kLargeBodies, "there was no memory for large bodies");
    trial.recovered(load, lifted_at);
    trial.report().require(service.running(), "the service lives on without memory");
    trial.report().require(post_large_bodies(world, kPatience) == kLargeBodies,
                           "they are all read when there is memory");
    load.stop();
    trial.ask(admin, world, load);
}

void exhaustion(Trial& trial) {
    World world(trial.folder(), {3, trial.options().seed, "embedded = \"postgres\""});
    const EmbeddedServer server(world.folder() / "postgres");
    Service service(world);
    for (int round = 0; round < trial.options().rounds; ++round) {
        // A process of its own for each round: the memory that a round's bodies took stays with it for a while, and the
        // next round would find it there.
        trial.report().require(round == 0 || service.stop(), "the service ends when it is asked to");
        service.start_and_wait();
        const auto service_pid = service.pid();
        without_descriptors(trial, world, service, server.admin());
        without_memory(trial, world, service, server.admin());
        trial.report().require(service.running() && service.pid() == service_pid,
                               "the service is still the one it was");
    }
    trial.conclude(server.admin(), world);
}

}  // namespace
}  // namespace faults

int main(int argc, char** argv) {
    return faults::run_fault(argc, argv, {"exhaustion", "no file descriptors, then no memory", 1, {}},
                             faults::exhaustion);
}

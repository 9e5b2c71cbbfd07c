#include "core/db/embedded.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <mutex>
#include <thread>

#include "core/db/cluster_server.h"
#include "core/db/connection.h"
#include "core/db/file_lock.h"
#include "core/db/server_process.h"
#include "core/failure.h"

namespace core::db {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr minutes kControlWait{6};  // above what another process may take to start a server that recovers
constexpr seconds kKeeperWait{90};  // above what a fast shutdown may take
constexpr seconds kRetryWait{1};

// Tells the watching thread to end.
class Bell {
public:
    Bell() : descriptor_(eventfd(0, EFD_CLOEXEC)) { ensure(descriptor_ >= 0, "an event can be made"); }
    ~Bell() { close(descriptor_); }
    Bell(const Bell&) = delete;
    Bell& operator=(const Bell&) = delete;
    void ring() const noexcept { eventfd_write(descriptor_, 1); }
    int descriptor() const noexcept { return descriptor_; }
    bool rings_within(milliseconds wait) const noexcept {
        pollfd waiting{descriptor_, POLLIN, 0};
        return poll(&waiting, 1, static_cast<int>(wait.count())) > 0;
    }

private:
    int descriptor_;
};

// Returns when the process has ended or the bell rings; after a moment at the latest where the kernel can't tell.
void wait_for_end(pid_t pid, const Bell& bell) {
    const auto process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    pollfd waiting[] = {{bell.descriptor(), POLLIN, 0}, {process, POLLIN, 0}};
    if (process < 0) {
        poll(waiting, 1, 200);
        return;
    }
    poll(waiting, 2, -1);
    close(process);
}

}  // namespace

struct EmbeddedCluster::Impl {
    Impl(const std::filesystem::path& folder, EmbeddedOptions options);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void join();
    void leave();
    void watch();
    bool serves_or_starts_again();

    ClusterServer server_;
    FileLock control_;  // held while somebody decides whether to start or to stop
    FileLock users_;    // held shared by everybody who uses the server
    mutable std::mutex server_mutex_;
    Bell closing_;
    std::thread watcher_;
};

EmbeddedCluster::Impl::Impl(const std::filesystem::path& folder, EmbeddedOptions options)
    : server_(find_place(folder), options),
      control_(server_.place().base / "control.lock"),
      users_(server_.place().base / "users.lock") {
    join();
    watcher_ = std::thread([this] { watch(); });
}

EmbeddedCluster::Impl::~Impl() {
    closing_.ring();
    watcher_.join();
    try {
        leave();
    } catch (const std::exception&) {
        // The server that we couldn't stop is stopped by the program that waits for the lock, which goes with us.
    }
}

void EmbeddedCluster::Impl::join() {
    if (!control_.lock_within(FileLock::Mode::exclusive, kControlWait)) {
        throw OutsideFailure("embedded database: another command has been starting or stopping it for too long (" +
                             (server_.place().base / "control.lock").string() + " is held)");
    }
    if (server_.place().user.uid != geteuid()) {
        users_.open_to_group(server_.place().user.gid);
    }
    // Held exclusively by the keeper alone, while it stops a server that was left behind.
    if (!users_.lock_within(FileLock::Mode::shared, kKeeperWait)) {
        throw OutsideFailure("embedded database: its server doesn't end (" +
                             (server_.place().base / "users.lock").string() + " is held)");
    }
    server_.ensure_running(server_.place().base / "users.lock");
    control_.unlock();
}

void EmbeddedCluster::Impl::leave() {
    control_.lock_within(FileLock::Mode::exclusive, kControlWait);
    users_.unlock();
    const auto deadline = std::chrono::steady_clock::now() + kKeeperWait;
    while (std::chrono::steady_clock::now() < deadline) {
        if (users_.try_lock(FileLock::Mode::exclusive)) {
            server_.stop();
            return;
        }
        if (users_.try_lock(FileLock::Mode::shared)) {
            // Others use it, or the keeper has finished between the two questions.
            if (users_.try_lock(FileLock::Mode::exclusive)) {
                server_.stop();
            }
            return;
        }
        // The keeper was quicker and is stopping it: gone means gone when we return.
        std::this_thread::sleep_for(milliseconds(10));
    }
}

void EmbeddedCluster::Impl::watch() {
    for (;;) {
        wait_for_end(server_.pid(), closing_);
        if (closing_.rings_within(milliseconds(0))) {
            return;
        }
        // While we hold users_ nobody stops the server on purpose: it has crashed or was killed (E5).
        while (!serves_or_starts_again()) {
            if (closing_.rings_within(kRetryWait)) {
                return;
            }
        }
    }
}

bool EmbeddedCluster::Impl::serves_or_starts_again() {
    try {
        if (serves(server_.pid(), server_.place().data)) {
            return true;
        }
        if (!control_.lock_within(FileLock::Mode::exclusive, seconds(1))) {
            return false;
        }
        const std::lock_guard lock(server_mutex_);
        server_.ensure_running(server_.place().base / "users.lock");
        control_.unlock();
        return true;
    } catch (const std::exception&) {
        // Whoever asks for a connection is told; a full disk, say, may have room again in a moment.
        control_.unlock();
        return false;
    }
}

EmbeddedCluster::EmbeddedCluster(const std::filesystem::path& folder, EmbeddedOptions options)
    : impl_(std::make_unique<Impl>(folder, options)) {}

EmbeddedCluster::~EmbeddedCluster() = default;

std::string EmbeddedCluster::connection_as(const std::string& role, const std::string& database) const {
    const std::lock_guard lock(impl_->server_mutex_);
    return impl_->server_.connection_as(role, database);
}

std::filesystem::path EmbeddedCluster::checkpoint() const {
    Connection session(connection_as("duizhang_admin", "duizhang"));
    pqxx::nontransaction(session.get()).exec("checkpoint");
    const std::lock_guard lock(impl_->server_mutex_);
    return impl_->server_.place().data;
}

std::string EmbeddedCluster::owner_connection() const { return connection_as("duizhang_owner", "duizhang"); }

std::string EmbeddedCluster::service_connection() const { return connection_as("duizhang_service", "duizhang"); }

}  // namespace core::db

// Creating an embedded cluster and starting its server. Called under the control lock, by one process at a time.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/db/cluster_place.h"
#include "core/db/embedded.h"
#include "core/db/process.h"

namespace core::db {

class ClusterServer {
public:
    ClusterServer(Place place, EmbeddedOptions options);

    const Place& place() const noexcept { return place_; }

    // Creates, recovers and starts what is needed; fine when it runs already. `users_lock` is the file that the
    // program which stops an abandoned server waits on.
    void ensure_running(const std::filesystem::path& users_lock);
    void stop();

    pid_t pid() const noexcept { return pid_; }
    std::string connection_as(const std::string& role, const std::string& database) const;

private:
    void create();
    void start();
    bool wait_until_ready(std::chrono::steady_clock::time_point deadline);
    bool set_up();
    void leave_a_keeper(const std::filesystem::path& users_lock);
    std::vector<std::string> server_arguments() const;
    [[noreturn]] void fail(const std::string& step) const;

    Place place_;
    EmbeddedOptions options_;
    Binaries binaries_;
    std::filesystem::path log_;
    std::filesystem::path sockets_;
    pid_t pid_ = 0;
    std::optional<LifeLine> keeper_;
};

}  // namespace core::db

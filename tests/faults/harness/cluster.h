// PostgreSQL servers to break: one of our own, outside the product (`database.url`), and what can be found of the
// product's embedded one.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/faults/harness/process.h"

namespace faults {

struct ClusterOptions {
    std::filesystem::path data;         // where the data lies; its parent must be there
    std::filesystem::path wal;          // empty: with the data
    std::vector<std::string> settings;  // "name=value", for this server's start
    Environment environment;
};

// A cluster whose server is our direct child, so that we collect it when it is killed (else its lock file would stay
// "in use"). As root it runs as the user postgres. One unix socket; passwords for the service, peer for us.
class Cluster {
public:
    // Makes it (initdb), and the roles and database that an operator makes for duizhang.
    Cluster(const std::filesystem::path& base, ClusterOptions options);
    ~Cluster();

    // Starts the server; false when it isn't ready by then (it is killed).
    bool start(Milliseconds most = std::chrono::minutes(2));
    // After a fault: true when it lets clients in again by itself, false when it has ended.
    bool comes_back(Milliseconds most = std::chrono::minutes(2));
    bool running() noexcept { return server_ != nullptr && server_->running(); }
    // kill -9 of the server and each of its processes, all gone on return.
    void kill();
    void stop();
    // Rewrites the settings that a reload may change, and reloads when it runs.
    void set(const std::string& setting);

    std::filesystem::path socket() const { return base_ / "sockets" / ".s.PGSQL.5432"; }
    // The [database] section's line: over the socket, or over a TCP port of 127.0.0.1 that a proxy listens on.
    std::string configuration() const { return url_line("", (base_ / "sockets").string()); }
    std::string configuration_over(std::uint16_t port) const {
        return url_line("127.0.0.1:" + std::to_string(port), "");
    }
    std::string admin(const std::string& database = "duizhang") const;
    std::string log() const { return text_of(base_ / "server.log"); }
    std::size_t times_in_log(const std::string& text) const { return times_in(log(), text); }

private:
    std::string url_line(const std::string& host, const std::string& folder) const;
    std::vector<std::string> as_server_user(std::vector<std::string> words) const;
    void write_access_rules() const;
    void create();
    void make_roles();

    std::filesystem::path base_;
    ClusterOptions options_;
    std::string password_;
    std::unique_ptr<Child> server_;
};

// The user that servers run as: ours, or postgres when we are root.
void give_to_server_user(const std::filesystem::path& path);

// The server that the product started for `database.embedded` in that folder.
class EmbeddedServer {
public:
    explicit EmbeddedServer(const std::filesystem::path& folder);
    // Of the postmaster; 0 while there is none.
    pid_t pid() const;
    // kill -9 of it and each of its processes. How many there were.
    std::size_t kill() const;
    // A superuser's connection; "" while no server runs.
    std::string admin() const;

private:
    std::filesystem::path data_;
};

}  // namespace faults

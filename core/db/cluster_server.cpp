#include "core/db/cluster_server.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <optional>
#include <system_error>
#include <thread>

#include "core/db/connection.h"
#include "core/db/process.h"
#include "core/db/server_process.h"
#include "core/db/work.h"
#include "core/failure.h"
#include "core/files.h"

namespace core::db {

namespace fs = std::filesystem;

namespace {

// After a crash the server reads its log from the last checkpoint on before it is ready.
constexpr std::chrono::minutes kReadyWait{5};
constexpr std::chrono::milliseconds kPollInterval{5};
constexpr std::uintmax_t kStartLogBytesMax = 1U << 20U;

constexpr const char* kAdmin = "duizhang_admin";
constexpr const char* kRoles[] = {kAdmin, "duizhang_owner", "duizhang_service"};

// What the keeper runs, with the data folder as $1: a fast shutdown, like stop_server(). Not `pg_ctl stop`, which
// believes the number in the file: that of a server long dead may be somebody else's by now.
constexpr const char* kStopWhoeverServes = R"sh(
read -r pid 2>/dev/null < "$1/postmaster.pid" || exit 0
serves() { [ "$(readlink "/proc/$pid/cwd")" = "$1" ] && [ "$(cat "/proc/$pid/comm")" = postgres ]; } 2>/dev/null
serves "$1" && kill -INT "$pid" || exit 0
waited=0
while serves "$1" && [ "$waited" -lt 600 ]; do sleep 0.1; waited=$((waited + 1)); done
)sh";

// Given on the command line, where neither a file nor `alter system` outweighs them.
constexpr const char* kSettings[] = {
    "listen_addresses=",
    "synchronous_commit=on",
    "port=5432",  // names the socket; nothing listens on the network
    "unix_socket_permissions=0700",
    "password_encryption=scram-sha-256",
    "max_connections=100",
    "shared_buffers=64MB",
    "work_mem=8MB",
    "maintenance_work_mem=64MB",
    "max_wal_size=512MB",
    // A new file of the log isn't filled with zeros first, 16 MiB for which every commit would wait.
    "wal_init_zero=off",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "cluster_name=duizhang",
    // The log: a file a day of the month, written anew each month. An error of a statement may quote its data, so
    // errors below those that end a session or the server (`log` stands above `error`) aren't written.
    "logging_collector=on",
    "log_directory=log",
    "log_filename=server-%d.log",
    "log_file_mode=0600",
    "log_rotation_age=1d",
    "log_rotation_size=0",
    "log_truncate_on_rotation=on",
    "log_min_messages=log",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_parameter_max_length=0",
    "log_parameter_max_length_on_error=0",
    "log_statement=none",
};

constexpr const char* kPowerCutSettings[] = {"fsync", "full_page_writes"};

constexpr const char* kMissing = R"(
    select not exists (select from pg_roles where rolname = 'duizhang_owner'),
           not exists (select from pg_roles where rolname = 'duizhang_service'),
           not exists (select from pg_database where datname = 'duizhang'))";
constexpr const char* kMakeOwner =
    "create role duizhang_owner login nosuperuser nocreatedb nocreaterole noreplication nobypassrls";
constexpr const char* kMakeService =
    "create role duizhang_service login nosuperuser nocreatedb nocreaterole noreplication nobypassrls noinherit";
constexpr const char* kMakeDatabase = "create database duizhang owner duizhang_owner";

void sync_folder(const fs::path& folder) {
    const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        fsync(descriptor);
        close(descriptor);
    }
}

std::string quoted_name(const std::string& name) { return '"' + name + '"'; }

// Peer authentication: the kernel says who is at the other end, so that there is no password to keep.
std::string access_rules() {
    return "# Written at every start. Nobody comes in but over the socket, as one of the users in pg_ident.conf.\n"
           "local all all peer map=duizhang\n";
}

std::string user_map(const ServerUser& server) {
    std::string text = "# Written at every start: who on this machine may work as which role.\n";
    for (const std::string& user : {std::string("root"), server.name}) {
        for (const char* role : kRoles) {
            text += "duizhang " + quoted_name(user) + " " + role + "\n";
        }
    }
    return text;
}

// What a killed server leaves. Its lock names a process id, and the next server refuses to start while that is in
// use: by somebody else, or by the dead server's own remains that nobody has collected yet.
void remove_stale_sockets(const fs::path& sockets) {
    std::error_code ignored;
    for (const char* name : {".s.PGSQL.5432", ".s.PGSQL.5432.lock"}) {
        fs::remove(sockets / name, ignored);
    }
}

void make_what_is_missing(Connection& admin) {
    pqxx::nontransaction session(admin.get());
    const auto missing = session.exec1(kMissing);
    const char* makers[] = {kMakeOwner, kMakeService, kMakeDatabase};
    for (pqxx::row::size_type i = 0; i < 3; ++i) {
        if (missing[i].as<bool>()) {
            session.exec(makers[i]);
        }
    }
    if (missing[2].as<bool>()) {
        session.exec("revoke all on database duizhang from public");
        session.exec("grant connect, temporary on database duizhang to duizhang_service");
    }
}

std::string major_of(const fs::path& data) {
    std::string major;
    std::ifstream(data / "PG_VERSION") >> major;
    return major;
}

}  // namespace

ClusterServer::ClusterServer(Place place, EmbeddedOptions options)
    : place_(std::move(place)), options_(options), log_(place_.base / "embedded.log") {}

void ClusterServer::fail(const std::string& step) const {
    std::string where = log_.string();
    std::error_code ignored;
    if (fs::exists(place_.data / "log", ignored)) {
        where += " and " + (place_.data / "log").string();
    }
    throw OutsideFailure("embedded database: " + step + "; see " + where);
}

void ClusterServer::ensure_running(const fs::path& users_lock) {
    if (!fs::exists(place_.data / "PG_VERSION")) {
        create();
    }
    binaries_ = find_binaries(major_of(place_.data), place_.data);
    const auto deadline = std::chrono::steady_clock::now() + kReadyWait;
    bool started = false;
    do {
        if (!running_server(place_.data)) {
            if (started) {
                fail("the server ended before it was ready");
            }
            start();
            leave_a_keeper(users_lock);
            started = true;
        }
        if (wait_until_ready(deadline) && set_up()) {
            return;
        }
        // It was there and is going: one that was killed a moment ago can still look alive.
        std::this_thread::sleep_for(kPollInterval);
    } while (std::chrono::steady_clock::now() < deadline);
    fail("the server doesn't answer");
}

void ClusterServer::stop() {
    stop_server(place_.data);
    remove_stale_sockets(sockets_);
    std::error_code ignored;
    fs::remove(sockets_, ignored);  // only when it is empty
}

// Made under another name and renamed when it is whole, so that a kill in the middle leaves nothing half made.
void ClusterServer::create() {
    binaries_ = find_binaries("", place_.data);
    const auto unfinished = place_.base / "data.new";
    std::error_code error;
    fs::remove_all(unfinished, error);
    if (mkdir(unfinished.c_str(), 0700) != 0 || lchown(unfinished.c_str(), place_.user.uid, place_.user.gid) != 0) {
        fail("making " + unfinished.string() + " failed: " + std::generic_category().message(errno));
    }
    Command initdb{place_.user.prefix(), unfinished, log_};
    initdb.arguments.insert(initdb.arguments.end(), {(binaries_.folder / "initdb").string(), "-D", unfinished.string(),
                                                     "-U", kAdmin, "-A", "peer", "--locale=C.UTF-8", "--lc-collate=C",
                                                     "-E", "UTF8", "--data-checksums", "--no-instructions"});
    if (!options_.durable) {
        initdb.arguments.emplace_back("--no-sync");
    }
    const int status = run_to_end(initdb);
    if (status != 0) {
        fail("initdb failed with status " + std::to_string(status));
    }
    fs::rename(unfinished, place_.data, error);
    if (error) {
        fail("renaming " + unfinished.string() + " failed: " + error.message());
    }
    sync_folder(place_.base);
}

std::vector<std::string> ClusterServer::server_arguments() const {
    std::vector<std::string> arguments = {(binaries_.folder / "postgres").string(), "-D", place_.data.string()};
    const auto add = [&](const std::string& setting) { arguments.insert(arguments.end(), {"-c", setting}); };
    for (const char* setting : kSettings) {
        add(setting);
    }
    for (const std::string setting : kPowerCutSettings) {
        add(setting + (options_.durable ? "=on" : "=off"));
    }
    if (can_sync_at_once(place_.data, binaries_)) {
        add("recovery_init_sync_method=syncfs");
    }
    add("unix_socket_directories=" + sockets_.string());
    add("hba_file=" + (place_.base / "pg_hba.conf").string());
    add("ident_file=" + (place_.base / "pg_ident.conf").string());
    return arguments;
}

void ClusterServer::start() {
    clear_leftovers(place_.data);
    sockets_ = make_socket_folder(place_, sockets_);
    remove_stale_sockets(sockets_);
    // Names only: others may read them, since the server's user must.
    write_file(place_.base / "pg_hba.conf", access_rules(), 0644);
    write_file(place_.base / "pg_ident.conf", user_map(place_.user), 0644);
    std::error_code ignored;
    if (fs::file_size(log_, ignored) > kStartLogBytesMax && !ignored) {
        fs::resize_file(log_, 0, ignored);
    }
    const Command server{server_arguments(), place_.data, log_};
    const auto life_line = run_detached(server, place_.user.prefix());
    while (!running_server(place_.data)) {
        if (life_line.ended(5)) {
            fail("the server ended while it started");
        }
    }
}

// False when the server ends meanwhile.
bool ClusterServer::wait_until_ready(std::chrono::steady_clock::time_point deadline) {
    while (std::chrono::steady_clock::now() < deadline) {
        const auto server = running_server(place_.data);
        if (!server) {
            return false;
        }
        if (server->ready) {
            pid_ = server->pid;
            sockets_ = server->sockets;
            return true;
        }
        std::this_thread::sleep_for(kPollInterval);
    }
    return false;
}

// Makes the roles and the database unless they stand: whoever was to make them may have been killed. False when the
// server doesn't let us in.
bool ClusterServer::set_up() {
    std::optional<Connection> admin;
    try {
        admin.emplace(connection_as(kAdmin, "postgres"));
    } catch (const Failure&) {
        return false;
    }
    try {
        make_what_is_missing(*admin);
        return true;
    } catch (const pqxx::broken_connection&) {
        return false;
    } catch (const pqxx::sql_error& refused) {
        fail("making the roles and the database failed with SQLSTATE " + sqlstate_of(refused));
    }
}

// Every user of the server holds users_lock shared, so whoever gets it exclusively knows that none is left. This
// program waits for that, stops the server, and lets the lock go when it is stopped.
void ClusterServer::leave_a_keeper(const fs::path& users_lock) {
    if (keeper_ && !keeper_->ended(0)) {
        return;  // that of a server of ours that has died: it stops this one as well
    }
    const Command keeper{{"/usr/bin/flock", "--exclusive", users_lock.string(), "/bin/sh", "-c", kStopWhoeverServes,
                          "keeper", place_.data.string()},
                         place_.data,
                         ""};
    keeper_.emplace(run_detached(keeper, place_.user.prefix()));
}

std::string ClusterServer::connection_as(const std::string& role, const std::string& database) const {
    // requirepeer: whoever else might listen on that socket isn't given a statement.
    return "host=" + sockets_.string() + " port=5432 dbname=" + database + " user=" + role +
           " requirepeer=" + place_.user.name + " sslmode=disable gssencmode=disable";
}

}  // namespace core::db

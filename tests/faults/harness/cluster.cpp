#include "tests/faults/harness/cluster.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <pqxx/pqxx>
#include <stdexcept>

#include "core/crypto/random.h"
#include "core/db/cluster_place.h"
#include "core/db/server_process.h"
#include "core/files.h"

namespace faults {

namespace fs = std::filesystem;

namespace {

bool is_root() { return geteuid() == 0; }

std::string server_user() { return is_root() ? "postgres" : getpwuid(geteuid())->pw_name; }

std::string program(const char* name) { return (core::db::find_binaries("", {}).folder / name).string(); }

// The server's processes are its direct children. It must make no more of them: killed one by one they would be
// replaced, and one that is overlooked keeps the next server from starting.
std::vector<pid_t> stop_and_list(pid_t postmaster) {
    ::kill(postmaster, SIGSTOP);
    wait_until(
        kPatience, [&] { return stopped(postmaster); }, Milliseconds(1));
    return children_of(postmaster);
}

std::size_t kill_with_children(pid_t postmaster) {
    auto all = stop_and_list(postmaster);
    all.push_back(postmaster);
    for (const auto pid : all) {
        ::kill(pid, SIGKILL);
    }
    return all.size();
}

void wait_until_gone(const std::vector<pid_t>& processes) {
    wait_until(kPatience, [&] {
        for (const auto pid : processes) {
            if (alive(pid)) {
                return false;
            }
        }
        return true;
    });
}

}  // namespace

void give_to_server_user(const fs::path& path) {
    if (is_root()) {
        const auto* user = getpwnam("postgres");
        if (user == nullptr || lchown(path.c_str(), user->pw_uid, user->pw_gid) != 0) {
            throw std::runtime_error("can't give " + path.string() + " to postgres");
        }
    }
}

Cluster::Cluster(const fs::path& base, ClusterOptions options)
    : base_(base), options_(std::move(options)), password_(core::crypto::random_token(24)) {
    create();
    if (!start()) {
        throw std::runtime_error("PostgreSQL doesn't start: " + log());
    }
    make_roles();
}

Cluster::~Cluster() { kill(); }

std::vector<std::string> Cluster::as_server_user(std::vector<std::string> words) const {
    if (is_root()) {
        words.insert(words.begin(), {"/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups",
                                     "--pdeathsig", "KILL"});
    }
    return words;
}

void Cluster::write_access_rules() const {
    const std::string user = server_user();
    core::write_file(base_ / "pg_hba.conf", "local all faults_admin peer map=faults\nlocal all all scram-sha-256\n",
                     0644);
    core::write_file(base_ / "pg_ident.conf", "faults root faults_admin\nfaults " + user + " faults_admin\n", 0644);
}

void Cluster::create() {
    fs::create_directories(base_ / "sockets");
    give_to_server_user(base_ / "sockets");
    core::write_file(base_ / "more.conf", "\n", 0644);
    write_access_rules();
    for (const auto& folder : {options_.data, options_.wal}) {
        if (!folder.empty()) {
            fs::create_directories(folder);
            fs::permissions(folder, fs::perms(0700));
            give_to_server_user(folder);
        }
    }
    std::vector<std::string> words = {program("initdb"),
                                      "-D",
                                      options_.data.string(),
                                      "-U",
                                      "faults_admin",
                                      "-A",
                                      "peer",
                                      "--locale=C.UTF-8",
                                      "-E",
                                      "UTF8",
                                      "--data-checksums",
                                      "--no-instructions",
                                      "--wal-segsize=1"};
    if (!options_.wal.empty()) {
        words.insert(words.end(), {"-X", options_.wal.string()});
    }
    const auto made = run({as_server_user(words), "/", base_ / "initdb.log", options_.environment});
    if (made.status != 0) {
        throw std::runtime_error("initdb failed: " + made.out);
    }
    const std::string more = "include_if_exists = '" + (base_ / "more.conf").string() + "'\n";
    const int file = open((options_.data / "postgresql.conf").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    const bool written = write(file, more.data(), more.size()) == static_cast<ssize_t>(more.size()) && fsync(file) == 0;
    close(file);
    if (!written) {
        throw std::runtime_error("postgresql.conf can't be written");
    }
}

bool Cluster::start(Milliseconds most) {
    std::vector<std::string> words = {program("postgres"), "-D", options_.data.string()};
    std::vector<std::string> settings = {"listen_addresses=",
                                         "port=5432",
                                         "unix_socket_directories=" + (base_ / "sockets").string(),
                                         "unix_socket_permissions=0777",
                                         "hba_file=" + (base_ / "pg_hba.conf").string(),
                                         "ident_file=" + (base_ / "pg_ident.conf").string(),
                                         "password_encryption=scram-sha-256",
                                         "shared_buffers=64MB",
                                         "max_wal_size=128MB",
                                         "min_wal_size=16MB",
                                         "timezone=UTC",
                                         "restart_after_crash=on",
                                         "log_min_messages=error",
                                         "log_min_error_statement=panic",
                                         "log_error_verbosity=terse"};
    settings.insert(settings.end(), options_.settings.begin(), options_.settings.end());
    for (const auto& setting : settings) {
        words.insert(words.end(), {"-c", setting});
    }
    // What a killed server left; its lock names a number that may be somebody else's by now.
    fs::remove(socket());
    fs::remove(socket().string() + ".lock");
    server_ = std::make_unique<Child>(Program{as_server_user(words), "/", base_ / "server.log", options_.environment});
    if (comes_back(most)) {
        return true;
    }
    kill();
    return false;
}

bool Cluster::comes_back(Milliseconds most) {
    const auto answers = [this] {
        try {
            pqxx::connection(admin("postgres") + " connect_timeout=2");
            return true;
        } catch (const std::exception&) {
            return false;
        }
    };
    return wait_until(most, [&] { return !running() || answers(); }) && running();
}

void Cluster::kill() {
    if (server_ == nullptr) {
        return;
    }
    std::vector<pid_t> children;
    if (server_->running()) {
        children = stop_and_list(server_->pid());
        kill_with_children(server_->pid());
    }
    server_.reset();
    wait_until_gone(children);
}

void Cluster::stop() {
    if (server_ != nullptr) {
        server_->signal(SIGINT);
        server_->wait(std::chrono::seconds(60));
        kill();
    }
}

void Cluster::set(const std::string& setting) {
    // Read by the include in postgresql.conf, which lies with the data.
    core::write_file(base_ / "more.conf", setting + "\n", 0644);
    if (running()) {
        server_->signal(SIGHUP);
    }
}

void Cluster::make_roles() {
    pqxx::connection connection(admin("postgres"));
    pqxx::nontransaction work(connection);
    work.exec("create role duizhang_owner login password " + work.quote(password_));
    work.exec("create role duizhang_service nologin noinherit");
    work.exec("grant duizhang_service to duizhang_owner");
    work.exec("create database duizhang owner duizhang_owner");
}

std::string Cluster::url_line(const std::string& host, const std::string& folder) const {
    return "url = \"postgresql://duizhang_owner:" + password_ + "@" + host +
           "/duizhang?sslmode=disable&gssencmode=disable" + (folder.empty() ? "" : "&host=" + folder) + "\"";
}

std::string Cluster::admin(const std::string& database) const {
    return "host=" + (base_ / "sockets").string() + " dbname=" + database + " user=faults_admin";
}

EmbeddedServer::EmbeddedServer(const fs::path& folder) : data_(core::db::find_place(folder).data) {}

pid_t EmbeddedServer::pid() const {
    const auto server = core::db::running_server(data_);
    return server && server->ready ? server->pid : 0;
}

std::size_t EmbeddedServer::kill() const {
    const auto postmaster = pid();
    return postmaster > 0 ? kill_with_children(postmaster) : 0;
}

std::string EmbeddedServer::admin() const {
    const auto server = core::db::running_server(data_);
    return server ? "host=" + server->sockets.string() + " port=5432 dbname=duizhang user=duizhang_admin" : "";
}

}  // namespace faults

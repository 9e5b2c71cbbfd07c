// A real PostgreSQL for tests: one private cluster a test program, a database of its own for whoever asks.
//
//     TestDatabase database;                                     // migrated and empty, in a few dozen milliseconds
//     core::db::Database service(database.service_options());
//
// All of it goes with the program. A program that is killed leaves no server (the cluster's keeper stops it), and its
// folder goes with the next run.
//
// All in the header, so that a test of any module can use it without what stands above that module.
#pragma once

#include <stdlib.h>  // mkdtemp
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <filesystem>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <system_error>

#include "core/db/connection.h"
#include "core/db/database.h"
#include "core/db/embedded.h"
#include "core/db/migrations.h"
#include "core/db/server_process.h"
#include "core/failure.h"

namespace test_support {

// A folder below /tmp that the server's user can enter, removed at the end.
class TestFolder {
public:
    TestFolder() : path_(make()) {}
    ~TestFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }

private:
    static constexpr const char* kPrefix = "duizhang-test-";

    static std::filesystem::path make() {
        remove_abandoned();
        std::string name = std::string("/tmp/") + kPrefix + std::to_string(getpid()) + "-XXXXXX";
        if (mkdtemp(name.data()) == nullptr) {
            throw core::OutsideFailure("no folder for a test can be made below /tmp");
        }
        std::filesystem::permissions(name, std::filesystem::perms(0755));
        return name;
    }

    // Those of programs that were killed: their number is nobody's any more, and their server is gone.
    static void remove_abandoned() {
        std::error_code ignored;
        for (const auto& entry : std::filesystem::directory_iterator("/tmp", ignored)) {
            const auto name = entry.path().filename().string();
            if (!name.starts_with(kPrefix)) {
                continue;
            }
            pid_t pid = 0;
            const auto number = name.substr(std::char_traits<char>::length(kPrefix));
            const auto read = std::from_chars(number.data(), number.data() + number.size(), pid);
            const bool is_ours = pid > 0 && read.ptr != number.data() + number.size() && *read.ptr == '-';
            const bool is_live = !is_ours || std::filesystem::exists("/proc/" + std::to_string(pid), ignored) ||
                                 core::db::running_server(entry.path() / "cluster" / "data");
            if (!is_live) {
                std::filesystem::remove_all(entry.path(), ignored);
            }
        }
    }

    std::filesystem::path path_;
};

// The program's cluster. Its database `duizhang` is migrated and then copied for each test, never used itself.
class SharedCluster {
public:
    static const core::db::EmbeddedCluster& get() {
        static SharedCluster shared;
        return shared.cluster_;
    }

private:
    SharedCluster() { core::db::migrate(cluster_.owner_connection()); }

    TestFolder folder_;
    core::db::EmbeddedCluster cluster_{folder_.path() / "cluster", {.durable = false}};
};

class TestDatabase {
public:
    enum class Content { migrated, nothing };

    explicit TestDatabase(Content content = Content::migrated) : name_(next_name()) {
        const std::string source = content == Content::migrated ? "duizhang" : "template0";
        administer("create database " + name_ + " template " + source + " owner duizhang_owner");
    }
    ~TestDatabase() {
        try {
            administer("drop database " + name_ + " with (force)");
        } catch (const std::exception&) {
            // It goes with the cluster, then.
        }
    }
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;

    // The owner's, who migrates and is bound by row-level security as everybody.
    std::string owner_connection() const { return SharedCluster::get().connection_as("duizhang_owner", name_); }
    // The role that the service works as.
    std::string service_connection() const { return SharedCluster::get().connection_as("duizhang_service", name_); }
    // The superuser's: for looking past row-level security, and for breaking things on purpose.
    std::string admin_connection() const { return SharedCluster::get().connection_as("duizhang_admin", name_); }

    core::db::Options service_options() const {
        core::db::Options options;
        options.connection = service_connection();
        return options;
    }

    // Runs statements as the superuser; the result of the last.
    pqxx::result administer_here(const std::string& sql) const { return run_as_admin(name_, sql); }

private:
    static std::string next_name() {
        static std::atomic<int> count{0};
        return "test_" + std::to_string(getpid()) + "_" + std::to_string(++count);
    }
    static void administer(const std::string& sql) { run_as_admin("postgres", sql); }
    static pqxx::result run_as_admin(const std::string& database, const std::string& sql) {
        core::db::Connection admin(SharedCluster::get().connection_as("duizhang_admin", database));
        pqxx::nontransaction session(admin.get());
        return session.exec(sql);
    }

    std::string name_;
};

}  // namespace test_support

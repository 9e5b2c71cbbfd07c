// A service that runs as a process, by the configuration of a demo's world.
#pragma once

#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <stdexcept>
#include <string>
#include <thread>

#include "core/db/connection.h"
#include "core/db/embedded.h"
#include "server/demo.h"
#include "tests/e2e/service/client.h"
#include "tests/support/command.h"

namespace e2e {

// The rest of the line behind the first `before` in the text, once it is there.
inline std::optional<std::string> line_behind(const std::string& text, const std::string& before) {
    const auto at = text.find(before);
    const auto end = at == std::string::npos ? at : text.find('\n', at);
    if (end == std::string::npos) {
        return std::nullopt;
    }
    return text.substr(at + before.size(), end - at - before.size());
}

// A configuration with two tenants, and a service that runs by it.
class Running {
public:
    explicit Running(const test_support::Process::Environment& environment = {})
        : world_(server::make_demo_world(folder_.path(), 60, 5, core::SystemClock().now())),
          server_(std::make_unique<core::db::EmbeddedCluster>(folder_.path() / "postgres")),
          process_(test_support::with_executable({"serve"}), folder_.path(), environment),
          client_(port_of(wait_for("duizhang listens on "))) {}

    static Running& the() {
        static Running service;
        return service;
    }

    const Client& client() const { return client_; }
    test_support::Process& process() { return process_; }
    const std::filesystem::path& place() const { return folder_.path(); }
    const server::DemoChannel& channel(const std::string& name) const {
        for (const auto& channel : world_.channels) {
            if (channel.scenario.channel == name) {
                return channel;
            }
        }
        throw std::runtime_error("there is no channel " + name);
    }
    // Those of both tenants.
    const std::vector<server::DemoChannel>& channels() const { return world_.channels; }
    // The superuser's, for looking at what the service does to the database.
    std::string admin_connection() const { return server_->connection_as("duizhang_admin", "duizhang"); }
    // The tenant that has this channel, too.
    std::string other_tenant(const std::string& name) const {
        for (const auto& other : world_.channels) {
            if (other.scenario.channel == name && other.tenant != channel(name).tenant) {
                return other.tenant;
            }
        }
        throw std::runtime_error("no second tenant has the channel " + name);
    }
    std::string path(const std::string& name) const { return "/callbacks/" + channel(name).tenant + "/" + name; }
    // One that is as the channel sends it, or one that somebody changed.
    const payments::SignedCallback& callback(const std::string& name, bool tampered = false) const {
        for (const auto& callback : channel(name).scenario.callbacks) {
            if (callback.tampered == tampered) {
                return callback.callback;
            }
        }
        throw std::runtime_error("the scenario has no such callback");
    }
    std::string wait_for(const std::string& before) const {
        for (int i = 0; i < 3000; ++i) {
            if (const auto found = line_behind(process_.err(), before)) {
                return *found;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        throw std::runtime_error("the service did not say: " + before + process_.err());
    }
    // Runs statements as the database's superuser.
    void administer(const std::string& sql) const {
        core::db::Connection session(server_->connection_as("duizhang_admin", "duizhang"));
        pqxx::nontransaction(session.get()).exec(sql);
    }
    std::string trial_balance(const std::string& tenant) const {
        return test_support::duizhang(
                   place(), {"--json", "ledger", "trial-balance", "--tenant", tenant, "--until", "2099-12-31"})
            .out;
    }

private:
    static std::uint16_t port_of(const std::string& address) {
        return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
    }

    test_support::TestFolder folder_;
    server::DemoWorld world_;
    std::unique_ptr<core::db::EmbeddedCluster> server_;
    test_support::Process process_;
    Client client_;
};

}  // namespace e2e

// A desk to run commands at: two tenants with three channels each, their orders and callbacks taken in, statements in
// their folders, on one embedded database that stays up while the program runs.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/crypto/encoding.h"
#include "core/db/embedded.h"
#include "core/json/reader.h"
#include "core/json/writer.h"
#include "server/demo.h"
#include "tests/support/command.h"

namespace e2e {

namespace fs = std::filesystem;
using test_support::Ran;

// Every file below the folder with its bytes, so that two states of it can be compared.
inline std::map<std::string, std::string> files_below(const fs::path& folder) {
    std::map<std::string, std::string> files;
    std::error_code none;
    for (const auto& item : fs::recursive_directory_iterator(folder, none)) {
        files[fs::relative(item.path(), folder).string()] =
            item.is_regular_file() ? test_support::text_of(item.path()) : "";
    }
    return files;
}

class Desk {
public:
    static const Desk& get() {
        static const Desk desk;
        return desk;
    }

    const fs::path& place() const { return folder_.path(); }
    const server::DemoWorld& world() const { return world_; }
    // The first tenant's.
    const server::DemoChannel& channel(const std::string& name) const {
        return find(name, world_.channels.front().tenant);
    }
    const std::string& tenant() const { return world_.channels.front().tenant; }
    // The other tenant's channel of that name: another merchant.
    const server::DemoChannel& foreign(const std::string& name) const {
        return find(name, world_.channels.back().tenant);
    }

    Ran run(std::vector<std::string> words) const { return test_support::duizhang(place(), std::move(words)); }

    // The superuser's, for looking at what a command does to the database.
    std::string admin_connection() const { return server_->connection_as("duizhang_admin", "duizhang"); }

    // The books of all tenants as the trial balance prints them, so that a command can be seen to change nothing.
    std::string books() const {
        std::string all;
        for (const auto& id : {tenant(), world_.channels.back().tenant}) {
            const auto ran = run({"--json", "ledger", "trial-balance", "--tenant", id, "--until", "2099-12-31"});
            if (ran.status != 0) {
                throw std::runtime_error("the trial balance can't be read: " + ran.err);
            }
            all += ran.out;
        }
        return all;
    }

private:
    Desk() {
        const auto now = core::SystemClock().now();
        world_ = server::make_demo_world(place(), 36, 3, now);
        // Held, so that the commands join one server instead of each starting its own.
        server_ = std::make_unique<core::db::EmbeddedCluster>(place() / "postgres");
        std::string callbacks;
        for (const auto& channel : world_.channels) {
            const auto file = "orders-" + channel.tenant + "-" + channel.scenario.channel + ".jsonl";
            test_support::write_text(place() / file, orders_text(channel.scenario));
            must(run({"orders", "import", "--tenant", channel.tenant, file}));
            callbacks += callbacks_text(channel, now);
        }
        test_support::write_text(place() / "callbacks.jsonl", callbacks);
        must(run({"callbacks", "replay", "callbacks.jsonl"}));
    }

    static void must(const Ran& ran) {
        if (ran.status != 0) {
            throw std::runtime_error("the desk can't be set up: " + ran.err);
        }
    }

    static std::string orders_text(const reconciliation::Scenario& scenario) {
        std::string text;
        for (const auto& order : scenario.orders) {
            core::json::Writer json;
            json.begin_object()
                .member("merchant_order_id", std::string_view(order.merchant_order_id))
                .member("amount", order.amount.minor())
                .member("currency", order.amount.currency().code())
                .member("created_at", std::string_view(core::format_rfc3339(order.created_at)))
                .member("split", std::string_view(order.split_name))
                .end_object();
            text += json.text() + "\n";
        }
        return text;
    }

    static std::string callbacks_text(const server::DemoChannel& channel, core::Instant now) {
        std::string text;
        for (const auto& callback : channel.scenario.callbacks) {
            core::json::Writer json;
            json.begin_object()
                .member("path", std::string_view("/callbacks/" + channel.tenant + "/" + channel.scenario.channel))
                .member("received_at", std::string_view(core::format_rfc3339(now)))
                .member("body_base64", std::string_view(core::crypto::base64_encode(callback.callback.body)))
                .key("headers")
                .begin_object();
            for (const auto& [name, value] : callback.callback.headers) {
                json.member(name, std::string_view(value));
            }
            json.end_object().end_object();
            text += json.text() + "\n";
        }
        return text;
    }

    const server::DemoChannel& find(const std::string& name, const std::string& tenant) const {
        for (const auto& channel : world_.channels) {
            if (channel.tenant == tenant && channel.scenario.channel == name) {
                return channel;
            }
        }
        throw std::runtime_error("the desk has no channel " + name);
    }

    test_support::TestFolder folder_;
    server::DemoWorld world_;
    std::unique_ptr<core::db::EmbeddedCluster> server_;
};

}  // namespace e2e

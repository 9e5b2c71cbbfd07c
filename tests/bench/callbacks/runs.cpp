#include "tests/bench/callbacks/runs.h"

#include <csignal>
#include <future>
#include <memory>
#include <pqxx/pqxx>
#include <stdexcept>
#include <thread>

#include "core/db/connection.h"
#include "core/db/embedded.h"
#include "core/db/migrations.h"
#include "tests/bench/http/service.h"
#include "tests/bench/http/usage.h"
#include "tests/support/command.h"

namespace bench {
namespace {

namespace fs = std::filesystem;
using test_support::Process;

void register_orders(core::db::Database& database, const std::vector<TenantOrders>& all) {
    constexpr std::size_t kPart = 1000;
    for (const auto& [tenant, orders] : all) {
        for (std::size_t at = 0; at < orders.size(); at += kPart) {
            const auto begin = orders.begin() + static_cast<std::ptrdiff_t>(at);
            const auto end = begin + static_cast<std::ptrdiff_t>(std::min(kPart, orders.size() - at));
            core::db::TenantTransaction transaction(database, core::TenantId(tenant));
            payments::register_orders(transaction, {begin, end}, {"UTC", std::chrono::minutes(0)});
            transaction.commit();
        }
    }
}

std::vector<std::string> words_of(const RunOptions& options, const World& world, std::uint16_t port,
                                  const std::string& database) {
    if (options.peer.empty()) {
        return test_support::with_executable({"--quiet", "serve"});
    }
    return {"/usr/bin/env",
            "node",
            options.peer / "server.mjs",
            "--framework",
            options.framework,
            "--port",
            std::to_string(port),
            "--database",
            database,
            "--world",
            world.peer_configuration,
            "--workers",
            std::to_string(options.peer_workers)};
}

}  // namespace

RunResult run(const RunOptions& options) {
    const test_support::TestFolder folder;
    const auto place = fs::canonical(folder.path());
    const auto port = free_port();
    const auto world =
        make_world(place, port, options.world,
                   std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()));
    const core::db::EmbeddedCluster cluster(place / "postgres");
    core::db::migrate(cluster.owner_connection());
    core::db::Options database_options;
    database_options.connection = cluster.service_connection();
    core::db::Database database(database_options);
    register_orders(database, world.orders);

    Process service(words_of(options, world, port, cluster.service_connection()), place);
    wait_until_ready(service, port, options.peer.empty() ? "/readyz" : "/livez");
    const auto data = place / "postgres" / "data";
    const auto service_before = service_usage(place);
    const auto database_before = database_usage(data);
    RunResult result;
    auto early = std::async(std::launch::async, [&] {
        std::this_thread::sleep_for(std::chrono::seconds(2));
        return service_usage(place).resident_kib;
    });
    result.load = send_all(world.requests, {port, options.connections, options.per_second});
    result.resident_early_kib = early.get();
    const auto service_after = service_usage(place);
    const auto count = static_cast<std::int64_t>(world.requests.size());
    result.service_cpu_us = (service_after.cpu_us - service_before.cpu_us) / count;
    result.database_cpu_us = (database_usage(data).cpu_us - database_before.cpu_us) / count;
    result.resident_kib = service_after.resident_kib;
    service.signal(SIGTERM);
    service.finish();

    core::db::Connection owner(cluster.connection_as("duizhang_admin", "duizhang"));
    pqxx::nontransaction question(owner.get());
    result.booked = question.exec1("select count(entry_id) from payments.movements")[0].as<std::int64_t>();
    if (options.bulk) {
        result.limit = insert_in_bulk(cluster.service_connection(), 256);
    }
    return result;
}

}  // namespace bench

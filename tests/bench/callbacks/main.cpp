// How many callbacks a second, beside what a service written with the usual libraries does, and what PostgreSQL alone
// could. `--help` tells the options; README.md beside tests/bench has the figures.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "tests/bench/callbacks/runs.h"

namespace {

void print(const std::string& name, const bench::RunResult& result) {
    const auto& load = result.load;
    std::printf(
        "%-18s %7ld/s  p50 %6.2f ms  p99 %7.2f ms  p99.9 %7.2f ms  max %7.2f ms  cpu %4ld + %4ld us  %6ld MiB"
        "  booked %ld\n",
        name.c_str(), load.per_second(), load.percentile(500) / 1000.0, load.percentile(990) / 1000.0,
        load.percentile(999) / 1000.0, load.percentile(1000) / 1000.0, result.service_cpu_us, result.database_cpu_us,
        result.resident_kib / 1024, result.booked);
    if (load.refused > 0) {
        std::printf("  %zu refused, the first with: %s\n", load.refused, load.first_refusal.c_str());
    }
    if (result.limit.callbacks > 0) {
        std::printf("%-18s %7ld/s  the same rows by PostgreSQL alone\n", "bulk insert", result.limit.per_second);
    }
    std::fflush(stdout);
}

}  // namespace

int main(int count, char** words) {
    CLI::App app{"callbacks a second"};
    bench::RunOptions options;
    std::string peer;
    std::string workload = "uniform";
    int runs = 1;
    app.add_option("--callbacks", options.world.callbacks, "how many are sent in a run");
    app.add_option("--connections", options.connections, "kept alive, each with one callback on the way");
    app.add_option("--tenants", options.world.tenants);
    app.add_option("--sellers", options.world.sellers, "accounts that payments are shared out to; 1: a hot one");
    app.add_option("--rate", options.per_second, "callbacks begun a second; 0: as many as it takes");
    app.add_option("--runs", runs);
    app.add_flag("--bulk", options.bulk, "measure the limit, too");
    app.add_option("--peer", peer, "folder of the peer's server.mjs");
    app.add_option("--workers", options.peer_workers, "of the peer");
    app.add_flag("--stripe-only", options.world.stripe_only);
    CLI11_PARSE(app, count, words);
    int failed = 0;
    for (int i = 0; i < runs; ++i) {
        options.world.seed = static_cast<std::uint64_t>(i + 1);
        for (const std::string name : {"duizhang", "express", "fastify"}) {
            if (name != "duizhang" && peer.empty()) {
                continue;
            }
            auto one = options;
            if (name != "duizhang") {
                one.peer = peer;
                one.framework = name;
                one.bulk = false;
            }
            const auto result = bench::run(one);
            print(name, result);
            failed += result.load.refused > 0 || result.booked != static_cast<std::int64_t>(result.load.accepted);
        }
    }
    return failed == 0 ? 0 : 1;
}

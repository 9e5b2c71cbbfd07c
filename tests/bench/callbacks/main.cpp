// How many callbacks a second, beside what a service written with the usual libraries does, and what PostgreSQL alone
// could. `--help` tells the options; README.md beside tests/bench has the figures.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <vector>

#include "tests/bench/callbacks/runs.h"

namespace {

void print(const std::string& name, const bench::RunResult& result) {
    const auto& load = result.load;
    std::printf(
        "%-18s %7ld/s  p50 %6.2f ms  p99 %7.2f ms  p99.9 %7.2f ms  max %7.2f ms  cpu %4ld + %4ld us  "
        "%4ld to %4ld MiB  booked %ld\n",
        name.c_str(), load.per_second(), load.percentile(500) / 1000.0, load.percentile(990) / 1000.0,
        load.percentile(999) / 1000.0, load.percentile(1000) / 1000.0, result.service_cpu_us, result.database_cpu_us,
        result.resident_early_kib / 1024, result.resident_kib / 1024, result.booked);
    if (load.refused > 0) {
        std::printf("  %zu refused, the first with: %s\n", load.refused, load.first_refusal.c_str());
    }
    if (result.limit.callbacks > 0) {
        std::printf("%-18s %7ld/s  the same rows by PostgreSQL alone\n", "bulk insert", result.limit.per_second);
    }
    std::fflush(stdout);
}

// The runs of one kind: of several the median stands for them.
class Medians {
public:
    void add(const std::string& name, std::int64_t per_second) {
        if (figures_.find(name) == figures_.end()) {
            order_.push_back(name);
        }
        figures_[name].push_back(per_second);
    }
    std::int64_t of(const std::string& name) {
        auto found = figures_.find(name);
        if (found == figures_.end()) {
            return 0;
        }
        std::sort(found->second.begin(), found->second.end());
        return found->second[found->second.size() / 2];
    }
    void print() {
        std::printf("\nmedians\n");
        for (const auto& name : order_) {
            std::printf("%-18s %7ld/s\n", name.c_str(), of(name));
        }
        ratio("of the better peer", "duizhang", std::max(of("express"), of("fastify")));
        ratio("of bulk insert", "duizhang", of("bulk insert"));
        ratio("hot of uniform", "duizhang hot", of("duizhang"));
    }

private:
    void ratio(const char* what, const std::string& name, std::int64_t to) {
        if (of(name) > 0 && to > 0) {
            const auto hundredths = of(name) * 100 / to;
            std::printf("%-18s %4ld.%02ld\n", what, hundredths / 100, hundredths % 100);
        }
    }

    std::vector<std::string> order_;
    std::map<std::string, std::vector<std::int64_t>> figures_;
};

struct Suite {
    bench::RunOptions options;
    std::string peer;
    bool hot = false;

    std::vector<std::string> names() const {
        std::vector<std::string> names{"duizhang"};
        if (hot) {
            names.emplace_back("duizhang hot");
        }
        if (!peer.empty()) {
            names.emplace_back("express");
            names.emplace_back("fastify");
        }
        return names;
    }

    bench::RunOptions options_of(const std::string& name) const {
        auto one = options;
        if (name == "duizhang hot") {
            one.world.sellers = 1;
        } else if (name != "duizhang") {
            one.peer = std::filesystem::absolute(peer);
            one.framework = name;
        }
        one.bulk = options.bulk && name == "duizhang";
        return one;
    }
};

}  // namespace

int main(int count, char** words) {
    CLI::App app{"callbacks a second"};
    Suite suite;
    auto& options = suite.options;
    int runs = 1;
    app.add_option("--callbacks", options.world.callbacks, "how many are sent in a run");
    app.add_option("--connections", options.connections, "kept alive, each with one callback on the way");
    app.add_option("--tenants", options.world.tenants);
    app.add_option("--sellers", options.world.sellers, "accounts that payments are shared out to; 1: a hot one");
    app.add_flag("--hot", suite.hot, "one more run each time, with one hot account");
    app.add_option("--rate", options.per_second, "callbacks begun a second; 0: as many as it takes");
    app.add_option("--runs", runs, "of each kind, one after the other; with their medians at the end");
    app.add_flag("--bulk", options.bulk, "measure the limit, too");
    app.add_option("--peer", suite.peer, "folder of the peer's server.mjs");
    app.add_option("--workers", options.peer_workers, "of the peer");
    app.add_flag("--stripe-only", options.world.stripe_only);
    CLI11_PARSE(app, count, words);
    options.world.per_second = options.per_second;
    int failed = 0;
    Medians medians;
    for (int i = 0; i < runs; ++i) {
        options.world.seed = static_cast<std::uint64_t>(i + 1);
        for (const auto& name : suite.names()) {
            const auto result = bench::run(suite.options_of(name));
            print(name, result);
            medians.add(name, result.load.per_second());
            if (result.limit.callbacks > 0) {
                medians.add("bulk insert", result.limit.per_second);
            }
            failed += result.load.refused > 0 || result.booked != static_cast<std::int64_t>(result.load.accepted);
        }
    }
    if (runs > 1) {
        medians.print();
    }
    return failed == 0 ? 0 : 1;
}

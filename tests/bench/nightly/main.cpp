// What a night costs with many tenants that have little each, beside one tenant that has as much as all of them.
// `--help` tells the options; README.md beside tests/bench has the figures.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "tests/bench/nightly/night.h"

namespace {

struct Options {
    std::uint64_t tenants = 10'000;
    std::uint64_t payments = 20;
    unsigned workers = 2;
    std::string folder = "/tmp/duizhang-bench-nightly";
};

long long shown(std::int64_t number) { return number; }

void print(const char* name, const bench::NightRun& run, std::uint64_t payments) {
    std::printf("%-34s %8lld.%02lld s %10lld/s  cpu %8lld + %8lld ms  peak %6lld MiB\n", name,
                shown(run.milliseconds / 1000), shown(run.milliseconds % 1000 / 10),
                shown(static_cast<std::int64_t>(payments) * 1000 / std::max<std::int64_t>(run.milliseconds, 1)),
                shown(run.cpu_milliseconds), shown(run.database_cpu_milliseconds), shown(run.peak_kib / 1024));
    std::fflush(stdout);
}

bench::NightRun measure(const char* name, const Options& options, std::uint64_t tenants) {
    const std::uint64_t payments = options.tenants * options.payments;
    const bench::Night night(options.folder, tenants, payments / tenants);
    const auto run = night.run(options.workers, false);
    print(name, run, payments);
    print("  again, with nothing to do", night.run(options.workers, true), 0);
    return run;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("A night of many tenants with little each, and of one with as much");
    Options options;
    app.add_option("--tenants", options.tenants, "How many; 1000 for a quick look")->check(CLI::PositiveNumber);
    app.add_option("--payments", options.payments, "Of each of them")->check(CLI::PositiveNumber);
    app.add_option("--workers", options.workers, "Of duizhang nightly");
    app.add_option("--folder", options.folder, "Where everything is made; what is there goes");
    CLI11_PARSE(app, argc, argv);
    try {
        const auto one = measure("one tenant", options, 1);
        const auto many = measure("many tenants", options, options.tenants);
        std::printf("%llu tenants take %lld.%02lld times as long as one\n",
                    static_cast<unsigned long long>(options.tenants), shown(many.milliseconds / one.milliseconds),
                    shown(many.milliseconds * 100 / one.milliseconds % 100));
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "bench: %s\n", failure.what());
        return 1;
    }
    return 0;
}

// How long two files of many lines take to be compared, by duizhang and by others, with the answer checked against what
// was planted. `--help` tells the options; README.md beside tests/bench has the figures.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "day.h"
#include "peers.h"
#include "plant.h"

namespace {

using bench::Plant;
using bench::Run;

struct Options {
    std::vector<std::uint64_t> lines{1'000'000, 10'000'000};
    unsigned threads = 2;
    int runs = 5;
    std::string folder = "/tmp/duizhang-bench";
    std::string duckdb;
    bool sort_and_join = false;
    bool postgresql = false;
    bool database = false;
};

struct Contender {
    std::string name;
    bool finds_repeats = true;
    std::function<Run(const Plant&)> run;
    std::vector<Run> runs;
};

// A wrong answer is worth nothing, however fast.
void check(const Plant& plant, const Contender& contender, const Run& run) {
    for (const auto& [kind, planted] : plant.kinds) {
        const bool is_repeat = kind.starts_with("duplicate");
        const auto found = run.kinds.find(kind);
        if ((!is_repeat || contender.finds_repeats) && (found == run.kinds.end() || found->second != planted)) {
            throw std::runtime_error(contender.name + " found " +
                                     std::to_string(found == run.kinds.end() ? 0 : found->second) + " of " + kind +
                                     ", planted were " + std::to_string(planted));
        }
    }
}

Run median(std::vector<Run> runs) {
    std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.milliseconds < b.milliseconds; });
    return runs[runs.size() / 2];
}

void compare(const Plant& plant, std::uint64_t lines, const Options& options, std::vector<Contender> contenders) {
    std::printf("%llu lines a side, %u threads, medians of %d alternating runs\n",
                static_cast<unsigned long long>(lines), options.threads, options.runs);
    for (int run = 0; run < options.runs; ++run) {
        for (Contender& contender : contenders) {
            contender.runs.push_back(contender.run(plant));
            check(plant, contender, contender.runs.back());
            std::fprintf(stderr, "  %d %s: %lld ms\n", run + 1, contender.name.c_str(),
                         static_cast<long long>(contender.runs.back().milliseconds));
        }
    }
    const Run first = median(contenders.front().runs);
    std::printf("  %-44s %10s %10s %10s %10s %10s %8s\n", "", "ms", "fastest", "slowest", "CPU ms", "peak MiB",
                "of ours");
    for (const Contender& contender : contenders) {
        const Run middle = median(contender.runs);
        const auto by_time = [](const Run& a, const Run& b) { return a.milliseconds < b.milliseconds; };
        const auto [fastest, slowest] = std::minmax_element(contender.runs.begin(), contender.runs.end(), by_time);
        const auto hundredths = middle.milliseconds * 100 / std::max<std::int64_t>(first.milliseconds, 1);
        std::printf("  %-44s %10lld %10lld %10lld %10lld %10lld %5lld.%02lld\n", contender.name.c_str(),
                    static_cast<long long>(middle.milliseconds), static_cast<long long>(fastest->milliseconds),
                    static_cast<long long>(slowest->milliseconds), static_cast<long long>(middle.cpu_milliseconds),
                    static_cast<long long>(middle.peak_kib / 1024), static_cast<long long>(hundredths / 100),
                    static_cast<long long>(hundredths % 100));
    }
    std::fflush(stdout);
}

std::vector<Contender> contenders_for(const Options& options) {
    std::vector<Contender> contenders;
    const auto add = [&](std::string name, bool finds_repeats, std::function<Run(const Plant&)> run) {
        contenders.push_back({std::move(name), finds_repeats, std::move(run), {}});
    };
    add("duizhang", true, [&](const Plant& plant) { return bench::run_duizhang(plant, options.threads, ""); });
    add("duizhang, 256 MiB", true,
        [&](const Plant& plant) { return bench::run_duizhang(plant, options.threads, "256M"); });
    if (!options.duckdb.empty()) {
        add("DuckDB, the same answer", true,
            [&](const Plant& plant) { return bench::run_duckdb(plant, options.duckdb, options.threads, "", true); });
        add("DuckDB, joined only: repeats are missed", false,
            [&](const Plant& plant) { return bench::run_duckdb(plant, options.duckdb, options.threads, "", false); });
    }
    if (options.sort_and_join) {
        add("GNU sort, join and awk: repeats are missed", false,
            [&](const Plant& plant) { return bench::run_sort_and_join(plant, options.folder, options.threads); });
    }
    if (options.postgresql) {
        add("PostgreSQL, COPY and full join", true, bench::run_postgresql);
    }
    return contenders;
}

// From the books in PostgreSQL and the channel's bill to the lists, with all that a run leaves behind.
void compare_with_books(const Plant& plant, std::uint64_t lines, const Options& options) {
    bench::BookedDay day(plant, std::filesystem::path(options.folder) / "day");
    std::printf("With the books in PostgreSQL: ");
    compare(day.plant(), lines, options,
            {{"duizhang reconcile", true, [&](const Plant&) { return day.reconcile(""); }, {}},
             {"duizhang reconcile, 256 MiB", true, [&](const Plant&) { return day.reconcile("256M"); }, {}},
             {"PostgreSQL, COPY of the bill and full join",
              true,
              [&](const Plant&) { return day.join_in_postgresql(); },
              {}},
             {"PostgreSQL, COPY of both and full join",
              true,
              [&](const Plant&) { return bench::run_postgresql(plant); },
              {}}});
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Compares two files of many lines, one in a thousand of which differs");
    Options options;
    app.add_option("--lines", options.lines, "Lines a side; several sizes one after the other");
    app.add_option("--threads", options.threads, "Of each contender");
    app.add_option("--runs", options.runs, "Alternating runs");
    app.add_option("--folder", options.folder, "Where the files are made, and kept for the next time");
    app.add_option("--duckdb", options.duckdb, "tests/bench/reconcile/peer, after npm install there");
    app.add_flag("--sort", options.sort_and_join, "GNU sort and join too");
    app.add_flag("--postgresql", options.postgresql, "A PostgreSQL of its own too");
    app.add_flag("--database", options.database, "A day's bill against the books in PostgreSQL, instead of two files");
    CLI11_PARSE(app, argc, argv);
    try {
        std::filesystem::create_directories(options.folder);
        for (const auto lines : options.lines) {
            const Plant plant = bench::plant(options.folder, lines);
            if (options.database) {
                compare_with_books(plant, lines, options);
            } else {
                compare(plant, lines, options, contenders_for(options));
            }
        }
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "bench: %s\n", failure.what());
        return 1;
    }
    return 0;
}

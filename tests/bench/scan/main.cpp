// How many card numbers the scanner finds, how many ids it takes for some, and how fast it is, beside others.
// `--help` tells the options; README.md beside tests/bench has the figures.
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

#include "audit/scan.h"
#include "corpus.h"
#include "tests/support/card_corpus.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    std::uint64_t megabytes = 1000;
    std::uint64_t ids = 1'000'000;
    int runs = 5;
    int core = 0;
    std::string folder = "/tmp/duizhang-bench";
    std::string ripgrep = "rg";
    std::string ccsrch;
    bool quality_only = false;
};

// The scanner's brands and lengths as one pattern, for a search that knows nothing else.
constexpr const char* kPattern =
    R"((?:4[0-9]{12}(?:[0-9]{3})?(?:[0-9]{3})?|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}|)"
    R"(3[47][0-9]{13}|3(?:0[0-5]|[689][0-9])[0-9]{11}|6011[0-9]{12}|65[0-9]{14}|35(?:2[89]|[3-8][0-9])[0-9]{12}|62[0-9]{12,17}))";

const audit::Redactor& redactor() {
    static const audit::Redactor passing{core::KeyBytes(std::string(32, 'b'))};
    return passing;
}

audit::ScanReport scan_file(const std::string& file) {
    return audit::PathScanner(redactor(), {}).scan({file}, [](std::uint64_t, std::uint64_t) {});
}

audit::ScanReport scan_bytes(const std::string& text) {
    audit::ScanReport report;
    const audit::ScanOptions options;
    audit::TextScanner scanner("ids", redactor(), options, report);
    scanner.take(text);
    scanner.finish();
    return report;
}

// Anything with the number's first six digits and not more of it shown.
bool is_found(const audit::ScanReport& report, const std::string& digits) {
    return std::any_of(report.findings.begin(), report.findings.end(),
                       [&](const audit::Finding& found) { return found.masked.starts_with(digits.substr(0, 6)); });
}

void measure_recall(const Options& options) {
    std::map<std::string, int> found;
    std::vector<std::string> ways;
    int all = 0;
    int cases = 0;
    for (const auto& one : test_support::card_corpus()) {
        const auto file = options.folder + "/case";
        std::ofstream(file, std::ios::binary) << one.text;
        const bool is = is_found(scan_file(file), one.card_digits);
        if (ways.empty() || ways.back() != one.encoding) {
            ways.push_back(one.encoding);
        }
        found[one.encoding] += is ? 1 : 0;
        all += is ? 1 : 0;
        ++cases;
        if (is != one.is_to_be_found) {
            std::printf("  %s, %s: %s\n", one.card.c_str(), one.encoding.c_str(), is ? "found" : "not found");
        }
    }
    std::printf("card numbers found, of %zu in each way of writing\n", test_support::corpus_cards().size());
    for (const auto& way : ways) {
        std::printf("  %-28s %3d\n", way.c_str(), found[way]);
    }
    std::printf("  %-28s %3d of %d\n\n", "all", all, cases);
}

void measure_alarms(const Options& options) {
    std::printf("ids taken for card numbers, of %llu\n  %-40s %10s %10s %10s\n",
                static_cast<unsigned long long>(options.ids), "", "alone", "at most", "in a field");
    for (const auto& family : test_support::id_families()) {
        std::mt19937_64 random(1);
        std::string lines;
        std::string records;
        for (std::uint64_t i = 0; i < options.ids; ++i) {
            const auto id = family.make(random);
            lines += id + "\n";
            records.append(R"({"amount":100,")").append(family.field).append("\":\"").append(id).append("\"}\n");
        }
        const auto alone = scan_bytes(lines);
        const auto in_field = scan_bytes(records);
        std::printf("  %-40s %10zu %10llu %10zu\n", family.name.c_str(),
                    alone.findings.size() + static_cast<std::size_t>(alone.findings_left_out),
                    static_cast<unsigned long long>(family.alarms_max * options.ids / 1'000'000),
                    in_field.findings.size() + static_cast<std::size_t>(in_field.findings_left_out));
    }
}

struct Run {
    std::int64_t milliseconds = 0;
    std::int64_t cpu_milliseconds = 0;
    std::int64_t peak_kib = 0;
    std::string output;  // the last line, and what lines there are
    std::uint64_t lines = 0;
};

// One core, its output to a file.
Run run(const std::vector<std::string>& words, const Options& options) {
    const std::string out = options.folder + "/out";
    std::fflush(stdout);
    const auto begun = Clock::now();
    const pid_t child = ::fork();
    if (child == 0) {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(static_cast<std::size_t>(options.core), &one);
        ::sched_setaffinity(0, sizeof(one), &one);
        if (std::freopen(out.c_str(), "w", stdout) == nullptr || std::freopen("/dev/null", "w", stderr) == nullptr) {
            ::_exit(126);
        }
        std::vector<char*> argv;
        for (const auto& word : words) {
            argv.push_back(const_cast<char*>(word.c_str()));
        }
        argv.push_back(nullptr);
        ::execvp(argv[0], argv.data());
        ::_exit(127);
    }
    int status = 0;
    rusage usage{};
    ::wait4(child, &status, 0, &usage);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun);
    if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) {
        throw std::runtime_error(words[0] + " failed");
    }
    std::ifstream in(out);
    const auto cpu = [](const timeval& time) { return time.tv_sec * 1000 + time.tv_usec / 1000; };
    Run result{took.count(), cpu(usage.ru_utime) + cpu(usage.ru_stime), usage.ru_maxrss, "", 0};
    for (std::string line; std::getline(in, line); ++result.lines) {
        result.output = line;
    }
    return result;
}

struct Contender {
    std::string name;
    std::vector<std::string> words;
    std::vector<Run> runs;
};

std::vector<Contender> contenders_for(const Options& options, const std::string& file) {
    // ASCII's borders of words: Unicode's take ripgrep thirty times as long.
    const std::string bordered = std::string("(?-u:\\b)") + kPattern + "(?-u:\\b)";
    const auto ripgrep = [&](const std::string& pattern) {
        return std::vector<std::string>{options.ripgrep, "-j1", "-a", "--count-matches", "-e", pattern, file};
    };
    std::vector<Contender> contenders = {
        {"duizhang audit scan", {DUIZHANG_BINARY_DIR "/duizhang", "--quiet", "audit", "scan", file}, {}},
        {"ripgrep, brands between borders", ripgrep(bordered), {}},
        {"ripgrep, brands anywhere", ripgrep(kPattern), {}}};
    if (!options.ccsrch.empty()) {
        contenders.push_back({"ccsrch", {options.ccsrch, "-T", file}, {}});
    }
    return contenders;
}

void print_row(const Contender& contender, std::uint64_t bytes) {
    auto runs = contender.runs;
    const auto by_cpu = [](const Run& a, const Run& b) { return a.cpu_milliseconds < b.cpu_milliseconds; };
    std::sort(runs.begin(), runs.end(), by_cpu);
    const Run& middle = runs[runs.size() / 2];
    const auto rate = bytes / 1000 / static_cast<std::uint64_t>(std::max<std::int64_t>(middle.cpu_milliseconds, 1));
    std::printf("  %-32s %8lld %8lld %8lld %8lld %10llu %10lld  %s\n", contender.name.c_str(),
                static_cast<long long>(middle.cpu_milliseconds), static_cast<long long>(runs.front().cpu_milliseconds),
                static_cast<long long>(runs.back().cpu_milliseconds), static_cast<long long>(middle.milliseconds),
                static_cast<unsigned long long>(rate), static_cast<long long>(middle.peak_kib / 1024),
                middle.output.c_str());
}

// By CPU time, which says the same beside other programs.
void measure_speed(const Options& options) {
    const auto corpus = bench::log_corpus(options.folder, options.megabytes);
    auto contenders = contenders_for(options, corpus.file);
    run({"cat", corpus.file}, options);  // into the cache
    for (int i = 0; i < options.runs; ++i) {
        for (auto& contender : contenders) {
            contender.runs.push_back(run(contender.words, options));
        }
    }
    std::printf("\n%llu MB of log with %llu cards, one core, medians of %d alternating runs\n",
                static_cast<unsigned long long>(corpus.bytes / 1'000'000),
                static_cast<unsigned long long>(corpus.cards), options.runs);
    std::printf("  %-32s %8s %8s %8s %8s %10s %10s  %s\n", "", "CPU ms", "least", "most", "ms", "MB/CPU s", "peak MiB",
                "says");
    for (const auto& contender : contenders) {
        print_row(contender, corpus.bytes);
    }
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("What the scanner finds, what it takes for card numbers by mistake, and how fast it is");
    Options options;
    app.add_option("--megabytes", options.megabytes, "Size of the log")->default_str("1000");
    app.add_option("--ids", options.ids, "Ids of each family")->default_str("1000000");
    app.add_option("--runs", options.runs, "Alternating runs of each program")->default_str("5");
    app.add_option("--core", options.core, "The core that all run on")->default_str("0");
    app.add_option("--folder", options.folder, "For the log")->default_str(options.folder);
    app.add_option("--ripgrep", options.ripgrep, "The program (Debian: ripgrep)")->default_str(options.ripgrep);
    app.add_option("--ccsrch", options.ccsrch, "The program; without it it isn't run");
    app.add_flag("--quality-only", options.quality_only, "No speed");
    CLI11_PARSE(app, argc, argv);
    std::filesystem::create_directories(options.folder);
    measure_recall(options);
    measure_alarms(options);
    if (!options.quality_only) {
        measure_speed(options);
    }
    return 0;
}

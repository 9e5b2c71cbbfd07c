// How many entries a second the books take, one by one and in bulk, beside others; and how long a balance takes.
// `--help` tells the options; README.md beside tests/bench has the figures.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/bench/ledger/posting.h"
#include "tests/bench/ledger/reads.h"

namespace {

struct Options {
    std::int64_t entries = 40'000;
    std::int64_t singles = 6'000;
    std::int64_t requests = 20'000;
    std::int64_t peer_entries = 3'000;
    std::int64_t accounts = 1'000;
    std::int64_t each = 1'000;
    int clients = 32;
    int writers = 2;
    int runs = 1;
    int seconds = 4;
    std::int64_t postings = 0;
    std::int64_t close = 0;
    std::string pgledger;
};

class Figures {
public:
    void add(const std::string& name, std::int64_t per_second) {
        if (!figures_.contains(name)) {
            order_.push_back(name);
        }
        figures_[name].push_back(per_second);
        std::printf("%-34s %8ld/s\n", name.c_str(), per_second);
        std::fflush(stdout);
    }
    void add(const std::string& name, const bench::ApiFigures& figures) {
        add(name, figures.per_second);
        std::printf("%-34s %8ld us at the median, %ld us the slowest of a hundred; the service has %ld MiB\n", "",
                    figures.median_us, figures.slow_us, figures.service_kib / 1024);
    }
    std::int64_t median(const std::string& name) const {
        const auto found = figures_.find(name);
        if (found == figures_.end()) {
            return 0;
        }
        auto sorted = found->second;
        std::sort(sorted.begin(), sorted.end());
        return sorted[sorted.size() / 2];
    }
    void print() const {
        std::printf("\n%-34s %10s %10s %10s\n", "a second", "median", "least", "most");
        for (const auto& name : order_) {
            const auto& all = figures_.at(name);
            std::printf("%-34s %10ld %10ld %10ld\n", name.c_str(), median(name),
                        *std::min_element(all.begin(), all.end()), *std::max_element(all.begin(), all.end()));
        }
    }
    void ratio(const std::string& name, const std::string& peer) const {
        if (median(name) > 0 && median(peer) > 0) {
            const auto hundredths = median(name) * 100 / median(peer);
            std::printf("%-34s %3ld.%02ld of %s\n", name.c_str(), hundredths / 100, hundredths % 100, peer.c_str());
        }
    }

private:
    std::vector<std::string> order_;
    std::map<std::string, std::vector<std::int64_t>> figures_;
};

void one_run(bench::Place& place, const Options& options, Figures& figures) {
    for (const bool hot : {false, true}) {
        const std::string where = hot ? ", hot" : ", uniform";
        bench::Work bulk{options.entries, options.accounts, 2, hot, options.writers, options.each};
        const auto posted = place.fresh(true);
        figures.add("bulk" + where, bench::post_entries(posted, bulk));
        figures.add("the same rows again" + where, bench::insert_same_rows(posted, bulk));
        figures.add("rows in bulk" + where, bench::insert_rows(place.fresh(false), bulk));
        bulk.legs = 5;
        const auto posted_five = place.fresh(true);
        figures.add("bulk, five legs" + where, bench::post_entries(posted_five, bulk));
        figures.add("the same rows again, five legs" + where, bench::insert_same_rows(posted_five, bulk));
        figures.add("rows in bulk, five legs" + where, bench::insert_rows(place.fresh(false), bulk));
        bench::Work single{options.singles, options.accounts, 2, hot, options.clients, 1};
        figures.add("single" + where, bench::post_entries(place.fresh(true), single));
        single.entries = options.requests;
        figures.add("through the API" + where, bench::post_through_api(single));
        if (!options.pgledger.empty()) {
            single.entries = options.peer_entries;
            figures.add("pgledger" + where, bench::transfer_by_pgledger(place.fresh(false), single, options.pgledger));
            bulk = {options.peer_entries, options.accounts, 2, hot, options.writers, 100};
            figures.add("pgledger in bulk" + where,
                        bench::transfer_by_pgledger(place.fresh(false), bulk, options.pgledger));
        }
        figures.add("pgbench" + where, bench::transfer_by_pgbench(place, place.fresh(false), single, options.seconds));
    }
}

void print_ratios(const Figures& figures) {
    std::printf("\n");
    for (const std::string where : {", uniform", ", hot"}) {
        figures.ratio("bulk" + where, "pgledger" + where);
        figures.ratio("bulk" + where, "pgledger in bulk" + where);
        figures.ratio("single" + where, "pgledger" + where);
        figures.ratio("through the API" + where, "pgledger" + where);
        figures.ratio("single" + where, "pgbench" + where);
        figures.ratio("bulk" + where, "rows in bulk" + where);
        figures.ratio("bulk" + where, "the same rows again" + where);
        figures.ratio("bulk, five legs" + where, "rows in bulk, five legs" + where);
        figures.ratio("bulk, five legs" + where, "the same rows again, five legs" + where);
    }
}

void read(bench::Place& place, const Options& options) {
    const bench::History history{options.postings, options.accounts};
    for (const auto& question : bench::ask(place.fresh(true), history, 101)) {
        std::printf("%-34s median %7ld us, of 101 the slowest %7ld us\n", question.name.c_str(),
                    question.us[question.us.size() / 2], question.us.back());
    }
}

}  // namespace

int main(int count, char** words) {
    CLI::App app{"entries a second"};
    Options options;
    app.add_option("--entries", options.entries, "posted in bulk in a run");
    app.add_option("--singles", options.singles, "posted one by one in a run");
    app.add_option("--requests", options.requests, "posted through the API in a run");
    app.add_option("--peer-entries", options.peer_entries, "transferred by pgledger in a run");
    app.add_option("--accounts", options.accounts);
    app.add_option("--batch", options.each, "entries a commit in bulk");
    app.add_option("--clients", options.clients, "connections that post one by one");
    app.add_option("--writers", options.writers, "connections that post in bulk");
    app.add_option("--runs", options.runs, "one after the other, with their medians at the end; 0: none");
    app.add_option("--seconds", options.seconds, "of pgbench in a run");
    app.add_option("--postings", options.postings, "on one account, and then how long balances take; 0: no reads");
    app.add_option("--close", options.close, "entries, and then how long it takes to verify and to close; 0: none");
    app.add_option("--pgledger", options.pgledger, "folder with pgledger's .sql files; without it no comparison");
    CLI11_PARSE(app, count, words);
    if (options.pgledger.empty()) {
        std::printf("pgledger: no --pgledger, not compared\n");
    }
    bench::Place place;
    Figures figures;
    for (int i = 0; i < options.runs; ++i) {
        one_run(place, options, figures);
    }
    if (options.runs > 0) {
        figures.print();
        print_ratios(figures);
    }
    if (options.postings > 0) {
        read(place, options);
    }
    if (options.close > 0) {
        const bench::Work work{options.close, options.accounts, 2, false, options.writers, options.each};
        for (const auto& look : bench::close_books(place.fresh(true), work)) {
            std::printf("%-34s %8ld ms\n", look.name.c_str(), look.milliseconds);
        }
    }
    return 0;
}

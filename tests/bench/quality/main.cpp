// How right reconciliation is: plants what is known, and prints precision and recall of each kind.
// README.md beside tests/bench has the figures.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "corpus.h"

int main(int argc, char** argv) try {
    CLI::App app("Precision and recall over a labelled corpus; exits with 1 when an exact kind is not 1.000");
    std::uint64_t first = 1;
    std::uint64_t seeds = 100;
    app.add_option("--first", first, "the first seed");
    app.add_option("--seeds", seeds, "how many seeds");
    CLI11_PARSE(app, argc, argv);

    bench::Score exact;
    bench::Score dialects;
    bench::Score search;
    for (auto seed = first; seed < first + seeds; ++seed) {
        bench::score_days(seed, exact, dialects);
        bench::score_files(seed, exact);
        bench::score_rules(seed, exact);
        for (const bench::SearchCorpus corpus : {bench::SearchCorpus{4, 1}, {8, 1}, {16, 1}, {4, 100}, {8, 100}}) {
            bench::score_search(seed, corpus, search);
        }
    }
    std::printf(
        "%llu seeds from %llu. Has to be exact:\n%s\nBy form of the statement, all kinds:\n%s\nSums without a number "
        "to go by:\n%s",
        static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(first), exact.table().c_str(),
        dialects.table().c_str(), search.table().c_str());
    if (!exact.exact()) {
        std::printf("\nFirst disagreement: %s\n", exact.first_disagreement().c_str());
        return 1;
    }
    return 0;
} catch (const std::exception& failure) {
    std::fprintf(stderr, "bench quality: %s\n", failure.what());
    return 4;
}

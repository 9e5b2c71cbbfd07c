// How many amounts without any order search_subsets() can prove within a budget, and how long it takes.
// README.md beside tests/bench has the figures.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <random>
#include <vector>

#include "reconciliation/matching/subset_search.h"

namespace {

using Kind = reconciliation::matching::SubsetAnswer::Kind;
using Amounts = std::vector<std::int64_t>;

const char* name_of(Kind kind) {
    switch (kind) {
        case Kind::found:
            return "found";
        case Kind::ambiguous:
            return "ambiguous";
        case Kind::proved_none:
            return "proved none";
        case Kind::budget_spent:
            return "budget spent";
    }
    return "";
}

void measure(const char* what, const Amounts& left, const Amounts& right, std::uint64_t budget) {
    const auto begun = std::chrono::steady_clock::now();
    const auto answer = reconciliation::matching::search_subsets({left, right, 0, budget});
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
    std::printf("%-28s %7zu amounts  %-12s %10llu sums %9.1f ms\n", what, left.size() + right.size(),
                name_of(answer.kind), static_cast<unsigned long long>(answer.sums_tried), took.count());
}

Amounts random_amounts(std::mt19937_64& random, std::size_t count, std::int64_t max) {
    Amounts amounts(count);
    for (auto& amount : amounts) {
        amount = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(max)) + 1;
    }
    return amounts;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("How many amounts can be proved");
    std::uint64_t budget = 1U << 24;
    app.add_option("--budget", budget, "partial sums, all told");
    CLI11_PARSE(app, argc, argv);
    std::mt19937_64 random(1);
    for (std::size_t count = 24; count <= 52; count += 4) {  // 100 bn: far more than there are subsets
        const auto parts = random_amounts(random, count - 1, std::int64_t{1} << 60U >> 6U);
        Amounts total(1, 0);
        for (std::size_t i = 0; i < parts.size(); i += 2) {
            total[0] += parts[i];
        }
        measure("one of random ones", total, parts, budget);
        measure("none of random ones", {total[0] + 1}, parts, budget);
        const auto half = static_cast<std::ptrdiff_t>(count / 2);
        measure("none, many to many", {parts.begin(), parts.begin() + half}, {parts.begin() + half, parts.end()},
                budget);
    }
    for (const std::size_t count : {100U, 1000U, 3000U}) {  // up to 500 yuan in fen, and in whole yuan
        measure("a hundred of up to 500.00", {2'500'001}, random_amounts(random, count, 50'000), budget);
        Amounts yuan = random_amounts(random, count, 500);
        for (auto& amount : yuan) {
            amount *= 100;
        }
        measure("none, whole yuan up to 500", {2'500'001}, yuan, budget);
    }
}

// The labelled corpus: what each seed plants, run through the product's own path and held against its labels.
#pragma once

#include <cstdint>

#include "score.h"

namespace bench {

// Days of the three channels, from signed callbacks and statements in their formats and forms, through PostgreSQL
// to review lists. Every statement is first delivered wrong in many ways: each has to be refused with its place, and
// the books must not have moved. `dialects` counts the lists' rows by the form of the statement.
void score_days(std::uint64_t seed, Score& score, Score& dialects);

// Two files through `diff`, with every kind that two files can show, and near misses.
void score_files(std::uint64_t seed, Score& score);

// Two files and rules by order number: tolerances, just outside them, groups, ambiguous groups, groups off by one.
void score_rules(std::uint64_t seed, Score& score);

// Rows a side that belong to nothing, and what all amounts are multiples of, in minor units: with 100, whole yuan.
struct SearchCorpus {
    std::uint64_t noise;
    std::int64_t unit;
};

// Two files and a rule that searches sums without any number to go by. What fits in two ways it must leave alone, so
// its recall falls as chance sums become likely; sums that are right by chance alone count against its precision.
void score_search(std::uint64_t seed, const SearchCorpus& corpus, Score& score);

}  // namespace bench

// The same question, asked of others: programs that compare the same two files, each as a process of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plant.h"

namespace bench {

struct Run {
    std::int64_t milliseconds = 0;
    std::int64_t cpu_milliseconds = 0;
    std::int64_t peak_kib = 0;
    std::map<std::string, std::uint64_t> kinds;  // what it found
};

// Runs a program and waits; its standard output goes to `answer`. Throws when it can't be run or fails otherwise than
// with the status that says "there are differences".
Run run_program(const std::vector<std::string>& command, std::string& answer, bool differences_fail = false);

// `memory`: "256M", empty for the program's own choice.
Run run_duizhang(const Plant& plant, unsigned threads, const std::string& memory);

// DuckDB from npm, as node finds it in `folder`/node_modules. `closely`: repeats are found too, by grouping both sides
// first, as duizhang finds them; without it the files are only joined, and what stands twice is missed.
Run run_duckdb(const Plant& plant, const std::filesystem::path& folder, unsigned threads, const std::string& memory,
               bool closely);

// GNU sort and join. Tells only which names are on one side, and which lines differ.
Run run_sort_and_join(const Plant& plant, const std::filesystem::path& folder, unsigned threads);

// COPY into two unlogged tables of a PostgreSQL of its own, full join, the same classification.
Run run_postgresql(const Plant& plant);

}  // namespace bench

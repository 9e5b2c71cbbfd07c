// What was sent on which path, which places were searched, and what was found there.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/time.h"
#include "server/canaries/canary_set.h"

namespace server {

struct CanaryPath {
    std::string name;       // "callbacks/stripe", "order import" ...
    std::size_t sent = 0;   // messages, rows, requests
    std::size_t taken = 0;  // accepted; the rest was refused, which is a path too
};

struct CanaryLeak {
    std::size_t canary;  // its place in the set
    std::string way;
    std::string file;
    std::uint64_t at;
};

struct CanaryPlace {
    std::string name;  // "database dump", "write-ahead log" ...
    std::size_t files = 0;
    std::uint64_t bytes = 0;
    std::vector<CanaryLeak> leaks;
};

struct CanaryReport {
    std::uint64_t seed = 0;
    core::Instant started_at;
    core::Instant finished_at;
    std::vector<CanaryPath> paths;
    std::vector<CanaryPlace> places;
    std::size_t control_planted = 0;  // in a file of the search's own, in every way
    std::size_t control_found = 0;

    std::size_t leaks() const;
    // Nothing was found, each place had something in it to search, and the search found what was planted for it.
    bool is_clean() const;
};

// One JSON document; it never says a canary.
std::string canary_json(const CanaryReport& report, const CanarySet& canaries);
std::string canary_text(const CanaryReport& report, const CanarySet& canaries);

}  // namespace server

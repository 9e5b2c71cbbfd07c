// One run each: a fresh PostgreSQL, a fresh world, a service in front of it, and the load.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "tests/bench/callbacks/bulk.h"
#include "tests/bench/callbacks/world.h"
#include "tests/bench/http/load.h"

namespace bench {

struct RunOptions {
    WorldOptions world;
    std::size_t connections = 64;
    std::int64_t per_second = 0;
    bool bulk = false;           // the limit, in the same database afterwards
    std::filesystem::path peer;  // empty: duizhang; else the folder of the service to compare with
    std::string framework;       // of the peer: "express" or "fastify"
    std::size_t peer_workers = 2;
};

struct RunResult {
    LoadResult load;
    std::int64_t service_cpu_us = 0;      // of each callback
    std::int64_t database_cpu_us = 0;     // likewise
    std::int64_t resident_early_kib = 0;  // of the service, two seconds after the load began
    std::int64_t resident_kib = 0;        // at its end
    std::int64_t booked = 0;              // movements with an entry
    BulkResult limit;
};

// Throws std::runtime_error when the service doesn't come up.
RunResult run(const RunOptions& options);

}  // namespace bench

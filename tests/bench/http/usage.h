// What processes have taken, as the kernel counts it.
#pragma once

#include <cstdint>
#include <filesystem>

namespace bench {

// User and system time of the processes, in microseconds, and the memory that they have now, of them all.
struct Usage {
    std::int64_t cpu_us = 0;
    std::int64_t resident_kib = 0;
};

// Of the server processes of the cluster in this folder.
Usage database_usage(const std::filesystem::path& data);
// Of whatever works in the folder and isn't PostgreSQL.
Usage service_usage(const std::filesystem::path& place);

}  // namespace bench

// The load: requests over keep-alive connections, each sending its next one when it has the answer to the last.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

struct LoadOptions {
    std::uint16_t port = 0;
    std::size_t connections = 64;
    std::int64_t per_second = 0;  // 0: as fast as it goes; else so many are begun a second, at even distances
};

struct LoadResult {
    std::size_t accepted = 0;  // 2xx
    std::size_t refused = 0;
    std::string first_refusal;
    std::chrono::nanoseconds time{0};
    std::vector<std::uint32_t> microseconds;  // sorted; of each answer. With a rate: from when it was due

    std::int64_t per_second() const {
        return time.count() == 0 ? 0 : static_cast<std::int64_t>(accepted) * 1'000'000'000 / time.count();
    }
    // `thousandths` of 1000.
    std::uint32_t percentile(std::size_t thousandths) const {
        return microseconds.empty() ? 0 : microseconds[(microseconds.size() - 1) * thousandths / 1000];
    }
};

// Throws std::runtime_error when a connection ends before its answer.
LoadResult send_all(const std::vector<std::string>& requests, const LoadOptions& options);

}  // namespace bench

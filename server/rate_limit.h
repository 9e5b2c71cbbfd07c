// Token buckets per tenant and channel: a burst, then a steady rate; idle buckets are forgotten.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace server {

class RateLimiter {
public:
    using Time = std::chrono::steady_clock::time_point;

    RateLimiter(std::int64_t per_second, std::int64_t burst) : per_second_(per_second), burst_(burst) {}

    // Takes one token; false when there is none.
    bool admit(const std::string& key, Time now);
    // Whole seconds until there is a token again, at least 1.
    std::int64_t retry_after_seconds() const { return 1; }

private:
    struct Bucket {
        std::int64_t tokens_micro;  // millionths of a token
        Time at;
    };

    std::int64_t per_second_;
    std::int64_t burst_;
    std::mutex mutex_;
    std::map<std::string, Bucket> buckets_;
};

}  // namespace server

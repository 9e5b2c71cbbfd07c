// RateLimiter: token buckets, one a name (a tenant's channel): a burst at once, then a steady rate.
//
//   R1  Within any t seconds a name is admitted at most burst + per_second * t times.
//   R2  A name that is refused and waits as long as it was told finds a token, unless somebody else took it.
//   R3  A bucket that has filled up again is forgotten, which changes no answer: a new one is full too. So no more are
//       remembered than were used within the time in which a bucket fills.
//
// Safe to share between threads; names far apart rarely wait for each other. A name is remembered for having been
// asked about, so ask about known ones only.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "config/settings.h"

namespace server {

class RateLimiter {
public:
    using Time = std::chrono::steady_clock::time_point;

    // Takes one token. Nothing when there was one; else how long until there is. The rate may be another each time (a
    // reload): what a bucket holds is cut to the new burst.
    std::optional<std::chrono::microseconds> refused_for(const std::string& name, const config::RequestRate& rate,
                                                         Time now);

    // How many buckets are remembered.
    std::size_t remembered() const;

private:
    struct Bucket {
        std::int64_t tokens_micro;  // millionths of a token, so that a microsecond brings a whole number of them
        Time at;
        config::RequestRate rate;
    };
    using Named = std::pair<const std::string, Bucket>;

    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<std::string, Bucket> buckets;
        std::deque<const Named*> to_look_at;  // each bucket once
    };

    static void fill(Bucket& bucket, Time now);
    static void forget_some(Shard& shard, Time now);

    static constexpr std::size_t kShards = 16;
    std::array<Shard, kShards> shards_;
};

// What `Retry-After` says: whole seconds, rounded up.
std::int64_t retry_after_seconds(std::chrono::microseconds wait);

}  // namespace server

#include "server/rate_limit.h"

#include <algorithm>
#include <functional>

namespace server {
namespace {

constexpr std::int64_t kMicro = 1'000'000;
// Looked at with each request: two, so that they are forgotten faster than new ones can come.
constexpr int kLookedAt = 2;

}  // namespace

void RateLimiter::fill(Bucket& bucket, Time now) {
    const std::int64_t full = bucket.rate.burst * kMicro;
    const std::int64_t until_full = (full - bucket.tokens_micro + bucket.rate.per_second - 1) / bucket.rate.per_second;
    const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(now - bucket.at).count();
    if (elapsed >= until_full) {
        bucket.tokens_micro = full;
        bucket.at = std::max(bucket.at, now);
    } else if (elapsed > 0) {
        bucket.tokens_micro += elapsed * bucket.rate.per_second;
        // Not to `now`: a flood would lose the rest of a microsecond each time.
        bucket.at += std::chrono::microseconds(elapsed);
    }
}

void RateLimiter::forget_some(Shard& shard, Time now) {
    for (int i = 0; i < kLookedAt && !shard.to_look_at.empty(); ++i) {
        const Named* named = shard.to_look_at.front();
        shard.to_look_at.pop_front();
        Bucket bucket = named->second;
        fill(bucket, now);
        if (bucket.tokens_micro == bucket.rate.burst * kMicro) {
            shard.buckets.erase(shard.buckets.find(named->first));
        } else {
            shard.to_look_at.push_back(named);
        }
    }
}

std::optional<std::chrono::microseconds> RateLimiter::refused_for(const std::string& name,
                                                                  const config::RequestRate& rate, Time now) {
    auto& shard = shards_[std::hash<std::string>()(name) % kShards];
    const std::lock_guard lock(shard.mutex);
    forget_some(shard, now);
    const auto [found, is_new] = shard.buckets.try_emplace(name, Bucket{rate.burst * kMicro, now, rate});
    if (is_new) {
        shard.to_look_at.push_back(&*found);
    }
    Bucket& bucket = found->second;
    fill(bucket, now);
    bucket.rate = rate;
    bucket.tokens_micro = std::min(bucket.tokens_micro, rate.burst * kMicro);
    if (bucket.tokens_micro < kMicro) {
        const std::int64_t missing = kMicro - bucket.tokens_micro;
        return std::chrono::microseconds((missing + rate.per_second - 1) / rate.per_second);
    }
    bucket.tokens_micro -= kMicro;
    return std::nullopt;
}

std::size_t RateLimiter::remembered() const {
    std::size_t all = 0;
    for (const auto& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        all += shard.buckets.size();
    }
    return all;
}

std::int64_t retry_after_seconds(std::chrono::microseconds wait) {
    return std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(wait).count());
}

}  // namespace server

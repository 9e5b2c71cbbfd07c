#include "server/rate_limit.h"

#include <algorithm>

namespace server {
namespace {

constexpr std::int64_t kMicro = 1'000'000;
constexpr std::size_t kBucketsMax = 10'000;
constexpr auto kIdle = std::chrono::minutes(10);

}  // namespace

bool RateLimiter::admit(const std::string& key, Time now) {
    const std::lock_guard lock(mutex_);
    if (buckets_.size() > kBucketsMax) {
        std::erase_if(buckets_, [&](const auto& item) { return now - item.second.at > kIdle; });
    }
    auto& bucket = buckets_.try_emplace(key, Bucket{burst_ * kMicro, now}).first->second;
    const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(now - bucket.at).count();
    const std::int64_t longest = burst_ * kMicro / per_second_ + 1;  // by then the bucket is full
    bucket.tokens_micro =
        std::min(burst_ * kMicro, bucket.tokens_micro + std::clamp<std::int64_t>(elapsed, 0, longest) * per_second_);
    bucket.at = now;
    if (bucket.tokens_micro < kMicro) {
        return false;
    }
    bucket.tokens_micro -= kMicro;
    return true;
}

}  // namespace server

// Metrics in Prometheus text: few names, base units, no tenant or order as a label.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace server {

class Metrics {
public:
    // `labels` as written between braces, `channel="stripe",result="booked"`, in a fixed order of the caller's.
    void count(const std::string& name, const std::string& labels = {});
    // A gauge, which is as it was set last.
    void set(const std::string& name, std::int64_t value, const std::string& labels = {});
    std::string text() const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::map<std::string, std::uint64_t>> counters_;
    std::map<std::string, std::map<std::string, std::int64_t>> gauges_;
};

}  // namespace server

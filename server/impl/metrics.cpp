#include "server/metrics.h"

#include "server/version.h"

namespace server {

void Metrics::count(const std::string& name, const std::string& labels) {
    const std::lock_guard lock(mutex_);
    ++counters_[name][labels];
}

void Metrics::set(const std::string& name, std::int64_t value, const std::string& labels) {
    const std::lock_guard lock(mutex_);
    gauges_[name][labels] = value;
}

namespace {

template <typename Value>
void add(std::string& out, const char* type, const std::map<std::string, std::map<std::string, Value>>& metrics) {
    for (const auto& [name, series] : metrics) {
        out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
        for (const auto& [labels, value] : series) {
            out.append(name).append(labels.empty() ? "" : "{" + labels + "}").append(" ");
            out.append(std::to_string(value)).append("\n");
        }
    }
}

}  // namespace

std::string Metrics::text() const {
    const std::lock_guard lock(mutex_);
    std::string out =
        "# TYPE duizhang_build_info gauge\nduizhang_build_info{version=\"" + std::string(kVersion) + "\"} 1\n";
    add(out, "counter", counters_);
    add(out, "gauge", gauges_);
    return out;
}

}  // namespace server

#include "server/metrics.h"

#include "server/version.h"

namespace server {

void Metrics::count(const std::string& name, const std::string& labels) {
    const std::lock_guard lock(mutex_);
    ++counters_[name][labels];
}

void Metrics::set(const std::string& name, std::int64_t value) {
    const std::lock_guard lock(mutex_);
    gauges_[name] = value;
}

std::string Metrics::text() const {
    const std::lock_guard lock(mutex_);
    std::string out =
        "# TYPE duizhang_build_info gauge\nduizhang_build_info{version=\"" + std::string(kVersion) + "\"} 1\n";
    for (const auto& [name, series] : counters_) {
        out += "# TYPE " + name + " counter\n";
        for (const auto& [labels, value] : series) {
            out.append(name).append(labels.empty() ? "" : "{" + labels + "}").append(" ");
            out.append(std::to_string(value)).append("\n");
        }
    }
    for (const auto& [name, value] : gauges_) {
        out.append("# TYPE ").append(name).append(" gauge\n");
        out.append(name).append(" ").append(std::to_string(value)).append("\n");
    }
    return out;
}

}  // namespace server

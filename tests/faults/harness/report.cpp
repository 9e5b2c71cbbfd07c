#include "tests/faults/harness/report.h"

#include <algorithm>
#include <cstdio>

#include "core/json/writer.h"

namespace faults {

bool Options::has(const std::string& flag) const { return std::find(flags.begin(), flags.end(), flag) != flags.end(); }

void Report::figure(const std::string& name, std::int64_t value) {
    figures_.push_back({name, std::to_string(value), true});
}

void Report::figure(const std::string& name, const std::string& value) { figures_.push_back({name, value, false}); }

void Report::require(bool holds, const std::string& promise) {
    if (!holds) {
        broken_.push_back(promise);
        say("BROKEN: " + promise);
    }
}

void Report::say(const std::string& text) const {
    std::fprintf(stderr, "%s: %s\n", options_.name.c_str(), text.c_str());
    std::fflush(stderr);
}

void Report::print_json() const {
    core::json::Writer json;
    json.begin_object().member("program", options_.name).member("passed", holds());
    for (const auto& figure : figures_) {
        if (figure.is_number) {
            json.member(figure.name, static_cast<std::int64_t>(std::stoll(figure.value)));
        } else {
            json.member(figure.name, figure.value);
        }
    }
    json.key("broken").begin_array();
    for (const auto& promise : broken_) {
        json.value(promise);
    }
    std::printf("%s\n", json.end_array().end_object().text().c_str());
}

void Report::print() const {
    if (options_.json) {
        print_json();
        return;
    }
    for (const auto& figure : figures_) {
        std::printf("  %-36s %s\n", figure.name.c_str(), figure.value.c_str());
    }
    for (const auto& promise : broken_) {
        std::printf("  BROKEN: %s\n", promise.c_str());
    }
    std::printf("%s: %s\n", options_.name.c_str(), holds() ? "passed" : "FAILED");
}

std::int64_t percentile(std::vector<std::int64_t> values, int p) {
    if (values.empty()) {
        return 0;
    }
    std::sort(values.begin(), values.end());
    const auto rank = (values.size() * static_cast<std::size_t>(p) + 99) / 100;
    return values[std::clamp<std::size_t>(rank, 1, values.size()) - 1];
}

}  // namespace faults

// What was found, in the order found.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace verifier {

struct Finding {
    std::string tenant;  // empty: of the database
    std::string record;  // "entry 17", "seal 3", "account bank:main in CNY"
    std::string what;
};

// Counts all, and keeps the first thousand.
class Findings {
public:
    void add(std::string tenant, std::string record, std::string what) {
        ++count_;
        if (kept_.size() < 1000) {
            kept_.push_back({std::move(tenant), std::move(record), std::move(what)});
        }
    }
    std::size_t count() const { return count_; }
    const std::vector<Finding>& kept() const { return kept_; }

private:
    std::size_t count_ = 0;
    std::vector<Finding> kept_;
};

}  // namespace verifier

// What a fault program was asked for and what it found: figures, broken promises, exit status.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace faults {

struct Options {
    std::string name;  // of the program
    int rounds = 1;
    std::uint64_t seed = 1;
    bool json = false;
    std::vector<std::string> flags;  // further ones, without their dashes

    bool has(const std::string& flag) const;
};

// It can't be done on this machine: no FUSE, no right to mount. Exit status 77, and never "passed".
class NotHere : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};
inline constexpr int kNotRun = 77;

class Report {
public:
    explicit Report(const Options& options) : options_(options) {}

    void figure(const std::string& name, std::int64_t value);
    void figure(const std::string& name, const std::string& value);
    // A promise: what doesn't hold is said at once and makes the program fail.
    void require(bool holds, const std::string& promise);
    // On stderr, as it goes along.
    void say(const std::string& text) const;
    bool holds() const noexcept { return broken_.empty(); }
    void print() const;

private:
    struct Figure {
        std::string name;
        std::string value;
        bool is_number;
    };
    void print_json() const;

    Options options_;
    std::vector<Figure> figures_;
    std::vector<std::string> broken_;
};

// The p-th percentile, nearest rank; 0 of nothing.
std::int64_t percentile(std::vector<std::int64_t> values, int p);

}  // namespace faults

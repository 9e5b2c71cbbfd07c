// What every fuzzer needs: to take an input apart, and to hold the code to what its header promises.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace fuzz {

// What holds for any input. A broken promise ends the run like a crash, and leaves its input behind.
inline void promise(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "==broken promise== %s\n", what);
        std::abort();
    }
}

// An input: characters that choose a variant, then the text. "2abc" with four variants is "abc" in the third.
class Input {
public:
    Input(const unsigned char* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

    // From 0 to `variants` - 1; 0 when there is nothing left. '0' is 0, so that inputs can be written by hand.
    unsigned choice(unsigned variants) {
        if (rest_.empty()) {
            return 0;
        }
        const auto byte = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        return static_cast<unsigned char>(byte - '0') % variants;
    }

    // Up to the separator, which is passed over; all of it where there is none.
    std::string_view part(std::string_view separator) {
        const auto at = rest_.find(separator);
        const auto part = rest_.substr(0, at);
        rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + separator.size());
        return part;
    }
    std::string_view line() { return part("\n"); }

    bool has(char first) const { return rest_.starts_with(first); }
    bool empty() const { return rest_.empty(); }
    std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
};

}  // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size);

// How far long reading is, on standard error: share, rate and time left.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace server {

class ByteProgress {
public:
    // Nothing is written when `quiet`; on a terminal one line that is written over, elsewhere one every ten seconds.
    ByteProgress(std::string name, bool quiet);
    ~ByteProgress();
    ByteProgress(const ByteProgress&) = delete;
    ByteProgress& operator=(const ByteProgress&) = delete;

    // From one thread at a time.
    void tell(std::uint64_t done, std::uint64_t all);

    // "reading: 42 % of 2.1 GB, 640 MB/s, 2 s left". Decimal units.
    static std::string line(const std::string& name, std::uint64_t done, std::uint64_t all,
                            std::chrono::milliseconds since_begin);

private:
    std::string name_;
    bool is_terminal_;
    bool quiet_;
    bool wrote_ = false;
    std::chrono::steady_clock::time_point begun_;
    std::chrono::steady_clock::time_point next_;
};

}  // namespace server

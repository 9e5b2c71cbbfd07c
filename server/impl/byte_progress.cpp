#include "server/impl/byte_progress.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>

namespace server {

namespace {

constexpr std::chrono::milliseconds kOnTerminal{200};
constexpr std::chrono::seconds kElsewhere{10};

// Three figures: "640 MB", "2.1 GB".
std::string size_text(std::uint64_t bytes) {
    constexpr std::array<const char*, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    std::uint64_t tenths = bytes * 10;
    while (tenths >= 10'000 && unit + 1 < kUnits.size()) {
        tenths /= 1000;
        ++unit;
    }
    std::string text = std::to_string(tenths / 10);
    if (unit > 0 && tenths < 100) {
        text += "." + std::to_string(tenths % 10);
    }
    return text + " " + kUnits[unit];
}

}  // namespace

ByteProgress::ByteProgress(std::string name, bool quiet)
    : name_(std::move(name)),
      is_terminal_(::isatty(STDERR_FILENO) == 1),
      quiet_(quiet),
      begun_(std::chrono::steady_clock::now()),
      next_(begun_ + (is_terminal_ ? std::chrono::milliseconds(kOnTerminal) : std::chrono::milliseconds(kElsewhere))) {}

ByteProgress::~ByteProgress() {
    if (wrote_ && is_terminal_) {
        std::cerr << "\r\x1b[K" << std::flush;
    }
}

void ByteProgress::tell(std::uint64_t done, std::uint64_t all) {
    const auto now = std::chrono::steady_clock::now();
    if (quiet_ || now < next_) {
        return;
    }
    next_ = now + (is_terminal_ ? std::chrono::milliseconds(kOnTerminal) : std::chrono::milliseconds(kElsewhere));
    wrote_ = true;
    const auto text = line(name_, done, all, std::chrono::duration_cast<std::chrono::milliseconds>(now - begun_));
    std::cerr << (is_terminal_ ? "\r" + text + "\x1b[K" : text + "\n") << std::flush;
}

std::string ByteProgress::line(const std::string& name, std::uint64_t done, std::uint64_t all,
                               std::chrono::milliseconds since_begin) {
    const auto passed = static_cast<std::uint64_t>(std::max<std::int64_t>(since_begin.count(), 1));
    const std::uint64_t a_second = done * 1000 / passed;
    std::string text = name + ": " + std::to_string(all == 0 ? 100 : done * 100 / all) + " % of " + size_text(all) +
                       ", " + size_text(a_second) + "/s";
    if (a_second > 0 && done < all) {
        text += ", " + std::to_string((all - done + a_second - 1) / a_second) + " s left";
    }
    return text;
}

}  // namespace server

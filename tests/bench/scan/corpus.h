// A large log of many systems, with some cards in it.
#pragma once

#include <cstdint>
#include <string>

namespace bench {

struct LogCorpus {
    std::string file;
    std::uint64_t bytes = 0;
    std::uint64_t cards = 0;  // planted
};

// Made once a size; the same size is the same log.
LogCorpus log_corpus(const std::string& folder, std::uint64_t megabytes);

}  // namespace bench

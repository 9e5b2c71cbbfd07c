// Two files of many lines that differ in a known way.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace bench {

struct Plant {
    std::filesystem::path left;
    std::filesystem::path right;
    std::uint64_t left_lines = 0;
    std::uint64_t right_lines = 0;
    std::map<std::string, std::uint64_t> kinds;  // what has to be found
};

// About `lines` on either side, the right one in another order; one in a thousand differs, by seven kinds in turn.
// Files of the same arguments that are there already are taken as they are.
Plant plant(const std::filesystem::path& folder, std::uint64_t lines);

}  // namespace bench

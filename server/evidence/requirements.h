// What an assessor asks for, requirement by requirement (PCI DSS v4.0.1), and which runs answer it. Data alone: no row
// says how it ends.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace server {

struct Requirement {
    std::string_view number;
    std::string_view zh;
    std::string_view en;
    std::vector<std::string_view> runs;  // all that have a bearing on it; empty: outside this software
    std::string_view beyond_zh;          // what of it this software doesn't cover
    std::string_view beyond_en;
};

std::span<const Requirement> requirements();

}  // namespace server

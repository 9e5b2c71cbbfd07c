// Reading one [[tenant.split]].
#pragma once

#include <optional>

#include "config/section.h"
#include "config/split.h"

namespace config {

// Nothing after a complaint.
std::optional<SplitPolicy> read_split(Section& section);

}  // namespace config

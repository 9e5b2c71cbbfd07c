// Reading one [[tenant]].
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"

namespace config {

// Nothing after a complaint about the tenant's id; other complaints leave what could be read.
std::optional<TenantSettings> read_tenant(Section section, const std::vector<std::string>& known_channels);

}  // namespace config

// Reading one [[tenant]].
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace config {

// After complaints what could be read is left, under whatever id was written, so that its channels still read their
// keys. What holds for every tenant is `service`'s.
TenantSettings read_tenant(Section section, const std::vector<std::string>& known_channels,
                           const ServiceSettings& service);

}  // namespace config

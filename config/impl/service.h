// Reading [service] and [service.limits].
#pragma once

#include "config/settings.h"

namespace config {

void read_service(Section section, ServiceSettings& service);

// NAME_per_second and NAME_burst, in [service] and in a [[tenant]].
RequestRate read_rate(Section& section, const std::string& name, const RequestRate& otherwise);

}  // namespace config

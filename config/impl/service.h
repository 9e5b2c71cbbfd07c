// Reading [service] and [service.limits].
#pragma once

#include "config/settings.h"

namespace config {

void read_service(Section section, ServiceSettings& service);

}  // namespace config

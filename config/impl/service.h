// Reading [service] and [service.limits].
#pragma once

#include "config/settings.h"

namespace config {

void read_service(Section section, ServiceSettings& service);

// callbacks_per_second and callbacks_burst, in [service] and in a [[tenant]].
CallbackRate read_callback_rate(Section& section, const CallbackRate& otherwise);

}  // namespace config

// Publishing the trail's signed heads where whoever can change the database can't.
#pragma once

#include <cstddef>

#include "core/time.h"
#include "server/application.h"

namespace server {

// Makes the head of each tenant's trail that something was added to, and of the installation's own; publishes what
// isn't published yet, by every way that is configured. Returns how many heads were. What can't be published by one way
// is tried again the next time, by all; throws OutsideFailure, naming the way, once the others have had their turn.
std::size_t publish_heads(Application& application, const Tenants& tenants, core::Instant now);

}  // namespace server

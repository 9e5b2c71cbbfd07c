// Reading [audit].
#pragma once

#include "config/settings.h"

namespace config {

void read_audit(Section section, AuditSettings& audit);

}  // namespace config

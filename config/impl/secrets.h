// [secrets]: the master key, wherever it comes from.
#pragma once

#include "config/settings.h"

namespace config {

// After [service], which says what the key has to be of.
void read_secrets(Section section, Settings& settings);

}  // namespace config

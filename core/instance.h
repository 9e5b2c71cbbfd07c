#pragma once

#include "core/ids.h"

namespace core {

// Under which what belongs to no tenant alone is kept, as if it were one: no tenant can be called so.
inline const TenantId kInstance{"_instance"};

}  // namespace core

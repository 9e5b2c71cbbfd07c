// Movements that got another business day after runs looked at them.
#pragma once

#include <string_view>

#include "core/db/database.h"

namespace reconciliation {

// Whether the channel has any that runs haven't been told of.
bool any_moved(core::db::TenantTransaction& transaction, std::string_view channel);

// What runs used and opened goes by the movement's day of now; days whose runs did are to be run again. To be called
// with the channel locked, and to be committed before a run of the channel reads its day.
void follow_moved(core::db::TenantTransaction& transaction, std::string_view channel);

}  // namespace reconciliation

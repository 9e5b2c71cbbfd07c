// Due dates: until when what a group of entries asks for is to be paid. Set once, with the group's first entry; a group
// without one is due on that entry's business day.
#pragma once

#include <map>

#include "core/db/database.h"
#include "core/time.h"
#include "ledger/books.h"

namespace ledger {

// A group that has a due date keeps it.
void set_due_dates(core::db::Transaction& transaction, const std::map<GroupKey, core::BusinessDay>& dates);

}  // namespace ledger

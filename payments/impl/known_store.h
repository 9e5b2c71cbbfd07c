// Reading and writing what a batch of messages concerns: a handful of statements, however many messages there are.
#pragma once

#include <vector>

#include "core/db/database.h"
#include "payments/impl/known.h"

namespace payments {

// Locks the groups of all that the movements and orders belong to, until the transaction ends, and reads them.
struct Told {
    MovementKey key;
    const Transaction* movement;
};
Known lock_and_read(core::db::Transaction& transaction, const std::vector<Told>& told,
                    const std::vector<OrderKey>& orders);

// Writes entries first, then movements with the numbers of their entries.
void write(core::db::Transaction& transaction, const Known& known);

}  // namespace payments

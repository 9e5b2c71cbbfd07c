// Reading and writing what a batch of messages concerns: a handful of statements, however many messages there are.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/db/trip.h"
#include "ledger/batch.h"
#include "payments/impl/known.h"

namespace payments {

// Locks the groups of all that the movements and orders belong to, until the transaction ends, and reads them.
struct Told {
    MovementKey key;
    const Transaction* movement;
};
struct Ground {
    Known known;
    std::vector<std::int64_t> entry_numbers;  // as many as there are movements and orders
};
Ground lock_and_read(core::db::Transaction& transaction, const std::vector<Told>& told,
                     const std::vector<OrderKey>& orders);

// Writes entries first, then movements with the numbers of their entries: on the trip, with what else is on it.
class Writing {
public:
    // `numbers` are for new entries. Where there are too few of them, more are asked for first.
    Writing(core::db::Transaction& transaction, core::db::Trip& trip, const Known& known,
            std::vector<std::int64_t> numbers, ledger::AccountsToOpen& accounts);
    // After the trip. Throws BrokenRule when an entry stood there already.
    void require_done(const core::db::Trip& trip) const;

private:
    std::optional<ledger::NewEntries> entries_;
};

}  // namespace payments

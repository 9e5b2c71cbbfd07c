// Intake: verified messages become rows and entries, once, whatever the repetition and order.
#pragma once

#include <string>
#include <vector>

#include "core/db/database.h"
#include "ledger/batch.h"
#include "payments/channel.h"

namespace payments {

// One message of a tenant's channel, with the request that brought it. Refers to both: they outlive it.
struct Heard {
    core::TenantId tenant;
    std::string channel;
    const CallbackMessage* message;
    const CallbackRequest* request;
};

// `booked` when money was posted for it, `recorded` when the message is new but moves nothing that isn't in the books,
// `repeated` when the very same message was there before and added nothing.
enum class IntakeOutcome { booked, recorded, repeated };

// Takes the messages in inside the caller's transaction, which is for their tenants: their inbox rows, their
// movements, their entries. One element for each message, in their order.
std::vector<IntakeOutcome> take_in(core::db::Transaction& transaction, const std::vector<Heard>& heard);
// The same by one who remembers which accounts stand.
std::vector<IntakeOutcome> take_in(core::db::Transaction& transaction, const std::vector<Heard>& heard,
                                   ledger::AccountsToOpen& accounts);

}  // namespace payments

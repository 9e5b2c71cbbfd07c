// Intake: a verified message becomes rows and entries, once, whatever the repetition and order.
#pragma once

#include <string>

#include "core/db/database.h"
#include "payments/channel.h"

namespace payments {

enum class IntakeOutcome { booked, recorded, repeated };

// Takes the message in inside the caller's transaction: its inbox row, its movements, their entries. `booked` when
// money was posted by this call, `recorded` when the message is new but moves nothing that isn't in the books,
// `repeated` when the very same message was there before and added nothing.
IntakeOutcome take_in(core::db::TenantTransaction& transaction, std::string_view channel,
                      const CallbackMessage& message, const CallbackRequest& request);

// The same in a transaction of its own, with what a busy database does handled: deadlocks are tried again, a commit
// whose outcome is unknown is resolved by taking the message in again (it is once only by its keys).
// Throws core::OutsideFailure when the database stays away.
IntakeOutcome take_in(core::db::Database& database, const core::TenantId& tenant, std::string_view channel,
                      const CallbackMessage& message, const CallbackRequest& request);

}  // namespace payments

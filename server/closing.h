// Closing: sealing and closing a tenant's books, with all that has to be looked at before.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ledger/books.h"
#include "ledger/closing.h"
#include "reconciliation/closing.h"
#include "server/application.h"

namespace server {

// Where a tenant's seals and closes are published: beside the review lists.
std::filesystem::path seals_folder(const config::Settings& settings, const core::TenantId& tenant);

// What was posted and isn't sealed yet is sealed, and what isn't published yet published. `breaches` name what was
// published and isn't in the books any more, or says something else there.
struct Sealed {
    std::vector<ledger::Seal> made;
    std::vector<std::string> breaches;
};
// Who did it is in the trail, in the transaction of the seals.
Sealed seal_books(Application& application, const core::Clock& clock, const core::TenantId& tenant,
                  const audit::Actor& by);
// The same for many: whose books have nothing new gets no seal, and is published and checked. Whose breach it is, and
// which.
std::vector<std::pair<core::TenantId, std::string>> seal_all_books(Application& application, const core::Clock& clock,
                                                                   const std::vector<core::TenantId>& tenants,
                                                                   const audit::Actor& by);

// Everything that makes the books doubtful: broken rules, a trial balance that is off, seals and closes that don't
// hold. Takes as long as the books are large (core::db::take_time()).
ledger::Verification verify_books(core::db::TenantTransaction& transaction, const config::Settings& settings);

struct CloseRequest {
    core::BusinessDay until;
    std::string accept_open;  // why what is open is accepted; empty: it isn't
    audit::Actor by;          // for the trail
    bool dry_run = false;
};
// Closed only when there are no breaches, and no rests or a reason to accept them, which then stands in the close.
struct CloseAnswer {
    std::vector<std::string> breaches;
    std::vector<reconciliation::Rest> rests;
    std::optional<ledger::Close> close;
};
// Throws UsageError for a day that isn't over in the calendar of each channel, and for a reason that is too long.
CloseAnswer close_books(Application& application, const core::Clock& clock, const Tenant& tenant,
                        const CloseRequest& request);

}  // namespace server

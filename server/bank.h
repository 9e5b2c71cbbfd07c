// Bank statements from files: for the command and for the nightly round.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "payments/channel.h"
#include "reconciliation/bank.h"
#include "server/application.h"

namespace server {

// Reads, stores and reconciles the files of one account; lists go into review_lists/TENANT/bank-NAME/DATE/. With `only`
// every statement must be of that day. Throws core::InputError naming file, line, field and remedy.
std::vector<reconciliation::BankDay> import_bank(Application& application, const core::Clock& clock,
                                                 const Tenants& tenants, const Tenant& tenant, const config::Bank& bank,
                                                 const std::vector<payments::StatementFile>& files,
                                                 std::optional<core::BusinessDay> only = std::nullopt);

}  // namespace server

// duizhang reconcile --shadow
#pragma once

#include "payments/channel.h"
#include "server/application.h"
#include "server/commands.h"
#include "server/impl/command_support.h"

namespace server {

// In commands_reconcile.cpp.
std::vector<payments::StatementFile> read_statements(const std::vector<std::string>& paths);

int reconcile_shadow(Session& session, const GlobalOptions& global, const Reconcile& options, const Tenant& tenant,
                     const payments::Channel& channel);

}  // namespace server

// duizhang audit retention, audit purge
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "server/commands.h"
#include "server/impl/command_support.h"
#include "server/retention/retention.h"

namespace server {

void add_retention(CLI::App& audit, const GlobalOptions& global, std::function<int()>& run);

// As the role that migrates; what was purged, batch by batch.
std::vector<Purged> purge_as_owner(Session& session, const GlobalOptions& global);

}  // namespace server

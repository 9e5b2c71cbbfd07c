// duizhang audit report, audit settings
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "server/commands.h"

namespace server {

void add_evidence(CLI::App& audit, const GlobalOptions& global, std::function<int()>& run);

}  // namespace server

// duizhang audit trail, verify, checkpoint, export, prove, key
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "server/commands.h"

namespace server {

void add_trail(CLI::App& audit, const GlobalOptions& global, std::function<int()>& run);

}  // namespace server

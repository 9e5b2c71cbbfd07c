// duizhang audit dependencies
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "server/commands.h"

namespace server {

void add_dependencies(CLI::App& audit, const GlobalOptions& global, std::function<int()>& run);

}  // namespace server

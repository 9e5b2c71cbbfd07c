// duizhang audit canaries
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "server/commands.h"

namespace server {

void add_canaries(CLI::App& audit, const GlobalOptions& global, std::function<int()>& run);

}  // namespace server

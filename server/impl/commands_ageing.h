// duizhang ledger ageing: what is open, and for how long.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

#include "server/commands.h"

namespace server {

// Below "ledger", which is there already.
void add_ageing(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);

}  // namespace server

// duizhang ledger cases: what the clearing accounts consist of.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

#include "server/commands.h"

namespace server {

// Below "ledger", which is there already.
void add_cases(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);

}  // namespace server

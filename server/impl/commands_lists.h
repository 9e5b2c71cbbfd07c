// duizhang orders list, orders show, ledger entries, ledger accounts
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

#include "server/commands.h"

namespace server {

// Adds them to `orders` and `ledger`, which are there already.
void add_lists(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);

}  // namespace server

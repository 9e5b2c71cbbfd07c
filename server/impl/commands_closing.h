// duizhang ledger seal, seal-key, close, closes: what fixes the books.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

#include "server/commands.h"

namespace server {

// Below "ledger", which is there already.
void add_closing(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);

}  // namespace server

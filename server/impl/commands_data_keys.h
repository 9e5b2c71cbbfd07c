// duizhang keys: the data keys and what is kept under them. duizhang statement: what is kept.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "server/commands.h"

namespace server {

void add_data_keys(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);
void add_kept_statements(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);

}  // namespace server

// duizhang audit scan
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "server/commands.h"

namespace server {

void add_audit(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);

}  // namespace server

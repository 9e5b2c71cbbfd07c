// duizhang calendar show, check: which days business is done on.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

#include "server/commands.h"

namespace server {

void add_calendar(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);

}  // namespace server

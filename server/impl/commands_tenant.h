// duizhang tenant add, templates, upgrade
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

#include "server/commands.h"

namespace server {

// Beside the other commands of `tenant`.
void add_tenant_templates(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);

}  // namespace server

// duizhang orders fulfil, orders share-out
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

#include "server/commands.h"
#include "server/impl/command_support.h"

namespace server {

// Beside the other commands of `orders`.
void add_releases(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);

// Shares out the orders of the tenant, or of all, whose day has come; how many. The nightly job does it too.
std::size_t share_out_due_orders(Session& session, const GlobalOptions& global, const std::string& tenant);

}  // namespace server

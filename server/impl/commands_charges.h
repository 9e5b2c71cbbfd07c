// duizhang charges import, top-up, close, statement
#pragma once

#include <functional>

#include "server/commands.h"

namespace CLI {
class App;
}

namespace server {

// What the command line asks for is put into `run`.
void add_charges(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);

}  // namespace server

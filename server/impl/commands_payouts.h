// duizhang ledger payout propose, approve, reject, send, confirm, fail, return, list, show, export
#pragma once

#include <functional>

#include "server/commands.h"

namespace CLI {
class App;
}

namespace server {

// Below `ledger`, which is there already. What the command line asks for is put into `run`.
void add_payouts(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);

}  // namespace server

// The commands that seal.
#pragma once

#include <string>

#include "server/commands.h"

namespace server {

int ledger_seal(const GlobalOptions& global, const std::string& tenant);
int ledger_seal_key(const GlobalOptions& global);

}  // namespace server

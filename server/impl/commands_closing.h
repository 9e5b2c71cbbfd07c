// duizhang ledger seal, seal-key, close, closes: what fixes the books.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "ledger/seals.h"
#include "server/commands.h"
#include "server/impl/command_support.h"

namespace server {

// Below "ledger", which is there already.
void add_closing(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);

// Where a tenant's seals and closes are published: beside the review lists.
std::filesystem::path seals_folder(const config::Settings& settings, const core::TenantId& tenant);

// Seals what the tenant's books hold beyond the last seal, and publishes; what was published and isn't in the books
// any more is a breach.
struct Sealed {
    std::vector<ledger::Seal> made;
    std::vector<std::string> breaches;
};
Sealed seal_books(Session& session, const core::TenantId& tenant);

}  // namespace server

// What the command line says of seals and closes.
#include "server/impl/commands_closing.h"

#include <memory>

#include "server/impl/commands_seals.h"

namespace server {

void add_closing(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
    auto* ledger = app.get_subcommand("ledger");
    auto* seal = ledger->add_subcommand("seal", "Seals what was posted since the last seal: hashed, chained, signed");
    const auto tenant = std::make_shared<std::string>();
    seal->add_option("--tenant", *tenant, "Whose books")->required();
    seal->callback([&global, &run, tenant] { run = [&global, tenant] { return ledger_seal(global, *tenant); }; });
    ledger->add_subcommand("seal-key", "The public key that seals and closes are signed with")
        ->callback([&global, &run] { run = [&global] { return ledger_seal_key(global); }; });
}

}  // namespace server

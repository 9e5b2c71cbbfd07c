// The demo's world: a configuration, keys and scenarios for two tenants in a folder of its own.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "payments/simulator.h"
#include "reconciliation/scenario.h"
#include "server/application.h"

namespace server {

struct DemoChannel {
    std::string tenant;
    std::string tenant_name;
    std::unique_ptr<payments::ChannelSimulator> simulator;
    reconciliation::Scenario scenario;
};

struct DemoWorld {
    std::filesystem::path configuration;
    std::vector<DemoChannel> channels;
    core::BusinessDay first_day;
    core::BusinessDay last_day;
};

// Writes duizhang.toml, keys and the statements' files under `folder`, and makes what the channels will send.
// What an earlier demo left there is replaced, the database apart; the tenants are new ones each time.
// What people wrote, and cards as careless channels tell them (reconciliation::ScenarioOptions).
struct DemoRemarks {
    std::vector<std::string> remarks;
    std::vector<std::string> cards;
};
// `has_bank`: the first tenant has an account, whose statement write_demo_bank() writes.
DemoWorld make_demo_world(const std::filesystem::path& folder, std::int64_t orders, std::uint64_t seed,
                          core::Instant now, const DemoRemarks& remarks = {}, bool has_bank = false);

// The account "main", into which two of the first tenant's channels settle.
std::string demo_bank_toml(const DemoWorld& world);

// What a bank account's list has to have.
struct DemoBank {
    std::string tenant;
    std::string folder;
    std::vector<reconciliation::ExpectedDiscrepancy> expected;
};
// Writes the account's statement of the last day: one channel paid what its first day's statement adds up to, the other
// less.
DemoBank write_demo_bank(const DemoWorld& world, const Tenants& tenants);

}  // namespace server

// The demo's world: a configuration, keys and scenarios for two tenants in a folder of its own.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "payments/simulator.h"
#include "reconciliation/scenario.h"

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
DemoWorld make_demo_world(const std::filesystem::path& folder, std::int64_t orders, std::uint64_t seed,
                          core::Instant now, const DemoRemarks& remarks = {});

}  // namespace server

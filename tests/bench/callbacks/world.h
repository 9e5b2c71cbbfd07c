// What is sent: tenants with the three channels, their keys and orders, and payments signed as the channels sign them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "payments/order.h"
#include "payments/simulator.h"

namespace bench {

struct WorldOptions {
    std::size_t tenants = 1;
    std::size_t sellers = 100;  // accounts that the payments of a tenant are shared out to; 1: all to one
    std::size_t callbacks = 20'000;
    std::uint64_t seed = 1;
    bool stripe_only = false;     // no RSA keys, for many tenants
    std::int64_t per_second = 0;  // when each is sent, and so signed; 0: all at once
};

struct TenantOrders {
    std::string tenant;
    std::vector<payments::Order> orders;
};

struct World {
    std::filesystem::path configuration;
    std::filesystem::path peer_configuration;
    std::vector<TenantOrders> orders;
    std::vector<std::string> requests;  // each a whole HTTP request, signed
};

// Writes configuration and keys under `folder`. The service listens on 127.0.0.1:`port`.
World make_world(const std::filesystem::path& folder, std::uint16_t port, const WorldOptions& options,
                 core::Instant now);

}  // namespace bench

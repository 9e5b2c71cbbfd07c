// What the payment providers send: tenants with all three channels, and the signed messages of their simulators.
#pragma once

#include <deque>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "payments/simulator.h"
#include "tests/faults/harness/process.h"

namespace faults {

// What must stand in the books once a message that tells it was acknowledged.
struct Movement {
    std::string tenant;
    std::string channel;
    std::string type;
    std::string channel_txn_id;
    std::int64_t amount_minor;  // signed from the merchant's side
    std::string currency;
};

// A message, ready to be sent.
struct Callback {
    std::string tenant;
    std::string channel;
    std::string bytes;        // the whole HTTP request; empty once nobody will send it any more
    std::string body_sha256;  // what the inbox knows it by
    Movement movement;
    Steady::time_point signed_at;
    bool acknowledged = false;
};

struct WorldOptions {
    int tenants = 3;
    std::uint64_t seed = 1;
    std::string database;      // the [database] section's line
    std::string service = {};  // further lines of [service]
};

class World {
public:
    // Makes keys and writes duizhang.toml into the folder.
    World(const std::filesystem::path& folder, const WorldOptions& options);

    const std::filesystem::path& folder() const noexcept { return folder_; }
    std::filesystem::path configuration() const { return folder_ / "duizhang.toml"; }
    std::uint16_t port() const noexcept { return port_; }
    const std::vector<std::string>& tenants() const noexcept { return tenants_; }

    // New messages, at least so many, of all tenants and channels; some tell a movement that others tell too, some give
    // money back. Signed as of now plus `ahead`. Of the payments two in five have an order, which is imported first
    // (the database must be there).
    std::vector<std::size_t> make(std::size_t count, std::chrono::seconds ahead = {});
    Callback& callback(std::size_t number) { return callbacks_[number]; }
    const std::deque<Callback>& callbacks() const noexcept { return callbacks_; }
    std::size_t orders() const noexcept { return orders_; }

    // `duizhang WORDS` by this configuration.
    Ran duizhang(std::vector<std::string> words) const;

private:
    struct Shop {
        std::size_t tenant;
        std::unique_ptr<payments::ChannelSimulator> simulator;
    };
    using Numbers = std::vector<std::size_t>;
    using Lines = std::vector<std::string>;

    void write_configuration(const WorldOptions& options);
    payments::SimulatedTransaction payment(const Shop& shop, core::Instant now, bool has_order);
    payments::SimulatedTransaction refund(const Shop& shop, const payments::SimulatedTransaction& paid);
    void add(const Shop& shop, const payments::SimulatedTransaction& told, core::Instant signed_at, Numbers& made);
    void import_orders(const std::vector<Lines>& orders);

    std::filesystem::path folder_;
    std::uint16_t port_;
    payments::Random random_;
    std::vector<std::string> tenants_;
    std::vector<Shop> shops_;
    std::deque<Callback> callbacks_;
    std::set<std::string> ids_;
    std::uint64_t next_order_ = 0;
    std::size_t orders_ = 0;
};

}  // namespace faults

#include "tests/faults/harness/world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/crypto/random.h"
#include "core/files.h"
#include "core/time.h"
#include "payments/channels/registry.h"

namespace faults {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds kLongestAgo{60};

// Below the range from which the kernel gives ports to clients: one of them might otherwise take the service's while
// the service is dead.
std::uint16_t free_port(payments::Random& random) {
    for (int i = 0; i < 200; ++i) {
        const auto port = static_cast<std::uint16_t>(20'000 + random() % 12'000);
        const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const void* generic = &address;
        const bool free = bind(descriptor, static_cast<const sockaddr*>(generic), sizeof(address)) == 0;
        close(descriptor);
        if (free) {
            return port;
        }
    }
    throw std::runtime_error("no free port was found");
}

std::string request_of(const std::string& path, const payments::SignedCallback& callback) {
    std::string bytes = "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    for (const auto& [name, value] : callback.headers) {
        bytes += name + ": " + value + "\r\n";
    }
    return bytes + "Content-Length: " + std::to_string(callback.body.size()) + "\r\n\r\n" + callback.body;
}

std::string order_line(const payments::SimulatedTransaction& paid) {
    return "{\"merchant_order_id\":\"" + paid.merchant_order_id +
           "\",\"amount\":" + std::to_string(paid.amount.minor()) + ",\"currency\":\"" +
           std::string(paid.amount.currency().code()) + "\",\"created_at\":\"" +
           core::format_rfc3339(paid.occurred_at) + "\",\"split\":\"marketplace\"}";
}

}  // namespace

World::World(const fs::path& folder, const WorldOptions& options)
    : folder_(folder), random_(options.seed * 7919 + static_cast<std::uint64_t>(getpid())) {
    port_ = free_port(random_);
    for (int i = 0; i < options.tenants; ++i) {
        tenants_.push_back("shop-" + std::to_string(i + 1));
        for (const auto& channel : payments::channel_registry()) {
            shops_.push_back({tenants_.size() - 1, channel.make_simulator(tenants_.back(), random_())});
        }
    }
    write_configuration(options);
}

void World::write_configuration(const WorldOptions& options) {
    fs::create_directories(folder_ / "keys");
    core::write_file(folder_ / "keys" / "master.key", core::crypto::hex_encode(core::crypto::random_bytes(32)) + "\n",
                     0600);
    std::string toml = "[service]\nlisten = \"127.0.0.1:" + std::to_string(port_) +
                       "\"\ncallbacks_per_second = 1000000\ncallbacks_burst = 1000000\n" + options.service +
                       "\n[database]\n" + options.database +
                       "\n\n[secrets]\nmaster_key = \"file:keys/master.key\"\n\n[nightly]\n"
                       "statements = \"statements\"\nreview_lists = \"review\"\n";
    for (std::size_t i = 0; i < tenants_.size(); ++i) {
        toml += "\n[[tenant]]\nid = \"" + tenants_[i] + "\"\nname = \"Shop\"\ncurrency = \"CNY\"\n";
        const auto keys = folder_ / "keys" / tenants_[i];
        fs::create_directories(keys);
        for (const auto& shop : shops_) {
            if (shop.tenant == i) {
                toml += "\n" + shop.simulator->write_configuration(folder_, keys);
            }
        }
        toml +=
            "\n[[tenant.split]]\nname = \"marketplace\"\nshares = [ { to = \"payable:seller\", basis_points = 9300 }, "
            "{ to = \"income:commission\", remainder = true } ]\n";
    }
    core::write_file(configuration(), toml, 0600);
}

payments::SimulatedTransaction World::payment(const Shop& shop, core::Instant now, bool has_order) {
    const auto& simulator = *shop.simulator;
    const auto ago = std::chrono::seconds(random_() % static_cast<std::uint64_t>(kLongestAgo.count()));
    payments::SimulatedTransaction paid{
        payments::TransactionType::payment,
        (has_order ? "O" : "N") + std::to_string(++next_order_),
        {},
        core::Money(static_cast<std::int64_t>(100 + random_() % 1'000'000), simulator.currency()),
        std::chrono::floor<std::chrono::seconds>(now - ago),
        {},
        core::Money(0, simulator.currency()),
        {},
        {},
        {},
        {}};
    paid.business_day = core::day_of(paid.occurred_at, simulator.day_cut());
    do {
        simulator.assign_ids(paid, nullptr, random_);
    } while (!ids_.insert(paid.channel_txn_id).second);
    return paid;
}

payments::SimulatedTransaction World::refund(const Shop& shop, const payments::SimulatedTransaction& paid) {
    auto refund = paid;
    refund.type = payments::TransactionType::refund;
    refund.own_order_id = "R" + paid.merchant_order_id;
    refund.amount = core::Money(1 + paid.amount.minor() / 3, paid.amount.currency());
    refund.channel_txn_id.clear();
    refund.attributes.clear();
    do {
        shop.simulator->assign_ids(refund, &paid, random_);
    } while (!ids_.insert(refund.channel_txn_id).second);
    return refund;
}

void World::add(const Shop& shop, const payments::SimulatedTransaction& told, core::Instant signed_at, Numbers& made) {
    const auto& tenant = tenants_[shop.tenant];
    const std::string channel(shop.simulator->channel());
    const bool gives_back = told.type == payments::TransactionType::refund;
    const Movement movement{tenant,
                            channel,
                            std::string(payments::name_of(told.type)),
                            told.channel_txn_id,
                            gives_back ? -told.amount.minor() : told.amount.minor(),
                            std::string(told.amount.currency().code())};
    for (const auto& callback : shop.simulator->callbacks(told, signed_at, random_)) {
        made.push_back(callbacks_.size());
        callbacks_.push_back({tenant, channel, request_of("/callbacks/" + tenant + "/" + channel, callback),
                              core::crypto::sha256_hex(callback.body), movement, Steady::now()});
    }
}

std::vector<std::size_t> World::make(std::size_t count, std::chrono::seconds ahead) {
    const auto now = core::SystemClock().now() + ahead;
    Numbers made;
    std::vector<Lines> orders(tenants_.size());
    while (made.size() < count) {
        const auto& shop = shops_[random_() % shops_.size()];
        const bool has_order = random_() % 5 < 2;
        const auto paid = payment(shop, now, has_order);
        if (has_order) {
            orders[shop.tenant].push_back(order_line(paid));
        }
        add(shop, paid, now, made);
        if (random_() % 10 == 0) {
            add(shop, refund(shop, paid), now, made);
        }
    }
    std::shuffle(made.begin(), made.end(), random_);
    import_orders(orders);
    return made;
}

void World::import_orders(const std::vector<Lines>& orders) {
    for (std::size_t i = 0; i < orders.size(); ++i) {
        if (orders[i].empty()) {
            continue;
        }
        std::string text;
        for (const auto& line : orders[i]) {
            text += line + "\n";
        }
        core::write_file(folder_ / "orders.jsonl", text);
        const auto ran = duizhang({"orders", "import", "--tenant", tenants_[i], (folder_ / "orders.jsonl").string()});
        if (ran.status != 0) {
            throw std::runtime_error("orders could not be imported: " + ran.out);
        }
        orders_ += orders[i].size();
    }
}

Ran World::duizhang(std::vector<std::string> words) const {
    words.insert(words.begin(), {executable(), "--config", configuration().string(), "--quiet"});
    return run({std::move(words), folder_, folder_ / "command.log", {}});
}

}  // namespace faults

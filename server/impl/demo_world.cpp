#include "server/demo.h"

#include "core/crypto/encoding.h"
#include "core/crypto/random.h"
#include "core/files.h"
#include "payments/channels/registry.h"

namespace server {
namespace {

constexpr std::string_view kSplit = "marketplace";

struct DemoTenant {
    const char* prefix;
    const char* name;
    std::vector<std::string> channels;
};

const std::vector<DemoTenant>& demo_tenants() {
    static const std::vector<DemoTenant> tenants = {
        {"acme", "Acme 商城", {"unionpay", "wechatpay", "stripe"}},
        {"fresh", "鲜到家生鲜", {"wechatpay", "unionpay", "stripe"}},
    };
    return tenants;
}

std::string tenant_toml(const std::string& id, const DemoTenant& tenant) {
    return "\n[[tenant]]\nid = \"" + id + "\"\nname = \"" + tenant.name + "\"\ncurrency = \"CNY\"\n";
}

std::string split_toml() {
    return "\n[[tenant.split]]\nname = \"" + std::string(kSplit) +
           "\"\nshares = [ { to = \"payable:seller\", basis_points = 9300 }, "
           "{ to = \"income:commission\", remainder = true } ]\n";
}

std::string head_toml() {
    return "# Written by duizhang demo.\n"
           "[service]\nlisten = \"127.0.0.1:0\"\nconsole = true\n\n"
           "[database]\nembedded = \"postgres\"\n\n"
           "[secrets]\nmaster_key = \"file:keys/master.key\"\n\n"
           "[nightly]\nstatements = \"statements\"\nreview_lists = \"review\"\n";
}

void write_statements(const std::filesystem::path& folder, const DemoChannel& channel) {
    for (const auto& statement : channel.scenario.statements) {
        const auto place =
            folder / "statements" / channel.tenant / channel.scenario.channel / core::format_day(statement.day);
        for (const auto& file : statement.files) {
            std::filesystem::create_directories(place);
            core::write_file(place / file.name, file.bytes);
        }
    }
}

}  // namespace

DemoWorld make_demo_world(const std::filesystem::path& folder, std::int64_t orders, std::uint64_t seed,
                          core::Instant now, const DemoRemarks& remarks, bool has_bank) {
    for (const char* part : {"statements", "review", "keys"}) {
        std::filesystem::remove_all(folder / part);
    }
    std::filesystem::create_directories(folder / "keys");
    core::write_file(folder / "keys" / "master.key", core::crypto::hex_encode(core::crypto::random_bytes(32)) + "\n",
                     0600);
    DemoWorld world{folder / "duizhang.toml", {}, {}, {}};
    world.last_day = core::day_before(core::day_of(now, {"Asia/Shanghai", std::chrono::minutes(0)}));
    world.first_day = core::day_before(world.last_day);

    // A demo that is run again meets the books of the one before: tenants of its own keep them apart.
    const std::string run = core::crypto::hex_encode(core::crypto::random_bytes(3));
    std::string toml = head_toml();
    for (const auto& tenant : demo_tenants()) {
        const std::string id = std::string(tenant.prefix) + "-" + run;
        toml += tenant_toml(id, tenant);
        for (const auto& name : tenant.channels) {
            DemoChannel channel{id, tenant.name, payments::find_channel(name)->make_simulator(id, ++seed * 7919), {}};
            toml += "\n" + channel.simulator->write_configuration(folder, folder / "keys" / id);
            toml += reconciliation::scenario_fees_toml(name);
            reconciliation::ScenarioOptions options;
            options.seed = seed;
            options.first_day = world.first_day;
            options.payments_per_day = static_cast<int>(orders / 6);  // six channels
            options.split_name = kSplit;
            options.remarks = remarks.remarks;
            options.cards = remarks.cards;
            options.wrong_totals = name == "unionpay" && std::string_view(tenant.prefix) == "fresh";
            channel.scenario = reconciliation::make_scenario(*channel.simulator, options, now);
            write_statements(folder, channel);
            world.channels.push_back(std::move(channel));
        }
        toml += split_toml();
        if (has_bank && id == world.channels.front().tenant) {
            toml += demo_bank_toml(world);
        }
    }
    core::write_file(world.configuration, toml);
    return world;
}

}  // namespace server

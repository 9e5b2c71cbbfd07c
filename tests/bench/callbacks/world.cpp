#include "tests/bench/callbacks/world.h"

#include <algorithm>
#include <memory>

#include "core/crypto/encoding.h"
#include "core/crypto/random.h"
#include "core/files.h"
#include "core/json/writer.h"
#include "payments/channels/registry.h"
#include "tests/support/command.h"

namespace bench {
namespace {

namespace fs = std::filesystem;

// Keys take long to make, so that tenants share them: as many sets as this.
constexpr std::size_t kKeySets = 4;

using Simulators = std::vector<std::unique_ptr<payments::ChannelSimulator>>;

struct KeySet {
    Simulators simulators;
    std::string toml;  // the sections of a tenant that uses it
    fs::path folder;
};

KeySet make_keys(const fs::path& folder, std::size_t number, const WorldOptions& options) {
    KeySet set{{}, {}, folder / "keys" / std::to_string(number)};
    fs::create_directories(set.folder);
    for (const char* channel : {"stripe", "wechatpay", "unionpay"}) {
        if (options.stripe_only && std::string_view(channel) != "stripe") {
            continue;
        }
        set.simulators.push_back(payments::find_channel(channel)->make_simulator("bench" + std::to_string(number),
                                                                                 options.seed * 100 + number));
        set.toml += "\n" + set.simulators.back()->write_configuration(folder, set.folder);
    }
    return set;
}

std::string value_in(const std::string& toml, const std::string& key) {
    const auto at = toml.find(key + " = \"");
    const auto from = at + key.size() + 4;
    return toml.substr(from, toml.find('"', from) - from);
}

void write_peer_tenant(core::json::Writer& json, const std::string& id, const KeySet& set,
                       const WorldOptions& options) {
    const auto text = [&](const char* name) { return test_support::text_of(set.folder / name); };
    json.begin_object().member("id", id);
    json.key("stripe").begin_object().member("secret", text("stripe.secret"));
    json.member("account", value_in(set.toml, "account")).end_object();
    if (!options.stripe_only) {
        const auto wechat = set.toml.substr(set.toml.find("[tenant.wechatpay]"));
        json.key("wechatpay").begin_object().member("mchid", value_in(wechat, "merchant_id"));
        json.member("appid", value_in(wechat, "app_id")).member("api_v3_key", text("wechatpay-api-v3.key"));
        json.key("platform_keys").begin_array();
        json.begin_object().member("certificate", text("wechatpay-platform-cert.pem")).end_object();
        json.begin_object().member("serial", value_in(wechat, "{ id"));
        json.member("pem", text("wechatpay-public.pem")).end_object();
        json.end_array().end_object();
        const auto unionpay = set.toml.substr(set.toml.find("[tenant.unionpay]"));
        json.key("unionpay").begin_object().member("merchant", value_in(unionpay, "merchant_id"));
        json.key("certificates").begin_array();
        json.value(text("unionpay_root.pem")).value(text("unionpay_middle.pem")).end_array().end_object();
    }
    json.end_object();
}

std::string request_of(const std::string& tenant, std::string_view channel, const payments::SignedCallback& callback) {
    std::string bytes = "POST /callbacks/" + tenant + "/" + std::string(channel) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    for (const auto& [name, value] : callback.headers) {
        bytes += name + ": " + value + "\r\n";
    }
    return bytes + "Content-Length: " + std::to_string(callback.body.size()) + "\r\n\r\n" + callback.body;
}

// Stripe tells one payment in several events; one of them is enough to book it.
const payments::SignedCallback& one_that_books(const std::vector<payments::SignedCallback>& callbacks) {
    const auto found = std::find_if(callbacks.begin(), callbacks.end(), [](const auto& callback) {
        return callback.body.find("\"charge.succeeded\"") != std::string::npos;
    });
    return found == callbacks.end() ? callbacks.front() : *found;
}

}  // namespace

World make_world(const fs::path& folder, std::uint16_t port, const WorldOptions& options, core::Instant now) {
    World world{folder / "duizhang.toml", folder / "world.json", {}, {}};
    fs::create_directories(folder / "keys");
    core::write_file(folder / "keys" / "master.key", core::crypto::hex_encode(core::crypto::random_bytes(32)) + "\n",
                     0600);
    std::string toml = "[service]\nlisten = \"127.0.0.1:" + std::to_string(port) +
                       "\"\nconsole = false\ncallbacks_per_second = 1000000\ncallbacks_burst = 1000000\n\n"
                       "[database]\nembedded = \"postgres\"\n\n[secrets]\nmaster_key = \"file:keys/master.key\"\n\n"
                       "[nightly]\nstatements = \"statements\"\nreview_lists = \"review\"\n";
    std::vector<KeySet> keys;
    for (std::size_t i = 0; i < std::min(kKeySets, options.tenants); ++i) {
        keys.push_back(make_keys(folder, i, options));
    }
    core::json::Writer peer;
    peer.begin_object().key("tenants").begin_array();
    for (std::size_t i = 0; i < options.tenants; ++i) {
        const auto id = "t" + std::to_string(i);
        const auto& set = keys[i % keys.size()];
        toml += "\n[[tenant]]\nid = \"" + id + "\"\nname = \"" + id + "\"\ncurrency = \"CNY\"\n" + set.toml;
        write_peer_tenant(peer, id, set, options);
        world.orders.push_back({id, {}});
    }
    core::write_file(world.peer_configuration, peer.end_array().end_object().text());
    core::write_file(world.configuration, toml);

    payments::Random random(options.seed);
    for (std::size_t i = 0; i < options.callbacks; ++i) {
        const auto tenant = i % options.tenants;
        auto& orders = world.orders[tenant];
        const auto& simulators = keys[tenant % keys.size()].simulators;
        const auto& simulator = *simulators[i % simulators.size()];
        const auto amount = static_cast<std::int64_t>(1 + random() % 100'000);
        const payments::Order order{
            core::MerchantOrderId("O" + std::to_string(i)),
            core::Money(amount, simulator.currency()),
            now,
            "sold",
            "payable:seller-" + std::to_string(random() % options.sellers) + "=b9300;income:commission=r",
            {}};
        payments::SimulatedTransaction payment{.type = payments::TransactionType::payment,
                                               .merchant_order_id = order.id.text(),
                                               .own_order_id = {},
                                               .amount = order.amount,
                                               .occurred_at = now,
                                               .business_day = core::day_of(now, simulator.day_cut()),
                                               .fee = core::Money(0, simulator.currency()),
                                               .channel_txn_id = {},
                                               .related_txn_id = {},
                                               .attributes = {},
                                               .channel_status = {}};
        simulator.assign_ids(payment, nullptr, random);
        // A signature gets old while the others are sent.
        const auto seconds = options.per_second == 0 ? 0 : static_cast<std::int64_t>(i) / options.per_second;
        world.requests.push_back(
            request_of(orders.tenant, simulator.channel(),
                       one_that_books(simulator.callbacks(payment, now + std::chrono::seconds(seconds), random))));
        orders.orders.push_back(order);
    }
    return world;
}

}  // namespace bench

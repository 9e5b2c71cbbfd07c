#include "server/impl/commands_release.h"

#include <memory>

#include "core/failure.h"
#include "core/files.h"
#include "core/json/writer.h"
#include "server/order_release.h"

namespace server {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1} << 30U;

struct Fulfil {
    std::string tenant;
    std::string order;
    std::string at;
    std::string file;
};

core::Instant time_of(const Fulfil& options, core::Instant now) {
    if (options.at.empty()) {
        return now;
    }
    const auto at = core::parse_rfc3339(options.at);
    if (!at || *at > now) {
        throw core::UsageError("--at: must be an RFC 3339 time that has come, e.g. 2026-11-17T08:52:12Z");
    }
    return *at;
}

std::vector<payments::Fulfilment> told_by(const Fulfil& options, const Session& session) {
    const auto redact = [&](std::string_view part) { return session.tenants().redactor().redact(part); };
    const auto now = session.clock().now();
    if (options.file.empty()) {
        return {{core::MerchantOrderId(redact(options.order)), time_of(options, now)}};
    }
    return payments::read_fulfilments(options.file, core::read_file(options.file, kFileBytesMax), now, redact);
}

int fulfil(const GlobalOptions& global, const Fulfil& options) {
    if (options.order.empty() == options.file.empty()) {
        throw core::UsageError("orders fulfil: name an order, or a --file of them");
    }
    if (!options.at.empty() && !options.file.empty()) {
        throw core::UsageError("--at: is for one order; a file has its own fulfilled_at");
    }
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto fulfilments = told_by(options, session);
    const auto counts = fulfil_orders(session.database(), tenant.settings->id,
                                      options.file.empty() ? "orders fulfil" : options.file, fulfilments);
    if (global.json) {
        core::json::Writer json(1);
        json.begin_object().member("recorded", counts.recorded).member("already_there", counts.already_there);
        print(json.end_object().text() + "\n");
    } else {
        print(std::to_string(counts.recorded) + " fulfilments recorded, " + std::to_string(counts.already_there) +
              " were there already\n");
    }
    return 0;
}

int share_out(const GlobalOptions& global, const std::string& tenant) {
    Session session(global);
    const auto shared_out = share_out_due_orders(session, global, tenant);
    if (global.json) {
        core::json::Writer json(1);
        print(json.begin_object().member("shared_out", shared_out).end_object().text() + "\n");
    } else {
        print(std::to_string(shared_out) + " orders shared out, whose day has come\n");
    }
    return 0;
}

}  // namespace

std::size_t share_out_due_orders(Session& session, const GlobalOptions& global, const std::string& tenant) {
    if (!tenant.empty()) {
        session.tenants().require(tenant);
    }
    std::size_t sum = 0;
    for (const auto& each : session.tenants().all()) {
        const auto& id = each->settings->id;
        if (!tenant.empty() && id.text() != tenant) {
            continue;
        }
        const auto shared_out = share_out_due(session.database(), id, session.clock().now());
        if (shared_out > 0) {
            tell(global, id.text() + ": " + std::to_string(shared_out) + " orders shared out");
        }
        sum += shared_out;
    }
    return sum;
}

void add_releases(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
    auto* orders = app.get_subcommand("orders");
    const auto options = std::make_shared<Fulfil>();
    auto* told = orders->add_subcommand("fulfil", "Records that orders were fulfilled; shares out those that waited");
    told->add_option("--tenant", options->tenant, "Whose orders")->required();
    told->add_option("order", options->order, "The merchant's number of one order");
    told->add_option("--at", options->at, "When (RFC 3339); now when left out");
    told->add_option("--file", options->file, "CSV or JSON lines instead: merchant_order_id, fulfilled_at")
        ->check(CLI::ExistingFile);
    told->callback([&run, &global, options] { run = [&global, options] { return fulfil(global, *options); }; });

    const auto tenant = std::make_shared<std::string>();
    auto* due = orders->add_subcommand("share-out", "Shares out paid orders whose day has come; nightly does it too");
    due->add_option("--tenant", *tenant, "This tenant alone");
    due->callback([&run, &global, tenant] { run = [&global, tenant] { return share_out(global, *tenant); }; });
}

}  // namespace server

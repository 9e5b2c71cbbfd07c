// duizhang orders import, callbacks replay, callbacks quarantine
#include "core/crypto/encoding.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/json/reader.h"
#include "core/json/writer.h"
#include "payments/order.h"
#include "server/callbacks.h"
#include "server/commands.h"
#include "server/impl/command_support.h"
#include "server/order_import.h"
#include "server/replay.h"

namespace server {
namespace {

constexpr std::size_t kExcerptShown = 120;
constexpr std::size_t kFileBytesMax = std::size_t{1} << 30U;

}  // namespace

int orders_import(const GlobalOptions& global, const OrdersImport& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto text = core::read_file(options.file, kFileBytesMax);
    const auto& redactor = session.tenants().redactor();
    const auto orders = payments::read_orders(options.file, text, *tenant.settings,
                                              [&](std::string_view part) { return redactor.redact(part); });
    const auto counts = register_orders(
        session.database(), *tenant.settings, options.file, orders,
        [&](std::size_t done) { tell(global, std::to_string(done) + " of " + std::to_string(orders.size())); });
    if (global.json) {
        core::json::Writer json(1);
        json.begin_object().member("registered", counts.registered).member("already_there", counts.already_there);
        print(json.end_object().text() + "\n");
    } else {
        print(std::to_string(counts.registered) + " orders registered, " + std::to_string(counts.already_there) +
              " were there already\n");
    }
    return 0;
}

int callbacks_replay(const GlobalOptions& global, const std::string& file) {
    Session session(global);
    const auto text = core::read_file(file, kFileBytesMax);
    const auto recorded = read_recorded_callbacks(file, text, session.clock().now());
    session.database();
    const auto counts = replay(session.application(), recorded, [&](std::size_t done) {
        tell(global, std::to_string(done) + " of " + std::to_string(recorded.size()));
    });
    if (global.json) {
        core::json::Writer json(1);
        json.begin_object().member("callbacks", recorded.size()).key("answers").begin_object();
        for (const auto& [status, count] : counts) {
            json.member(std::to_string(status), count);
        }
        print(json.end_object().end_object().text() + "\n");
        return 0;
    }
    std::string out = std::to_string(recorded.size()) + " callbacks replayed\n";
    for (const auto& [status, count] : counts) {
        out += "  " + std::to_string(status) + " " + std::string(http::reason_phrase(status)) + ": " +
               std::to_string(count) + "\n";
    }
    print(out);
    return 0;
}

int callbacks_quarantine(const GlobalOptions& global, const CallbacksQuarantine& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    const auto records = payments::quarantined(transaction, options.limit);
    if (global.json) {
        core::json::Writer json(1);
        json.begin_array();
        for (const auto& record : records) {
            json.begin_object()
                .member("received_at", core::format_rfc3339(record.received_at))
                .member("channel", record.channel)
                .member("verdict", record.verdict)
                .member("reason", record.reason)
                .member("body_bytes", record.body_bytes)
                .member("body_sha256", record.body_sha256)
                .member("excerpt", record.excerpt)
                .end_object();
        }
        print(json.end_array().text() + "\n");
        return 0;
    }
    std::string out = std::to_string(records.size()) + " refused callbacks, the latest first\n";
    for (const auto& record : records) {
        out += core::format_rfc3339(record.received_at) + "  " + record.channel + "  " + record.verdict + ": " +
               record.reason + "  " + std::to_string(record.body_bytes) + " bytes\n    " +
               record.excerpt.substr(0, kExcerptShown) + "\n";
    }
    print(out);
    return 0;
}

}  // namespace server

// duizhang statement show
#include <algorithm>
#include <memory>

#include "core/crypto/encoding.h"
#include "core/failure.h"
#include "core/json/writer.h"
#include "reconciliation/kept.h"
#include "server/impl/command_support.h"
#include "server/impl/commands_data_keys.h"

namespace server {
namespace {

constexpr std::int64_t kJsonBytesMax = std::int64_t{16} << 20U;

struct ShowOptions {
    std::string tenant;
    std::string sha256;
    std::string bytes;
};

// "BEGIN+LENGTH"; all of it when empty.
reconciliation::ByteRange range_of(const std::string& text) {
    if (text.empty()) {
        return {};
    }
    const auto plus = std::min(text.find('+'), text.size());
    const auto begin = core::minor_from_integer(std::string_view(text).substr(0, plus));
    const auto length = core::minor_from_integer(std::string_view(text).substr(std::min(plus + 1, text.size())));
    if (!begin || !length || *begin < 0 || *length < 0) {
        throw core::UsageError("--bytes: must be BEGIN+LENGTH in bytes, counted from 0, e.g. 1024+200");
    }
    return {*begin, *length};
}

std::string require_sha256(const std::string& text) {
    const auto bytes = core::crypto::hex_decode(text);
    if (!bytes || bytes->size() != 32) {
        throw core::UsageError("SHA256: must be 64 hex digits; the lists' summary.json names those of each day");
    }
    return core::crypto::hex_encode(*bytes);
}

// The tenant that has kept it: the one named, or the first of all.
const config::TenantSettings& keeper_of(Session& session, const ShowOptions& options, const std::string& sha256) {
    if (!options.tenant.empty()) {
        return *session.tenant(options.tenant).settings;
    }
    for (const auto& one : session.tenants().all()) {
        core::db::TenantTransaction transaction(session.database(), one->settings->id);
        if (reconciliation::find_kept(transaction, sha256)) {
            return *one->settings;
        }
    }
    throw core::InputError("SHA256: no tenant has kept a file with this SHA-256");
}

void print_json(const config::TenantSettings& tenant, const std::string& sha256, const reconciliation::ByteRange& range,
                std::string_view content) {
    core::json::Writer json(1);
    json.begin_object()
        .member("tenant", tenant.id.text())
        .member("sha256", sha256)
        .member("begin", range.begin)
        .member("length", content.size())
        .member("content_base64", core::crypto::base64_encode(content));
    print(json.end_object().text() + "\n");
}

int statement_show(const GlobalOptions& global, const ShowOptions& options) {
    const auto range = range_of(options.bytes);
    const auto sha256 = require_sha256(options.sha256);
    Session session(global);
    const auto& tenant = keeper_of(session, options, sha256);
    {
        // Before anything is shown, so that nothing is shown that wasn't written down.
        core::db::TenantTransaction transaction(session.database(), tenant.id);
        reconciliation::note_view(transaction, sha256, range, operating_user(), session.clock().now());
        session.record(transaction, {"statement.show", "statement " + sha256});
        transaction.commit();
    }
    core::db::TenantTransaction transaction(session.database(), tenant.id);
    core::db::take_time(transaction);
    if (!global.json) {
        reconciliation::read_kept(transaction, session.tenants().keys(), sha256, range,
                                  [](std::string_view piece) { print(piece); });
        return 0;
    }
    std::string content;
    reconciliation::read_kept(transaction, session.tenants().keys(), sha256, range, [&](std::string_view piece) {
        content += piece;
        if (static_cast<std::int64_t>(content.size()) > kJsonBytesMax) {
            throw core::UsageError("--json: takes at most 16 MiB; ask for less with --bytes, or leave --json out");
        }
    });
    print_json(tenant, sha256, range, content);
    return 0;
}

}  // namespace

void add_kept_statements(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
    const auto options = std::make_shared<ShowOptions>();
    auto* statement = app.add_subcommand("statement", "The statements that were taken in");
    statement->require_subcommand(1);
    auto* show = statement->add_subcommand("show", "What a file was, to the byte; who asks is written down");
    show->add_option("--tenant", options->tenant, "Whose statement; else the first tenant that has it");
    show->add_option("--bytes", options->bytes, "BEGIN+LENGTH of it, from 0; all of it otherwise");
    show->add_option("sha256", options->sha256, "The file's SHA-256, as the lists' summary.json has it")->required();
    show->callback([&global, &run, options] { run = [&global, options] { return statement_show(global, *options); }; });
}

}  // namespace server

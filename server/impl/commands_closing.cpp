#include "server/impl/commands_closing.h"

#include <memory>

#include "core/failure.h"
#include "core/json/writer.h"
#include "server/closing.h"
#include "server/console_text.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

struct LedgerClose {
    std::string tenant;
    std::string date;
    std::string period;
    std::string accept_open;
    bool dry_run = false;
};

void write_strings(core::json::Writer& json, const char* name, const std::vector<std::string>& texts) {
    json.key(name).begin_array();
    for (const auto& text : texts) {
        json.value(text);
    }
    json.end_array();
}

std::string seals_json(const std::string& tenant, const std::filesystem::path& folder, const Sealed& sealed) {
    core::json::Writer json(1);
    json.begin_object().member("tenant", tenant).member("folder", folder.string()).key("seals").begin_array();
    for (const auto& seal : sealed.made) {
        json.begin_object()
            .member("seal", seal.number)
            .member("after_entry", seal.after_entry)
            .member("until_entry", seal.until_entry)
            .member("entries", seal.entries)
            .member("digest", seal.digest)
            .end_object();
    }
    json.end_array();
    write_strings(json, "breaches", sealed.breaches);
    return json.end_object().text() + "\n";
}

std::string breaches_text(const std::vector<std::string>& breaches) {
    std::string text;
    for (const auto& breach : breaches) {
        text += "BROKEN " + breach + "\n";
    }
    return text;
}

std::string seals_text(const std::filesystem::path& folder, const Sealed& sealed) {
    std::string text;
    for (const auto& seal : sealed.made) {
        text += "seal " + std::to_string(seal.number) + ": " + std::to_string(seal.entries) + " entries up to " +
                std::to_string(seal.until_entry) + ", " + seal.digest + "\n";
    }
    return (text.empty() ? "nothing new to seal\n" : text) + breaches_text(sealed.breaches) + folder.string() + "\n";
}

int ledger_seal(const GlobalOptions& global, const std::string& id) {
    Session session(global);
    const auto& tenant = session.tenant(id);
    const auto sealed = seal_books(session.application(), session.clock(), tenant.settings->id, operating_actor());
    const auto folder = seals_folder(session.tenants().settings(), tenant.settings->id);
    print(global.json ? seals_json(id, folder, sealed) : seals_text(folder, sealed));
    return sealed.breaches.empty() ? 0 : 1;
}

int ledger_seal_key(const GlobalOptions& global) {
    const Tenants tenants(config::find_configuration(global.config));
    const auto key = ledger::SealKey(tenants.settings().master_key).public_key();
    core::json::Writer json(1);
    json.begin_object().member("algorithm", "Ed25519").member("public_key", key).end_object();
    print(global.json ? json.text() + "\n" : key + "\n");
    return 0;
}

// For programs that read the books by themselves. An embedded database serves while `serve` or another command runs.
int ledger_connection(const GlobalOptions& global) {
    const Tenants tenants(config::find_configuration(global.config));
    const auto& settings = tenants.settings();
    const auto connection = settings.embedded_database
                                ? core::db::EmbeddedCluster(*settings.embedded_database).service_connection()
                                : core::db::service_connection_for(settings.database_url);
    core::json::Writer json(1);
    json.begin_object().member("connection", connection).end_object();
    print(global.json ? json.text() + "\n" : connection + "\n");
    return 0;
}

// The last day of it.
core::BusinessDay require_period(const std::string& text) {
    const auto first = core::parse_day(text + "-01");
    if (!first) {
        throw core::UsageError("--period: must be a month that exists, YYYY-MM");
    }
    return date::year_month_day_last(first->year(), date::month_day_last(first->month()));
}

core::BusinessDay day_to_close(const LedgerClose& options) {
    if (options.date.empty() == options.period.empty()) {
        throw core::UsageError("ledger close: give --date YYYY-MM-DD or --period YYYY-MM");
    }
    return options.period.empty() ? require_day(options.date, "--date") : require_period(options.period);
}

void write_close(core::json::Writer& json, const ledger::Close& close) {
    json.begin_object()
        .member("closed_until", core::format_day(close.until))
        .member("after_day", close.after ? core::format_day(*close.after) : "")
        .member("until_entry", close.until_entry)
        .member("entries", close.entries)
        .member("accepted", close.accepted)
        .member("closed_at", core::format_rfc3339(close.closed_at))
        .member("digest", close.digest)
        .end_object();
}

std::string close_json(const std::string& tenant, const CloseAnswer& answer) {
    core::json::Writer json(1);
    json.begin_object().member("tenant", tenant).member("closed", answer.close.has_value());
    json.key("rests").begin_array();
    for (const auto& rest : answer.rests) {
        json.begin_object()
            .member("where", rest.where)
            .member("what", rest.what)
            .member("remedy", rest.remedy)
            .end_object();
    }
    json.end_array();
    write_strings(json, "breaches", answer.breaches);
    if (answer.close) {
        json.key("close");
        write_close(json, *answer.close);
    }
    return json.end_object().text() + "\n";
}

std::string close_text(core::BusinessDay day, const LedgerClose& options, const CloseAnswer& answer) {
    std::string text = breaches_text(answer.breaches);
    for (const auto& rest : answer.rests) {
        text += rest.where + ": " + rest.what + "; " + rest.remedy + "\n";
    }
    if (answer.close) {
        return text + "closed until " + core::format_day(answer.close->until) + ": " +
               std::to_string(answer.close->entries) + " entries, " + answer.close->digest + "\n";
    }
    const bool is_clear = answer.breaches.empty() && (answer.rests.empty() || !options.accept_open.empty());
    return text + core::format_day(day) + (is_clear ? " can be closed\n" : " is not closed\n");
}

int ledger_close(const GlobalOptions& global, const LedgerClose& options) {
    const auto day = day_to_close(options);
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto answer = close_books(session.application(), session.clock(), tenant,
                                    {day, options.accept_open, operating_actor(), options.dry_run});
    print(global.json ? close_json(options.tenant, answer) : close_text(day, options, answer));
    const bool is_clear = answer.breaches.empty() && (answer.rests.empty() || !options.accept_open.empty());
    return is_clear ? 0 : 1;
}

int ledger_closes(const GlobalOptions& global, const std::string& id) {
    Session session(global);
    const auto& tenant = session.tenant(id);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    Table table(
        {"关账至 Closed until", "此前 After", "分录 Entries>", "关账时间 Closed at", "摘要 Digest", "未结 Accepted"});
    core::json::Writer json(1);
    json.begin_object().member("tenant", id).key("closes").begin_array();
    for (const auto& close : ledger::read_closes(transaction)) {
        write_close(json, close);
        table.add({core::format_day(close.until), close.after ? core::format_day(*close.after) : "",
                   std::to_string(close.entries), core::format_rfc3339(close.closed_at), close.digest.substr(0, 16),
                   close.accepted.substr(0, close.accepted.find('\n'))});
    }
    json.end_array().end_object();
    print(global.json ? json.text() + "\n" : table.text());
    return 0;
}

}  // namespace

void add_closing(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
    auto* ledger = app.get_subcommand("ledger");
    const auto options = std::make_shared<LedgerClose>();
    const auto add = [&](const char* name, const char* help) {
        auto* sub = ledger->add_subcommand(name, help);
        sub->add_option("--tenant", options->tenant, "Whose books")->required();
        return sub;
    };
    add("seal", "Seals what was posted since the last seal: hashed, chained, signed")->callback([&, options] {
        run = [&global, options] { return ledger_seal(global, options->tenant); };
    });
    ledger->add_subcommand("seal-key", "The public key that seals and closes are signed with")->callback([&] {
        run = [&global] { return ledger_seal_key(global); };
    });
    ledger->add_subcommand("connection", "How duizhang-verify-books connects; it reads as the service does")
        ->callback([&] { run = [&global] { return ledger_connection(global); }; });
    auto* close = add("close", "Closes business days for good; exit 1 and the reasons when they can't be");
    close->add_option("--date", options->date, "All days up to and including this one (YYYY-MM-DD)");
    close->add_option("--period", options->period, "All days up to the end of this month (YYYY-MM)");
    close->add_option("--accept-open", options->accept_open,
                      "Why what is open is accepted; it stands in the close with all that is open");
    close->add_flag("--dry-run", options->dry_run, "Say what keeps the days from being closed and change nothing");
    close->callback([&, options] { run = [&global, options] { return ledger_close(global, *options); }; });
    add("closes", "What was closed, and when")->callback([&, options] {
        run = [&global, options] { return ledger_closes(global, options->tenant); };
    });
}

}  // namespace server

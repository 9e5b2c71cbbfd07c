// duizhang audit trail, acts, verify, checkpoint, export, prove, key: who did what, and the proof that it stands as it
// was written.
#include "server/impl/commands_trail.h"

#include <fstream>
#include <iterator>
#include <memory>

#include "core/crypto/encoding.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/json/reader.h"
#include "core/json/writer.h"
#include "server/console_text.h"
#include "server/impl/command_support.h"
#include "server/trail.h"

namespace server {
namespace {

constexpr std::int64_t kLimitMax = 10'000;

struct TrailOptions {
    std::string tenant;
    std::string act;
    std::string actor;
    std::string from;
    std::string to;
    std::string published;
    std::string out;
    std::vector<std::string> keys;
    std::int64_t after = 0;
    std::int64_t limit = 100;
    audit::ProofWanted proof;
};

core::TenantId whose(Session& session, const std::string& tenant) {
    return tenant == core::kInstance.text() ? core::kInstance : session.tenant(tenant).settings->id;
}

// Days as UTC has them, since trails of all calendars are looked at together.
audit::TrailPeriod period_of(const TrailOptions& options) {
    const auto midnight = [](core::BusinessDay day) { return core::Instant(date::sys_days(day)); };
    audit::TrailPeriod period;
    if (!options.from.empty()) {
        period.from = midnight(require_day(options.from, "--from"));
    }
    if (!options.to.empty()) {
        period.until = midnight(core::day_after(require_day(options.to, "--to")));
    }
    if (period.from && period.until && *period.from >= *period.until) {
        throw core::UsageError("--from: must not be after --to");
    }
    return period;
}

std::string period_text(const TrailOptions& options) {
    return (options.from.empty() ? "" : " from " + options.from) + (options.to.empty() ? "" : " to " + options.to);
}

void write_json(core::json::Writer& json, const audit::SignedRecord& found) {
    const auto& record = found.record;
    // Texts of JSON are shown as such where they are.
    json.begin_object()
        .member("tenant", record.tenant)
        .member("number", record.number)
        .member("at", core::format_rfc3339(record.at))
        .member("actor", record.actor)
        .member("act", record.act)
        .member("origin", record.origin)
        .member("object", record.object)
        .member("before", record.before)
        .member("after", record.after)
        .member("outcome", record.outcome)
        .member("key", found.key_id)
        .end_object();
}

int audit_trail(const GlobalOptions& global, const TrailOptions& options) {
    Session session(global);
    core::db::TenantTransaction transaction(session.database(), whose(session, options.tenant));
    const auto records = audit::read_trail(transaction, {options.after, options.act, options.actor, period_of(options)},
                                           options.limit + 1);
    const bool more = records.size() > static_cast<std::size_t>(options.limit);
    const auto shown = more ? records.size() - 1 : records.size();
    session.record(transaction,
                   {"trail.read", "records after " + std::to_string(options.after) + period_text(options)});
    transaction.commit();
    if (global.json) {
        core::json::Writer json(1);
        json.begin_object().key("records").begin_array();
        for (std::size_t i = 0; i < shown; ++i) {
            write_json(json, records[i]);
        }
        json.end_array().key("next_after");
        more ? json.value(records[shown - 1].record.number) : json.null();
        print(json.end_object().text() + "\n");
        return 0;
    }
    Table table(
        {"编号 No.>", "时间 At", "何人 Actor", "操作 Act", "对象 Object", "结果 Outcome", "之后 After", "来源 From"});
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& record = records[i].record;
        table.add({std::to_string(record.number), core::format_rfc3339(record.at), record.actor, record.act,
                   record.object, record.outcome, record.after, record.origin});
    }
    print(table.text());
    if (more) {
        tell(global, "there are more: --after " + std::to_string(records[shown - 1].record.number));
    }
    return 0;
}

// Reading it is recorded where the trail is that was read, or with what belongs to no tenant alone.
std::vector<audit::ActCount> counted_acts(Session& session, const TrailOptions& options) {
    const auto period = period_of(options);
    std::vector<core::TenantId> tenants;
    if (options.tenant.empty()) {
        tenants.push_back(core::kInstance);
        for (const auto& tenant : session.tenants().all()) {
            tenants.push_back(tenant->settings->id);
        }
    } else {
        tenants.push_back(whose(session, options.tenant));
    }
    std::vector<audit::ActCount> counts;
    session.act(tenants.front(), {"trail.read", "counts of acts" + period_text(options)},
                [&](auto&, auto&) { counts = audit::count_acts(session.database(), tenants, period); });
    return counts;
}

int audit_acts(const GlobalOptions& global, const TrailOptions& options) {
    Session session(global);
    const auto counts = counted_acts(session, options);
    if (global.json) {
        core::json::Writer json(1);
        json.begin_object().member("from", options.from).member("to", options.to).key("acts").begin_array();
        for (const auto& one : counts) {
            json.begin_object()
                .member("tenant", one.tenant)
                .member("act", one.act)
                .member("outcome", one.outcome)
                .member("count", one.count)
                .member("first_at", core::format_rfc3339(one.first))
                .member("last_at", core::format_rfc3339(one.last))
                .end_object();
        }
        print(json.end_array().end_object().text() + "\n");
        return 0;
    }
    Table table({"租户 Tenant", "操作 Act", "结果 Outcome", "次数 Count>", "最早 First", "最晚 Last"});
    for (const auto& one : counts) {
        table.add({one.tenant, one.act, one.outcome, std::to_string(one.count), core::format_rfc3339(one.first),
                   core::format_rfc3339(one.last)});
    }
    print(counts.empty() ? "nothing was done\n" : table.text());
    return 0;
}

std::vector<audit::SignedHead> published_heads(const Tenants& tenants, const std::string& option) {
    const auto& configured = tenants.settings().audit.checkpoint_file;
    if (option.empty() && (!configured || !std::filesystem::exists(*configured))) {
        return {};
    }
    const auto path = option.empty() ? *configured : std::filesystem::path(option);
    std::ifstream file(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    if (!file) {
        throw core::UsageError("--published: " + path.string() + " can't be read");
    }
    return audit::read_published(text, path.string());
}

std::vector<std::string> keys_of(const Tenants& tenants, const std::vector<std::string>& more) {
    std::vector<std::string> keys{tenants.trail().key().public_key()};
    for (const auto& hex : more) {
        const auto key = core::crypto::hex_decode(hex);
        if (!key || key->size() != 32) {
            throw core::UsageError("--key: a public key is 64 hex digits");
        }
        keys.push_back(*key);
    }
    return keys;
}

int audit_verify(const GlobalOptions& global, const TrailOptions& options) {
    Session session(global);
    const auto keys = keys_of(session.tenants(), options.keys);
    const auto heads = published_heads(session.tenants(), options.published);
    std::vector<core::TenantId> all{core::kInstance};
    for (const auto& tenant : session.tenants().all()) {
        all.push_back(tenant->settings->id);
    }
    if (!options.tenant.empty()) {
        all = {whose(session, options.tenant)};
    }
    core::json::Writer json(1);
    std::string text;
    json.begin_object().key("trails").begin_array();
    bool sound = true;
    for (const auto& tenant : all) {
        core::db::TenantTransaction transaction(session.database(), tenant);
        const auto verified = audit::verify_trail(transaction, keys, heads);
        sound = sound && verified.found.empty();
        json.begin_object()
            .member("tenant", tenant.text())
            .member("records", verified.records)
            .member("heads", static_cast<std::int64_t>(verified.heads))
            .key("found")
            .begin_array();
        for (const auto& one : verified.found) {
            json.value(one);
            text += "BROKEN " + one + "\n";
        }
        json.end_array().end_object();
        if (verified.found.empty()) {
            text += tenant.text() + ": " + std::to_string(verified.records) + " records and " +
                    std::to_string(verified.heads) + " heads are as they were signed\n";
        }
    }
    json.end_array()
        .member("published_heads", static_cast<std::int64_t>(heads.size()))
        .member("sound", sound)
        .end_object();
    print(global.json ? json.text() + "\n" : text);
    if (heads.empty()) {
        tell(global,
             "no head published elsewhere was given: a trail that was taken back as a whole can't be told; set "
             "audit.checkpoint_file, or give --published");
    }
    return sound ? 0 : 1;
}

int audit_checkpoint(const GlobalOptions& global) {
    Session session(global);
    (void)session.database();
    const auto published = publish_heads(session.application(), session.tenants(), session.clock().now());
    core::json::Writer json(1);
    json.begin_object().member("heads", published).end_object();
    print(global.json ? json.text() + "\n" : std::to_string(published) + " heads published\n");
    return 0;
}

// All of the trail may be read for it, which must not be done under its lock: others act meanwhile.
void make_head(Session& session, const core::TenantId& tenant) {
    core::db::TenantTransaction transaction(session.database(), tenant);
    (void)session.tenants().trail().make_head(transaction, session.clock().now());
    transaction.commit();
}

int audit_export(const GlobalOptions& global, const TrailOptions& options) {
    Session session(global);
    const auto tenant = whose(session, options.tenant);
    make_head(session, tenant);
    session.act(tenant, {"trail.export", options.out}, [](auto&, auto&) {});
    make_head(session, tenant);
    std::string bundle;
    std::int64_t lines = 0;
    core::db::TenantTransaction transaction(session.database(), tenant);
    audit::write_bundle(transaction, session.tenants().trail(), [&](const std::string& line) {
        bundle += line + "\n";
        ++lines;
    });
    core::write_file(options.out, bundle, 0640);
    core::json::Writer json(1);
    json.begin_object().member("bundle", options.out).member("lines", lines).end_object();
    print(global.json ? json.text() + "\n" : options.out + "\n");
    return 0;
}

std::string object_of(const audit::ProofWanted& wanted) {
    return (wanted.record ? "record " + std::to_string(*wanted.record) : "") +
           (wanted.record && wanted.earlier_size > 0 ? ", " : "") +
           (wanted.earlier_size > 0 ? "head of " + std::to_string(wanted.earlier_size) : "");
}

int audit_prove(const GlobalOptions& global, const TrailOptions& options) {
    const auto& wanted = options.proof;
    if (!wanted.record && wanted.earlier_size == 0) {
        throw core::UsageError("--record or --from: one of them says what is to be proved");
    }
    Session session(global);
    const auto tenant = whose(session, options.tenant);
    if (wanted.head_size == 0) {
        make_head(session, tenant);
    }
    audit::TrailProof proof;
    session.act(tenant, {"trail.prove", object_of(wanted)},
                [&](core::db::TenantTransaction& transaction, auto&) { proof = audit::prove(transaction, wanted); });
    core::write_file(options.out, audit::proof_line(proof) + "\n", 0640);
    core::json::Writer json(1);
    json.begin_object().member("proof", options.out).key("record");
    wanted.record ? json.value(*wanted.record) : json.null();
    json.key("earlier");
    proof.earlier ? json.value(static_cast<std::int64_t>(proof.earlier->head.size)) : json.null();
    json.member("head", static_cast<std::int64_t>(proof.head.head.size)).end_object();
    print(global.json ? json.text() + "\n" : options.out + "\n");
    return 0;
}

int audit_key(const GlobalOptions& global) {
    const Tenants tenants(config::find_configuration(global.config));
    const auto& key = tenants.trail().key();
    const auto hex = core::crypto::hex_encode(key.public_key());
    core::json::Writer json(1);
    json.begin_object().member("algorithm", "Ed25519").member("id", key.id()).member("public_key", hex).end_object();
    print(global.json ? json.text() + "\n" : hex + "\n");
    return 0;
}

}  // namespace

void add_trail(CLI::App& audit, const GlobalOptions& global, std::function<int()>& run) {
    const auto options = std::make_shared<TrailOptions>();
    const auto add = [&](const char* name, const char* help, int (*act)(const GlobalOptions&, const TrailOptions&)) {
        auto* command = audit.add_subcommand(name, help);
        command->callback(
            [&global, &run, options, act] { run = [&global, options, act] { return act(global, *options); }; });
        return command;
    };
    const char* whose_trail = "The tenant, or _instance for what belongs to none alone";
    auto* trail =
        add("trail", "Who did what with more than everybody's rights, from where, and what came of it", audit_trail);
    trail->add_option("--tenant", options->tenant, whose_trail)->required();
    trail->add_option("--act", options->act, "Only these acts: key.issue, or key. for all of keys");
    trail->add_option("--actor", options->actor, "Only what this key or login did");
    trail->add_option("--after", options->after, "Only records after this number")->check(CLI::NonNegativeNumber);
    trail->add_option("--limit", options->limit, "At most so many (100 without it)")
        ->check(CLI::Range(std::int64_t{1}, kLimitMax));
    auto* acts = add("acts", "How often each privileged act was done or refused, by tenant", audit_acts);
    acts->add_option("--tenant", options->tenant, "Only this tenant's, or _instance");
    for (auto* command : {trail, acts}) {
        command->add_option("--from", options->from, "Only from this day on, in UTC");
        command->add_option("--to", options->to, "Only to this day, in UTC");
    }
    auto* verify =
        add("verify", "Holds the trail against its signatures and published heads; exit 1 when something was changed",
            audit_verify);
    verify->add_option("--tenant", options->tenant, "Only this tenant's, or _instance");
    verify
        ->add_option("--published", options->published,
                     "Heads kept elsewhere, one a line (audit.checkpoint_file without it)")
        ->check(CLI::ExistingFile);
    verify->add_option("--key", options->keys, "A public key that signed before the present one, 64 hex digits");
    auto* bundle =
        add("export", "Writes a tenant's trail for duizhang-verify, which needs neither database nor service",
            audit_export);
    bundle->add_option("--tenant", options->tenant, whose_trail)->required();
    bundle->add_option("--out", options->out, "The file")->required();
    auto* proof = add("prove",
                      "Proves a record, or that one signed head goes on from another, to who may not see the rest: for "
                      "duizhang-verify proof",
                      audit_prove);
    proof->add_option("--tenant", options->tenant, whose_trail)->required();
    proof->add_option("--record", options->proof.record, "The record's number")->check(CLI::PositiveNumber);
    proof->add_option("--from", options->proof.earlier_size, "The earlier head, by its size")
        ->check(CLI::PositiveNumber);
    proof
        ->add_option("--head", options->proof.head_size,
                     "The head, by its size; without it the last, made anew of what was added")
        ->check(CLI::PositiveNumber);
    proof->add_option("--out", options->out, "The file")->required();
    add("checkpoint", "Signs and publishes the heads of what was added, which the service does every minute",
        [](const GlobalOptions& all, const TrailOptions&) { return audit_checkpoint(all); });
    add("key", "Prints the public key that the trail is signed with",
        [](const GlobalOptions& all, const TrailOptions&) { return audit_key(all); });
}

}  // namespace server

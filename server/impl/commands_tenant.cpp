#include "server/impl/commands_tenant.h"

#include <algorithm>
#include <memory>

#include "config/template.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/json/writer.h"
#include "core/text/encoding.h"
#include "server/application.h"
#include "server/console_text.h"
#include "server/example_configuration.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{64} << 20U;

struct Add {
    std::string named;
    std::string id;
    std::string name;
    std::string currency;
};

struct Upgrade {
    std::string tenant;
    std::string named;
    bool dry_run = false;
};

const config::TenantTemplate& require_template(const std::string& id) {
    const auto* found = config::find_template(config::tenant_templates(), id);
    if (found == nullptr) {
        std::string ids;
        for (const auto& one : config::tenant_templates()) {
            ids += (ids.empty() ? "" : ", ") + config::id_of(one);
        }
        throw core::UsageError("--template: there is no \"" + id + "\"; there are " + ids);
    }
    return *found;
}

// A text in TOML's quotes.
std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
    return out + "\"";
}

void require_sound(const Add& options, const Tenants& tenants) {
    if (!core::is_tenant_id(options.id)) {
        throw core::UsageError("--id: must be 1 to 32 of a-z, 0-9 and -");
    }
    if (tenants.find(options.id) != nullptr) {
        throw core::UsageError("--id: there is a tenant \"" + options.id + "\" already");
    }
    const bool has_control = std::any_of(options.name.begin(), options.name.end(),
                                         [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; });
    if (has_control || !core::text::is_valid_utf8(options.name)) {
        throw core::UsageError("--name: must be UTF-8 without control characters");
    }
    if (!core::Currency::from_code(options.currency)) {
        throw core::UsageError("--currency: \"" + options.currency + "\" is no ISO 4217 code");
    }
}

// The channels of the example, every line behind a '#', with the tenant's own folder of keys.
std::string channels_to_fill_in(const std::string& id) {
    const auto example = example_configuration();
    const auto begin = example.find("# [tenant.wechatpay]");
    std::string text(example.substr(begin, example.find("# [[tenant.split]]") - begin));
    const std::string folder = "keys/acme/";
    for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder, at + 1)) {
        text.replace(at, folder.size(), "keys/" + id + "/");
    }
    return text;
}

std::string tenant_file_text(const Add& options, const config::TenantTemplate& named) {
    const auto id = config::id_of(named);
    return "# What this tenant's template says holds where this file says nothing; `duizhang tenant templates NAME` "
           "shows "
           "it.\n# To have a split, a channel's fees or a key otherwise, say it here. `duizhang tenant upgrade " +
           options.id + "` goes\n# on to the template's newest version, and leaves what is said here as it is.\n\n" +
           "[[tenant]]\nid = " + quoted(options.id) + "\nname = " + quoted(options.name) +
           "\ncurrency = " + quoted(options.currency) + "\ntemplate = " + quoted(id) +
           "\n\n# The channels: take away the '#' of those there are.\n#\n" + channels_to_fill_in(options.id);
}

std::string told_template(const std::string& id) {
    core::json::Writer json;
    return json.begin_object().member("template", id).end_object().text();
}

int add(const GlobalOptions& global, const Add& options) {
    const auto configuration = config::find_configuration(global.config);
    const auto& named = require_template(options.named);
    require_sound(options, Tenants(configuration));
    const auto folder = std::filesystem::absolute(configuration).parent_path() / "tenants.d";
    const auto file = folder / (options.id + ".toml");
    if (std::filesystem::exists(file)) {
        throw core::UsageError(file.string() + ": is there already; tenant add never overwrites a configuration");
    }
    std::filesystem::create_directories(folder);
    Session(global).act(core::kInstance, {"tenant.add", "tenant " + options.id}, [&](auto&, auto& act) {
        act.after = told_template(config::id_of(named));
        core::write_file(file, tenant_file_text(options, named), 0644);
    });
    if (global.json) {
        core::json::Writer json(1);
        json.begin_object().member("file", file.string()).member("template", config::id_of(named)).end_object();
        print(json.text() + "\n");
    } else {
        print(file.string() + ": from " + config::id_of(named) +
              "; fill in its channels, then `duizhang config check`\n");
    }
    return 0;
}

int show_templates(const GlobalOptions& global, const std::string& id) {
    if (!id.empty() && !global.json) {
        print(std::string(require_template(id).text));
        return 0;
    }
    core::json::Writer json(1);
    Table table({"模板 Template", "说明 Description"});
    json.begin_object().key("templates").begin_array();
    for (const auto& one : config::tenant_templates()) {
        if (!id.empty() && &one != &require_template(id)) {
            continue;
        }
        json.begin_object()
            .member("template", config::id_of(one))
            .member("description", config::description_of(one))
            .member("toml", one.text)
            .end_object();
        table.add({config::id_of(one), config::description_of(one)});
    }
    json.end_array().end_object();
    print(global.json ? json.text() + "\n" : table.text());
    return 0;
}

// The file that has the tenant, and its text.
struct Holding {
    std::filesystem::path file;
    std::string text;
    std::string named;  // the tenant's template, or empty
};

Holding find_holding(const std::filesystem::path& configuration, const std::string& tenant) {
    for (const auto& file : config::tenant_files(configuration)) {
        auto text = core::read_file(file, kFileBytesMax);
        if (const auto named = config::template_of(text, tenant)) {
            return {file, std::move(text), *named};
        }
    }
    throw core::UsageError("there is no tenant \"" + tenant + "\"");
}

const char* word_of(config::ChangeEffect effect) {
    switch (effect) {
        case config::ChangeEffect::applies:
            return "applies";
        case config::ChangeEffect::own_stays:
            return "own stays";
        case config::ChangeEffect::no_such_channel:
            return "no such channel";
    }
    return "";
}

std::string json_of(const Holding& holding, const std::string& id, const std::vector<config::TemplateChange>& changes) {
    core::json::Writer json(1);
    json.begin_object()
        .member("file", holding.file.string())
        .member("from", holding.named)
        .member("to", id)
        .key("changes")
        .begin_array();
    for (const auto& change : changes) {
        json.begin_object()
            .member("key", change.key)
            .member("before", change.before)
            .member("after", change.after)
            .member("effect", word_of(change.effect))
            .end_object();
    }
    return json.end_array().end_object().text() + "\n";
}

std::string table_of(const Holding& holding, const std::string& id,
                     const std::vector<config::TemplateChange>& changes) {
    std::string out =
        holding.file.string() + ": " + (holding.named.empty() ? "no template" : holding.named) + " -> " + id;
    for (const auto& change : changes) {
        out += "\n" + change.key + ": " + word_of(change.effect);
        out += change.before.empty() ? "" : "\n  - " + change.before;
        out += change.after.empty() ? "" : "\n  + " + change.after;
    }
    return out + "\n";
}

int upgrade(const GlobalOptions& global, const Upgrade& options) {
    const auto configuration = config::find_configuration(global.config);
    const Tenants tenants(configuration);  // what is wrong already is not made worse
    const auto holding = find_holding(configuration, tenants.require(options.tenant).settings->id.text());
    if (holding.named.empty() && options.named.empty()) {
        throw core::UsageError("--template: tenant " + options.tenant + " has none yet; name one");
    }
    const auto& to =
        require_template(options.named.empty() ? holding.named.substr(0, holding.named.find('@')) : options.named);
    const auto* from = config::find_template(config::tenant_templates(), holding.named);
    const auto changes = config::template_changes(holding.text, options.tenant, from, to);
    if (!options.dry_run && config::id_of(to) != holding.named) {
        const auto mode = static_cast<unsigned>(std::filesystem::status(holding.file).permissions());
        Session(global).act(core::kInstance, {"tenant.upgrade", "tenant " + options.tenant}, [&](auto&, auto& act) {
            act.before = told_template(holding.named);
            act.after = told_template(config::id_of(to));
            core::write_file(holding.file, config::with_template(holding.text, options.tenant, config::id_of(to)),
                             mode);
        });
    }
    print(global.json ? json_of(holding, config::id_of(to), changes) : table_of(holding, config::id_of(to), changes));
    return 0;
}

}  // namespace

void add_tenant_templates(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
    auto* tenant = app.get_subcommand("tenant");
    const auto added = std::make_shared<Add>();
    auto* sub = tenant->add_subcommand("add", "Writes tenants.d/ID.toml from an industry's template");
    sub->add_option("--template", added->named, "retail, fresh-food, cross-border; `tenant templates`")->required();
    sub->add_option("--id", added->id, "1 to 32 of a-z, 0-9 and -")->required();
    sub->add_option("--name", added->name, "For people")->required();
    sub->add_option("--currency", added->currency, "ISO 4217")->required();
    sub->callback([&run, &global, added] { run = [&global, added] { return add(global, *added); }; });

    const auto id = std::make_shared<std::string>();
    auto* list = tenant->add_subcommand("templates", "The industries' templates, or what one says");
    list->add_option("template", *id, "retail@1, or retail for its newest version");
    list->callback([&run, &global, id] { run = [&global, id] { return show_templates(global, *id); }; });

    const auto upgraded = std::make_shared<Upgrade>();
    auto* newer = tenant->add_subcommand("upgrade", "Another version of a tenant's template; its own values stay");
    newer->add_option("id", upgraded->tenant, "The tenant's id")->required();
    newer->add_option("--template", upgraded->named, "Which; the newest of the tenant's when left out");
    newer->add_flag("--dry-run", upgraded->dry_run, "Only show what would change");
    newer->callback([&run, &global, upgraded] { run = [&global, upgraded] { return upgrade(global, *upgraded); }; });
}

}  // namespace server

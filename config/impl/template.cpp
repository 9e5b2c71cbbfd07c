#include "config/impl/template.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <sstream>

#include "core/failure.h"

namespace config {
namespace {

constexpr std::string_view kSplit = "split";

toml::table parse(std::string_view text) {
    try {
        return toml::parse(text);
    } catch (const toml::parse_error& error) {
        throw core::UsageError("line " + std::to_string(error.source().begin.line) + ": " +
                               std::string(error.description()));
    }
}

// The tables of [[KEY]]; none when something else stands there, which is complained about where it is read.
std::vector<toml::table*> tables_of(toml::table& table, std::string_view key) {
    std::vector<toml::table*> tables;
    if (auto* array = table.get_as<toml::array>(key)) {
        for (auto& item : *array) {
            if (auto* row = item.as_table()) {
                tables.push_back(row);
            }
        }
    }
    return tables;
}

std::string text_at(const toml::table& table, std::string_view key) {
    const auto* value = table.get_as<std::string>(key);
    return value == nullptr ? std::string() : value->get();
}

toml::table* split_named(toml::table& tenant, const std::string& name) {
    for (auto* split : tables_of(tenant, kSplit)) {
        if (text_at(*split, "name") == name) {
            return split;
        }
    }
    return nullptr;
}

void add_splits(toml::table& tenant, toml::table& said) {
    for (auto* split : tables_of(said, kSplit)) {
        if (split_named(tenant, text_at(*split, "name")) != nullptr) {
            continue;
        }
        if (!tenant.contains(kSplit)) {
            tenant.insert(kSplit, toml::array{});
        }
        if (auto* splits = tenant.get_as<toml::array>(kSplit)) {
            splits->push_back(*split);
        }
    }
}

void fill_in(toml::table& tenant, toml::table& said) {
    add_splits(tenant, said);
    for (auto& [key, node] : said) {
        if (key == kSplit) {
            continue;
        }
        auto* channel = node.as_table();
        if (channel == nullptr) {
            tenant.insert(key.str(), node);  // only where nothing stands there
        } else if (auto* own = tenant.get_as<toml::table>(key.str())) {
            for (auto& [name, value] : *channel) {
                own->insert(name.str(), value);
            }
        }
    }
}

toml::table* tenant_in(toml::table& document, const std::string& id) {
    for (auto* tenant : tables_of(document, "tenant")) {
        if (text_at(*tenant, "id") == id) {
            return tenant;
        }
    }
    return nullptr;
}

// One value that a template says, and what of a tenant's would take its place: {"split", name}, {channel, key} or
// {key}.
struct Said {
    std::string value;
    std::vector<std::string> place;
};
using AllSaid = std::map<std::string, Said>;

// As TOML, in one line.
std::string text_of(const toml::node& node) {
    std::ostringstream out;
    node.visit([&](const auto& value) { out << value; });
    std::string text;
    for (const char c : out.str()) {
        const bool blank = c == '\n' || c == ' ';
        if (!blank || !text.ends_with(' ')) {
            text += blank ? ' ' : c;
        }
    }
    return text;
}

void add_said(AllSaid& all, const std::string& key, const toml::node& node, const std::vector<std::string>& place) {
    const auto* rows = key == "shares" ? nullptr : node.as_array();
    if (rows == nullptr || !rows->is_homogeneous<toml::table>()) {
        all[key] = {text_of(node), place};
        return;
    }
    for (std::size_t i = 0; i < rows->size(); ++i) {
        for (const auto& [name, value] : *rows->get_as<toml::table>(i)) {
            all[key + "[" + std::to_string(i) + "]." + std::string(name.str())] = {text_of(value), place};
        }
    }
}

AllSaid all_said(toml::table& root) {
    AllSaid all;
    for (auto* split : tables_of(root, kSplit)) {
        const auto name = text_at(*split, "name");
        for (const auto& [key, node] : *split) {
            all["split." + name + "." + std::string(key.str())] = {text_of(node), {std::string(kSplit), name}};
        }
    }
    for (const auto& [key, node] : root) {
        const std::string name(key.str());
        if (const auto* channel = node.as_table()) {
            for (const auto& [inner, value] : *channel) {
                add_said(all, name + "." + std::string(inner.str()), value, {name, std::string(inner.str())});
            }
        } else if (name != kSplit) {
            add_said(all, name, node, {name});
        }
    }
    return all;
}

ChangeEffect effect_on(toml::table& tenant, const std::vector<std::string>& place) {
    const auto own = [](bool there) { return there ? ChangeEffect::own_stays : ChangeEffect::applies; };
    if (place.size() == 1) {
        return own(tenant.contains(place[0]));
    }
    if (place[0] == kSplit) {
        return own(split_named(tenant, place[1]) != nullptr);
    }
    const auto* channel = tenant.get_as<toml::table>(place[0]);
    return channel == nullptr ? ChangeEffect::no_such_channel : own(channel->contains(place[1]));
}

// Where the line begins that the node stands in.
std::size_t line_of(std::string_view text, const toml::node& node) {
    std::size_t at = 0;
    for (auto line = node.source().begin.line; line > 1; --line) {
        at = text.find('\n', at) + 1;
    }
    return at;
}

bool says_the_same(std::string_view text, const toml::table& document) {
    try {
        return toml::parse(text) == document;
    } catch (const toml::parse_error&) {
        return false;
    }
}

}  // namespace

std::string id_of(const TenantTemplate& named) { return std::string(named.name) + "@" + std::to_string(named.version); }

std::string description_of(const TenantTemplate& named) {
    const auto line = named.text.substr(0, named.text.find('\n'));
    return std::string(line.starts_with("# ") ? line.substr(2) : line);
}

const TenantTemplate* find_template(const std::vector<TenantTemplate>& templates, std::string_view id) {
    const TenantTemplate* found = nullptr;
    for (const auto& one : templates) {
        if (id_of(one) == id || (one.name == id && (found == nullptr || found->version < one.version))) {
            found = &one;
        }
    }
    return found;
}

void apply_templates(toml::table& document, const std::vector<TenantTemplate>& templates) {
    for (auto* tenant : tables_of(document, "tenant")) {
        const auto id = text_at(*tenant, "template");
        const auto* named = id.find('@') == std::string::npos ? nullptr : find_template(templates, id);
        if (named != nullptr) {
            auto said = parse(named->text);
            fill_in(*tenant, said);
        }
    }
}

std::optional<std::string> template_of(std::string_view toml, const std::string& tenant) {
    auto document = parse(toml);
    const auto* found = tenant_in(document, tenant);
    return found == nullptr ? std::nullopt : std::optional(text_at(*found, "template"));
}

std::vector<TemplateChange> template_changes(std::string_view toml, const std::string& tenant,
                                             const TenantTemplate* from, const TenantTemplate& to) {
    auto document = parse(toml);
    auto* found = tenant_in(document, tenant);
    core::ensure(found != nullptr, "the file has the tenant");
    auto old_root = parse(from == nullptr ? "" : from->text);
    auto new_root = parse(to.text);
    const auto before = all_said(old_root);
    const auto after = all_said(new_root);
    std::map<std::string, TemplateChange> changes;
    for (const auto& [key, said] : before) {
        changes.emplace(key, TemplateChange{key, said.value, "", effect_on(*found, said.place)});
    }
    for (const auto& [key, said] : after) {
        changes.emplace(key, TemplateChange{key, "", "", effect_on(*found, said.place)}).first->second.after =
            said.value;
    }
    std::vector<TemplateChange> differing;
    for (auto& [key, change] : changes) {
        if (change.before != change.after) {
            differing.push_back(std::move(change));
        }
    }
    return differing;
}

std::string with_template(std::string_view toml, const std::string& tenant, const std::string& id) {
    auto document = parse(toml);
    auto* found = tenant_in(document, tenant);
    core::ensure(found != nullptr, "the file has the tenant");
    std::string text(toml);
    const std::string line = "template = \"" + id + "\"";
    if (const auto* named = found->get("template")) {
        const auto begin = line_of(text, *named);
        const auto end = std::min(text.find('\n', begin), text.size());
        const auto comment = std::min(text.find('#', begin), end);
        text.replace(begin, comment - begin, line + (comment < end ? "  " : ""));
    } else {
        const auto end = text.find('\n', line_of(text, *found->get("id")));
        text.insert(end == std::string::npos ? text.size() : end + 1,
                    (end == std::string::npos ? "\n" : "") + line + "\n");
    }
    found->insert_or_assign("template", id);
    if (!says_the_same(text, document)) {
        throw core::UsageError("tenant " + tenant + " is written in a way that can't be changed; write " + line +
                               " into its table");
    }
    return text;
}

}  // namespace config

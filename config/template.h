// Industry templates: splits, fees, time zones and calendars that a tenant has as long as it says nothing else. They
// are built into the program, each version for ever: a tenant names one, template = "retail@1", and a newer program
// serves it the same.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace config {

struct TenantTemplate {
    std::string_view name;  // "retail"
    int version;
    std::string_view text;  // TOML: what can stand in a [[tenant]] table, beginning with a comment that describes it
};

// All there are, in order of names and versions: config/templates/NAME-VERSION.toml.
const std::vector<TenantTemplate>& tenant_templates();

std::string id_of(const TenantTemplate& named);  // "retail@1"
// The first line of its comment.
std::string description_of(const TenantTemplate& named);
// "retail@1" is that version; "retail" the newest. Null when there is none.
const TenantTemplate* find_template(const std::vector<TenantTemplate>& templates, std::string_view id);

// The files tenants may stand in: the configuration and its tenants.d/*.toml. Throws core::UsageError.
std::vector<std::filesystem::path> tenant_files(const std::filesystem::path& configuration);

// Here and below `toml` is a file's text; one that can't be parsed is a core::UsageError.
// The template that the tenant names, "" for none; nothing when the file has no such tenant.
std::optional<std::string> template_of(std::string_view toml, const std::string& tenant);

// What another template says otherwise, and what comes of it for the tenant.
enum class ChangeEffect { applies, own_stays, no_such_channel };
struct TemplateChange {
    std::string key;            // "split.consignment.when", "wechatpay.fee[0].basis_points"
    std::string before, after;  // as in TOML; empty where nothing is said
    ChangeEffect effect;
};
// `from` is null for a tenant without a template. By key.
std::vector<TemplateChange> template_changes(std::string_view toml, const std::string& tenant,
                                             const TenantTemplate* from, const TenantTemplate& to);
// The text with another template for the tenant, and every other byte as it is.
std::string with_template(std::string_view toml, const std::string& tenant, const std::string& id);

}  // namespace config

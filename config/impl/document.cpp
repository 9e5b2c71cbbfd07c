#include "config/document.h"

#include <algorithm>

#include "config/impl/node.h"
#include "config/impl/template.h"
#include "core/failure.h"
#include "core/files.h"

namespace config {
namespace {

constexpr std::size_t kConfigBytesMax = 64U << 20U;  // of fifty thousand tenants

toml::table parse_toml(std::string_view text, const std::string& shown_name) {
    try {
        return toml::parse(text, shown_name);
    } catch (const toml::parse_error& error) {
        const auto at = error.source().begin;
        throw core::UsageError(shown_name + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " +
                               std::string(error.description()));
    }
}

// The table of that name ("service.limits"), made where it is missing. Null when a value stands in its place.
toml::table* table_named(toml::table& root, std::string_view name) {
    toml::table* table = &root;
    while (table != nullptr && !name.empty()) {
        const auto dot = std::min(name.find('.'), name.size());
        const std::string part(name.substr(0, dot));
        name.remove_prefix(std::min(dot + 1, name.size()));
        if (!table->contains(part)) {
            table->insert_or_assign(part, toml::table{});
        }
        table = table->get_as<toml::table>(part);
    }
    return table;
}

}  // namespace

Document::Document(const std::filesystem::path& file) : shared_(std::make_shared<Shared>()) {
    std::string text;
    try {
        text = core::read_file(file, kConfigBytesMax);
    } catch (const core::InputError& error) {
        throw core::UsageError(error.what());
    }
    shared_->shown_name = file.string();
    shared_->folder = std::filesystem::absolute(file).parent_path();
    shared_->root = parse_toml(text, shared_->shown_name);
}

Document::Document(std::string_view toml, const std::string& shown_name, const std::filesystem::path& folder)
    : shared_(std::make_shared<Shared>()) {
    shared_->shown_name = shown_name;
    shared_->folder = folder;
    shared_->root = parse_toml(toml, shown_name);
}

Section Document::root() { return make_section(shared_, &shared_->root, ""); }

void Document::override_value(const std::string& section, const std::string& key, const std::string& value) {
    auto* table = table_named(shared_->root, section);
    if (table == nullptr) {
        return;  // there is something else in its place, which will be complained about
    }
    // The environment has texts only: the type is that of the value the text spells.
    if (value == "true" || value == "false") {
        table->insert_or_assign(key, value == "true");
    } else if (!value.empty() && value.size() < 18 &&
               std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        table->insert_or_assign(key, static_cast<std::int64_t>(std::stoll(value)));
    } else {
        table->insert_or_assign(key, value);
    }
}

void Document::leave(std::string_view key) { shared_->known[&shared_->root].emplace(key); }

void Document::remove(const std::string& section, const std::string& key) {
    if (auto* table = shared_->root.get_as<toml::table>(section)) {
        table->erase(key);
    }
}

void Document::apply_templates(const std::vector<TenantTemplate>& templates) {
    config::apply_templates(shared_->root, templates);
}

const std::vector<SecretFile>& Document::secret_files() const { return shared_->secret_files; }

const std::vector<NamedFile>& Document::named_files() const { return shared_->named_files; }

std::vector<std::string> Document::finish() {
    complain_about_unclaimed(*shared_, shared_->root, "");
    std::stable_sort(shared_->complaints.begin(), shared_->complaints.end(),
                     [](const Complaint& a, const Complaint& b) { return a.line < b.line; });
    std::vector<std::string> texts;
    for (const auto& complaint : shared_->complaints) {
        texts.push_back(complaint.text);
    }
    return texts;
}

}  // namespace config

#include "config/section.h"

#include <cstdlib>

#include "config/impl/node.h"
#include "core/failure.h"
#include "core/files.h"

namespace config {
namespace {

constexpr std::size_t kReferencedBytesMax = 1U << 20U;

std::string joined(const std::string& section, std::string_view key) {
    return section.empty() ? std::string(key) : section + "." + std::string(key);
}

void complain_in(Section::Impl& impl, std::string_view key, const std::string& what) {
    auto& shared = *impl.shared;
    std::uint32_t line = impl.table->source().begin.line;
    if (const auto* node = impl.table->get(key)) {
        line = node->source().begin.line;
    }
    shared.complaints.push_back({line, impl.name, shared.place(line) + ": " + joined(impl.name, key) + ": " + what});
}

// The node under the key, remembered as asked for.
toml::node* claim(Section::Impl& impl, std::string_view key) {
    impl.shared->known[impl.table].emplace(key);
    return impl.table->get(key);
}

}  // namespace

Section make_section(const std::shared_ptr<Document::Shared>& shared, toml::table* table, std::string name) {
    shared->known[table];
    return Section(std::make_shared<Section::Impl>(Section::Impl{shared, table, std::move(name)}));
}

const std::string& Section::name() const { return impl_->name; }

std::optional<std::string> Section::text(std::string_view key) {
    const auto* node = claim(*impl_, key);
    if (node == nullptr) {
        return std::nullopt;
    }
    const auto* value = node->as_string();
    if (value == nullptr) {
        complain_in(*impl_, key, "must be a text in quotes");
        return std::nullopt;
    }
    if (value->get().find('\0') != std::string::npos) {
        complain_in(*impl_, key, "must not hold a NUL character");
        return std::nullopt;
    }
    return value->get();
}

std::optional<std::int64_t> Section::integer(std::string_view key, std::int64_t min, std::int64_t max) {
    const auto* node = claim(*impl_, key);
    if (node == nullptr) {
        return std::nullopt;
    }
    const auto* value = node->as_integer();
    if (value == nullptr || value->get() < min || value->get() > max) {
        const std::string bounds = std::to_string(min) + " to " + std::to_string(max);
        const std::string found = value != nullptr ? ", not " + std::to_string(value->get()) : "";
        complain_in(*impl_, key, "must be a whole number from " + bounds + found);
        return std::nullopt;
    }
    return value->get();
}

std::optional<bool> Section::boolean(std::string_view key) {
    const auto* node = claim(*impl_, key);
    if (node == nullptr) {
        return std::nullopt;
    }
    const auto* value = node->as_boolean();
    if (value == nullptr) {
        complain_in(*impl_, key, "must be true or false");
        return std::nullopt;
    }
    return value->get();
}

std::string Section::required_text(std::string_view key) {
    const bool there = claim(*impl_, key) != nullptr;
    auto value = text(key);
    if (!there) {
        complain_in(*impl_, key, "is missing");
    }
    return value.value_or("");
}

core::KeyBytes Section::secret(std::string_view key) {
    const std::string reference = required_text(key);
    return reference.empty() ? core::KeyBytes() : resolve_secret(key, reference);
}

core::KeyBytes Section::resolve_secret(std::string_view key, const std::string& reference) {
    return resolve(key, reference, false);
}

core::KeyBytes Section::resolve_custodians_secret(std::string_view key, const std::string& reference) {
    return resolve(key, reference, true);
}

core::KeyBytes Section::resolve(std::string_view key, const std::string& reference, bool may_be_custodians) {
    if (reference.starts_with("env:")) {
        const char* value = std::getenv(reference.substr(4).c_str());  // NOLINT(concurrency-mt-unsafe): at start only
        if (value == nullptr || *value == '\0') {
            complain_in(*impl_, key, "the environment has no " + reference.substr(4));
            return {};
        }
        return core::KeyBytes(value);
    }
    if (!reference.starts_with("file:")) {
        complain_in(*impl_, key, "a secret is a reference, file:PATH or env:NAME, never the value itself");
        return {};
    }
    const auto file = resolve_path(reference.substr(5));
    try {
        core::KeyBytes bytes(may_be_custodians ? core::read_custodian_file(file) : core::read_private_file(file));
        impl_->shared->secret_files.push_back({joined(impl_->name, key), file, may_be_custodians});
        return bytes;
    } catch (const core::Failure& failure) {
        complain_in(*impl_, key, failure.what());
        return {};
    }
}

std::string Section::file_contents(std::string_view key, const std::string& path) {
    if (path.empty()) {
        return {};
    }
    try {
        auto contents = core::read_file(resolve_path(path), kReferencedBytesMax);
        impl_->shared->named_files.push_back({joined(impl_->name, key), resolve_path(path)});
        return contents;
    } catch (const core::Failure& failure) {
        complain_in(*impl_, key, failure.what());
        return {};
    }
}

std::filesystem::path Section::resolve_path(const std::string& path) const {
    const std::filesystem::path given(path);
    return given.is_absolute() ? given : impl_->shared->folder / given;
}

std::vector<ListItem> Section::list(std::string_view key) {
    auto* node = claim(*impl_, key);
    if (node == nullptr) {
        return {};
    }
    auto* array = node->as_array();
    if (array == nullptr) {
        complain_in(*impl_, key, "must be a list, [ ... ]");
        return {};
    }
    std::vector<ListItem> items;
    for (auto& item : *array) {
        if (const auto* value = item.as_string()) {
            items.push_back({value->get(), std::nullopt});
        } else if (auto* table = item.as_table()) {
            items.push_back({std::nullopt, make_section(impl_->shared, table, joined(impl_->name, key))});
        } else {
            complain_in(*impl_, key, "its items must be texts or tables");
        }
    }
    return items;
}

std::vector<Section> Section::tables(std::string_view key) {
    auto* node = claim(*impl_, key);
    if (node == nullptr) {
        return {};
    }
    auto* array = node->as_array();
    if (array == nullptr || !array->is_homogeneous<toml::table>()) {
        complain_in(*impl_, key, "must be written as [[" + joined(impl_->name, key) + "]] tables");
        return {};
    }
    std::vector<Section> sections;
    for (auto& item : *array) {
        sections.push_back(make_section(impl_->shared, item.as_table(), joined(impl_->name, key)));
    }
    return sections;
}

std::optional<Section> Section::table(std::string_view key) {
    auto* node = claim(*impl_, key);
    if (node == nullptr) {
        return std::nullopt;
    }
    auto* table = node->as_table();
    if (table == nullptr) {
        complain_in(*impl_, key, "must be a table, [" + joined(impl_->name, key) + "]");
        return std::nullopt;
    }
    return make_section(impl_->shared, table, joined(impl_->name, key));
}

std::vector<std::string> Section::unclaimed_tables() const {
    std::vector<std::string> names;
    const auto& known = impl_->shared->known[impl_->table];
    for (const auto& [key, node] : *impl_->table) {
        const std::string text(key.str());
        if (node.is_table() && !known.contains(text)) {
            names.push_back(text);
        }
    }
    return names;
}

void Section::complain(std::string_view key, const std::string& what) { complain_in(*impl_, key, what); }

bool Section::complained() const {
    for (const auto& complaint : impl_->shared->complaints) {
        if (complaint.section == impl_->name || complaint.section.starts_with(impl_->name + ".")) {
            return true;
        }
    }
    return false;
}

}  // namespace config

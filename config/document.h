// Document: one TOML file, or several that belong together, with everything that is wrong about them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/section.h"
#include "config/template.h"

namespace config {

class Document {
public:
    // Reads and parses. Throws core::UsageError naming file, line and column.
    explicit Document(const std::filesystem::path& file);
    // The same for text that isn't in a file (tests); relative paths are relative to `folder`.
    Document(std::string_view toml, const std::string& shown_name, const std::filesystem::path& folder);

    Section root();

    // A single key from outside the file ("service", "listen", "127.0.0.1:9") taking the place of the file's.
    // A section that the file doesn't have is made, also one within another ("service.limits").
    void override_value(const std::string& section, const std::string& key, const std::string& value);
    // Puts what the templates say that its tenants name where they say nothing (impl/template.h).
    void apply_templates(const std::vector<TenantTemplate>& templates);
    // A key at the top that somebody else reads: no complaint about it.
    void leave(std::string_view key);
    // As if the file didn't have the key.
    void remove(const std::string& section, const std::string& key);

    // Those that secrets were read from until now, in that order.
    const std::vector<SecretFile>& secret_files() const;
    // Likewise of those that aren't secret.
    const std::vector<NamedFile>& named_files() const;

    // Keys nobody asked for become complaints; then all complaints there are, in the order of the file.
    std::vector<std::string> finish();

    struct Shared;

private:
    std::shared_ptr<Shared> shared_;
};

}  // namespace config

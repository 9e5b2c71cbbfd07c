// Section: a table of the configuration, read key by key with types checked. What is wrong is complained about with
// file, line and key; all complaints are collected, so that one start tells everything. Keys nobody asked for are
// errors (with the nearest known key as a hint).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/secret.h"

namespace config {

struct ListItem;

// A file that a secret was read from, and the setting that names it ("tenant.stripe.webhook_secrets").
struct SecretFile {
    std::string setting;
    std::filesystem::path file;
    bool may_be_custodians = false;  // core::read_custodian_file
};

// A file that isn't secret (a certificate, a public key), and the setting that names it.
struct NamedFile {
    std::string setting;
    std::filesystem::path file;
};

class Section {
public:
    struct Impl;
    explicit Section(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

    // "tenant.wechatpay"; for messages.
    const std::string& name() const;

    // Nothing (and no complaint) when the key is absent; a complaint when it has another type or is out of bounds.
    std::optional<std::string> text(std::string_view key);
    std::optional<std::int64_t> integer(std::string_view key, std::int64_t min, std::int64_t max);
    std::optional<bool> boolean(std::string_view key);
    // Complains when absent too; "" / empty then.
    std::string required_text(std::string_view key);

    // A secret's reference, "file:PATH" (mode 0600 or refused) or "env:NAME", resolved. Empty after a complaint.
    core::KeyBytes secret(std::string_view key);
    core::KeyBytes resolve_secret(std::string_view key, const std::string& reference);
    // The same for the key above all others, whose file may be a custodian's (core::read_custodian_file).
    core::KeyBytes resolve_custodians_secret(std::string_view key, const std::string& reference);
    // The contents of the file that the key names (a certificate, a public key). Empty after a complaint.
    std::string file_contents(std::string_view key, const std::string& path);
    // Relative paths are relative to the configuration file.
    std::filesystem::path resolve_path(const std::string& path) const;

    // A list whose items are texts or tables.
    std::vector<ListItem> list(std::string_view key);
    // [[name.key]] tables; none when absent.
    std::vector<Section> tables(std::string_view key);
    // The sub-table [name.key]; nothing when absent.
    std::optional<Section> table(std::string_view key);
    // Names of the sub-tables (not arrays) that nobody asked for yet.
    std::vector<std::string> unclaimed_tables() const;

    void complain(std::string_view key, const std::string& what);
    bool complained() const;  // in this section or below

private:
    core::KeyBytes resolve(std::string_view key, const std::string& reference, bool may_be_custodians);

    std::shared_ptr<Impl> impl_;
};

// A text, or a table.
struct ListItem {
    std::optional<std::string> text;
    std::optional<Section> section;
};

}  // namespace config

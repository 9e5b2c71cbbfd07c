// The insides of Section and Document: toml++ nodes and the record of which keys were asked for.
#pragma once

#include <toml++/toml.h>

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "config/document.h"
#include "config/section.h"

namespace config {

struct Complaint {
    std::uint32_t line;
    std::string section;
    std::string text;
};

struct Document::Shared {
    std::string shown_name;
    std::filesystem::path folder;
    toml::table root;
    // Which keys somebody knows, per table: asked for, so no error, and hints for misspelt ones.
    std::map<const toml::table*, std::set<std::string, std::less<>>> known;
    std::vector<Complaint> complaints;
    std::vector<SecretFile> secret_files;
    std::vector<NamedFile> named_files;

    std::string place(std::uint32_t line) const {
        return line > 0 ? shown_name + ":" + std::to_string(line) : shown_name;
    }
};

struct Section::Impl {
    std::shared_ptr<Document::Shared> shared;
    toml::table* table;
    std::string name;
};

Section make_section(const std::shared_ptr<Document::Shared>& shared, toml::table* table, std::string name);

// Every key that no Section was asked for is a complaint, with the nearest known key as a hint.
void complain_about_unclaimed(Document::Shared& shared, const toml::table& table, const std::string& name);

}  // namespace config

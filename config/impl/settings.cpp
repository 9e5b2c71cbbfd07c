#include "config/settings.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "config/document.h"
#include "config/impl/audit.h"
#include "config/impl/secrets.h"
#include "config/impl/service.h"
#include "config/impl/tenant.h"
#include "core/crypto/encoding.h"
#include "core/failure.h"
#include "core/text/encoding.h"

namespace config {
namespace {

struct Override {
    const char* section;
    const char* key;
};

// Single keys that the environment may set: DUIZHANG_SECTION_KEY, in capitals and with '_' for the dot.
constexpr Override kOverrides[] = {
    {"service", "listen"},
    {"service", "console"},
    {"service", "environment"},
    {"service", "callbacks_per_second"},
    {"service", "callbacks_burst"},
    {"service", "api_per_second"},
    {"service", "api_burst"},
    {"service", "safety_check_seconds"},
    {"service", "tls_certificate"},
    {"service", "tls_key"},
    {"service.limits", "io_threads"},
    {"service.limits", "workers"},
    {"service.limits", "waiting_requests_max"},
    {"service.limits", "connections_max"},
    {"service.limits", "header_bytes_max"},
    {"service.limits", "header_fields_max"},
    {"service.limits", "target_bytes_max"},
    {"service.limits", "body_bytes_max"},
    {"service.limits", "all_bodies_bytes_max"},
    {"service.limits", "header_deadline_ms"},
    {"service.limits", "body_deadline_ms"},
    {"service.limits", "idle_deadline_ms"},
    {"service.limits", "write_deadline_ms"},
    {"service.limits", "drain_deadline_ms"},
    {"database", "embedded"},
    {"database", "url"},
    {"secrets", "master_key"},
    {"secrets", "previous_master_key"},
    {"secrets", "derivation_key"},
    {"nightly", "statements"},
    {"nightly", "review_lists"},
    {"nightly", "carry_window"},
    {"nightly", "workers"},
};

char in_capitals(char c) {
    if (c == '.') {
        return '_';
    }
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// The value of DUIZHANG_SECTION_KEY; an empty one counts as none.
const char* environment_value(const Override& single) {
    std::string name = std::string("DUIZHANG_") + single.section + "_" + single.key;
    std::transform(name.begin(), name.end(), name.begin(), in_capitals);
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): at start only
    return value != nullptr && *value != '\0' ? value : nullptr;
}

void apply_environment(Document& document) {
    // One of the two says where the database is: what the environment says takes the place of both in the file.
    if (environment_value({"database", "embedded"}) != nullptr || environment_value({"database", "url"}) != nullptr) {
        document.remove("database", "embedded");
        document.remove("database", "url");
    }
    for (const auto& single : kOverrides) {
        if (const char* value = environment_value(single)) {
            document.override_value(single.section, single.key, value);
        }
    }
}

void read_database(Section section, Settings& settings) {
    const auto embedded = section.text("embedded");
    const auto url = section.text("url");
    if (embedded && url) {
        section.complain("url", "give either embedded or url, not both");
    } else if (!embedded && !url) {
        section.complain("embedded", "give embedded (a folder) or url");
    } else if (embedded) {
        settings.embedded_database = section.resolve_path(*embedded);
    } else {
        settings.database_url = *url;
    }
}

// "15m", "1h", "900s"; whole minutes.
void read_carry_window(Section& section, Settings& settings) {
    const auto text = section.text("carry_window");
    if (!text) {
        return;
    }
    const auto number = text->empty() ? core::minor_from_integer("")
                                      : core::minor_from_integer(std::string_view(*text).substr(0, text->size() - 1));
    if (!number || *number < 0 || *number > 100'000) {
        section.complain("carry_window", "must be a duration such as \"15m\", \"900s\" or \"1h\"");
    } else if (text->back() == 'm') {
        settings.carry_window = std::chrono::minutes(*number);
    } else if (text->back() == 'h') {
        settings.carry_window = std::chrono::hours(*number);
    } else if (text->back() == 's' && *number % 60 == 0) {
        settings.carry_window = std::chrono::duration_cast<std::chrono::minutes>(std::chrono::seconds(*number));
    } else {
        section.complain("carry_window", "must be a duration such as \"15m\", \"900s\" or \"1h\"");
    }
}

void read_nightly(Section section, Settings& settings) {
    settings.statements = section.resolve_path(section.text("statements").value_or("var/statements"));
    settings.review_lists = section.resolve_path(section.text("review_lists").value_or("var/review"));
    read_carry_window(section, settings);
    constexpr std::int64_t kWorkersMax = 12;  // each has two connections, of the thirty-two there are
    settings.workers = static_cast<unsigned>(section.integer("workers", 1, kWorkersMax).value_or(settings.workers));
}

void read_retention(Section section, Settings& settings) {
    for (std::size_t i = 0; i < kRetentionKinds.size(); ++i) {
        const auto& kind = kRetentionKinds.at(i);
        settings.retention.days.at(i) =
            section.integer(std::string(kind.name) + "_days", kind.days_min, kRetentionDaysMax).value_or(0);
    }
}

void read_tenants(Section root, const std::vector<std::string>& known_channels, std::set<std::string>& seen,
                  Settings& settings) {
    for (auto& table : root.tables("tenant")) {
        auto tenant = read_tenant(table, known_channels, settings.service);
        if (!tenant.id.empty() && !seen.insert(tenant.id.text()).second) {
            table.complain("id", "there are two tenants called \"" + tenant.id.text() + "\"");
        }
        settings.tenants.push_back(std::move(tenant));
    }
}

}  // namespace

const Bank* TenantSettings::find_bank(std::string_view bank_name) const {
    for (const auto& bank : banks) {
        if (bank.name == bank_name) {
            return &bank;
        }
    }
    return nullptr;
}

const TenantSettings* Settings::find_tenant(const std::string& id) const {
    for (const auto& tenant : tenants) {
        if (tenant.id.text() == id) {
            return &tenant;
        }
    }
    return nullptr;
}

std::vector<std::filesystem::path> tenant_files(const std::filesystem::path& configuration) {
    std::vector<std::filesystem::path> files;
    const auto place = std::filesystem::absolute(configuration).parent_path() / "tenants.d";
    std::error_code error;
    for (std::filesystem::directory_iterator item(place, error), end; !error && item != end; item.increment(error)) {
        if (item->path().extension() == ".toml") {
            files.push_back(item->path());
        }
    }
    if (error && error != std::errc::no_such_file_or_directory) {
        throw core::UsageError(place.string() + " can't be read: " + error.message());
    }
    std::sort(files.begin(), files.end());
    files.insert(files.begin(), configuration);
    return files;
}

Settings load_settings(const std::filesystem::path& file, const std::vector<std::string>& known_channels) {
    Settings settings;
    settings.file = file;
    auto document = std::make_shared<Document>(file);
    settings.documents.push_back(document);
    apply_environment(*document);

    Section root = document->root();
    if (auto service = root.table("service")) {
        read_service(*service, settings.service);
    }
    if (auto database = root.table("database")) {
        read_database(*database, settings);
    } else {
        root.complain("database", "is missing; say embedded or url");
    }
    if (auto secrets = root.table("secrets")) {
        read_secrets(*secrets, settings);
    } else {
        root.complain("secrets", "is missing; it names the master_key");
    }
    if (auto retention = root.table("retention")) {
        read_retention(*retention, settings);
    }
    if (auto nightly = root.table("nightly")) {
        read_nightly(*nightly, settings);
    } else {
        settings.statements = root.resolve_path("var/statements");
        settings.review_lists = root.resolve_path("var/review");
    }

    if (auto audit = root.table("audit")) {
        read_audit(*audit, settings.audit);
    }

    std::set<std::string> seen;
    for (const auto& tenant_file : tenant_files(file)) {
        auto holding = tenant_file == file ? document : std::make_shared<Document>(tenant_file);
        if (holding != document) {
            settings.documents.push_back(holding);
        }
        holding->apply_templates(tenant_templates());
        read_tenants(holding->root(), known_channels, seen, settings);
    }
    return settings;
}

std::vector<SecretFile> secret_files(const Settings& settings) {
    std::vector<SecretFile> all;
    for (const auto& document : settings.documents) {
        all.insert(all.end(), document->secret_files().begin(), document->secret_files().end());
    }
    return all;
}

std::vector<NamedFile> named_files(const Settings& settings) {
    std::vector<NamedFile> all;
    for (const auto& document : settings.documents) {
        all.insert(all.end(), document->named_files().begin(), document->named_files().end());
    }
    return all;
}

void finish(const Settings& settings) {
    std::string all;
    for (const auto& document : settings.documents) {
        for (const auto& complaint : document->finish()) {
            all += (all.empty() ? "" : " | ") + complaint;
        }
    }
    if (!all.empty()) {
        throw core::UsageError(all);
    }
}

std::filesystem::path find_configuration(const std::string& option) {
    if (!option.empty()) {
        return option;
    }
    if (const char* named = std::getenv("DUIZHANG_CONFIG")) {  // NOLINT(concurrency-mt-unsafe): at start only
        return named;
    }
    for (const char* place : {"duizhang.toml", "/etc/duizhang/duizhang.toml"}) {
        if (std::filesystem::exists(place)) {
            return place;
        }
    }
    throw core::UsageError(
        "no configuration: looked at --config, $DUIZHANG_CONFIG, ./duizhang.toml and /etc/duizhang/duizhang.toml; "
        "`duizhang init` writes one");
}

}  // namespace config

// duizhang-verify-books: holds books against their seals, closes and rules, with code of its own.
#include <cstdio>
#include <cstring>
#include <exception>
#include <set>
#include <string>

#include "audit/verifier/cases.h"
#include "audit/verifier/digest.h"
#include "audit/verifier/payouts.h"
#include "audit/verifier/schema.h"
#include "audit/verifier/tables.h"

namespace verifier {
namespace {

constexpr const char* kHelp =
    "usage: duizhang-verify-books --database CONNECTION --public-key HEX [--public-key HEX ...]\n"
    "                             [--seals DIR] [--tenant ID ...] [--schema HEX] [--json]\n"
    "\n"
    "Recomputes every hash, balance and rule of the books from the rows, and holds them against seals and closes.\n"
    "It shares no code with duizhang, reads only, and sees one moment.\n"
    "\n"
    "  --database CONNECTION  a libpq connection string or URL; any role that may read (duizhang ledger connection)\n"
    "  --public-key HEX       what seals and closes are signed with (duizhang ledger seal-key); earlier ones, too\n"
    "  --seals DIR            the folder with the published seals, a folder for each tenant; without it a restored\n"
    "                         backup is not found\n"
    "  --tenant ID            this tenant; without it all that have rows or a folder\n"
    "  --schema HEX           what this program said of the schema when it was installed\n"
    "  --json                 one JSON document\n"
    "\n"
    "exit status: 0 all holds, 1 something doesn't (the first record is named), 2 usage, 4 the database failed\n";

struct Options {
    std::string database;
    std::vector<std::string> public_keys;
    std::string seals;
    std::vector<std::string> tenants;
    std::string schema;
    bool json = false;
    bool help = false;
};

struct UsageError {
    std::string what;
};

Options options_of(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--json") {
            options.json = true;
            continue;
        }
        if (word == "--help" || word == "-h") {
            options.help = true;
            continue;
        }
        if (i + 1 == argc) {
            throw UsageError{word + ": no such option, or it needs a value"};
        }
        const std::string value = argv[++i];
        if (word == "--database") {
            options.database = value;
        } else if (word == "--public-key") {
            options.public_keys.push_back(from_hex(value));
            if (options.public_keys.back().size() != 32) {
                throw UsageError{"--public-key: must be 64 hex digits"};
            }
        } else if (word == "--seals") {
            options.seals = value;
        } else if (word == "--tenant") {
            options.tenants.push_back(value);
        } else if (word == "--schema") {
            options.schema = value;
        } else {
            throw UsageError{word + ": no such option"};
        }
    }
    if (!options.help && (options.database.empty() || options.public_keys.empty())) {
        throw UsageError{"--database and --public-key are needed"};
    }
    if (!options.seals.empty() && !std::filesystem::is_directory(options.seals)) {
        throw UsageError{"--seals: " + options.seals + " is no folder"};
    }
    return options;
}

struct Report {
    std::set<std::string> tenants;
    std::int64_t entries = 0;
    std::int64_t unsealed = 0;
    std::size_t seals = 0;
    std::size_t closes = 0;
    std::string schema;
    Findings findings;
};

// Those that were named; else all that the role sees, and all that something was published of.
std::set<std::string> tenants_of(Snapshot& snapshot, const Options& options) {
    std::set<std::string> tenants(options.tenants.begin(), options.tenants.end());
    if (!tenants.empty()) {
        return tenants;
    }
    snapshot.each(
        "select tenant_id from ledger.accounts union select tenant_id from ledger.entries"
        " union select tenant_id from ledger.seals union select tenant_id from ledger.closes",
        {}, [&](const Row& row) { tenants.insert(row.text(0)); });
    if (!options.seals.empty()) {
        for (const auto& item : std::filesystem::directory_iterator(options.seals)) {
            if (item.is_directory()) {
                tenants.insert(item.path().filename().string());
            }
        }
    }
    return tenants;
}

void verify_tenant(Snapshot& snapshot, const Options& options, const std::string& tenant, Report& report) {
    snapshot.enter(tenant);
    Evidence evidence{tenant, options.public_keys, std::nullopt};
    if (!options.seals.empty()) {
        evidence.published = std::filesystem::path(options.seals) / tenant;
    }
    Seals seals(snapshot, evidence, report.findings);
    const auto closes = checked_closes(snapshot, evidence, report.findings);
    check_accounts(snapshot, tenant, report.findings);
    const auto added = check_entries(snapshot, evidence, seals, closes, report.findings);
    check_tables(snapshot, tenant, added.sums, report.findings);
    check_payouts(snapshot, tenant, report.findings);
    check_cases(snapshot, tenant, report.findings);
    report.entries += added.entries;
    report.unsealed += added.unsealed;
    report.seals += seals.ranges().size();
    report.closes += closes.size();
}

Report verify(const Options& options) {
    Report report;
    Snapshot snapshot(options.database);
    report.tenants = tenants_of(snapshot, options);
    for (const auto& tenant : report.tenants) {
        verify_tenant(snapshot, options, tenant, report);
    }
    check_schema(snapshot, report.findings);
    report.schema = schema_digest(snapshot);
    if (!options.schema.empty() && options.schema != report.schema) {
        report.findings.add("", "schema",
                            "is another one than it was: a trigger, constraint, policy or function of it");
    }
    return report;
}

std::string in_json(const std::string& text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            quoted += '\\';
        }
        if (static_cast<unsigned char>(c) < 32) {
            quoted += "\\u00" + to_hex(std::string(1, c));
        } else {
            quoted += c;
        }
    }
    return quoted + "\"";
}

void print_json(const Report& report) {
    std::printf("{\"tenants\": %zu, \"entries\": %lld, \"unsealed\": %lld, \"seals\": %zu, \"closes\": %zu,\n",
                report.tenants.size(), static_cast<long long>(report.entries), static_cast<long long>(report.unsealed),
                report.seals, report.closes);
    std::printf(" \"schema\": \"%s\", \"count\": %zu, \"findings\": [", report.schema.c_str(), report.findings.count());
    const char* between = "";
    for (const auto& [tenant, record, what] : report.findings.kept()) {
        std::printf("%s\n  {\"tenant\": %s, \"record\": %s, \"what\": %s}", between, in_json(tenant).c_str(),
                    in_json(record).c_str(), in_json(what).c_str());
        between = ",";
    }
    std::printf("]}\n");
}

void print_text(const Report& report, bool has_published) {
    std::printf("%zu tenants, %lld entries (%lld not sealed yet), %zu seals, %zu closes; schema %s\n",
                report.tenants.size(), static_cast<long long>(report.entries), static_cast<long long>(report.unsealed),
                report.seals, report.closes, report.schema.c_str());
    if (!has_published) {
        std::printf("without --seals: what was published was not looked at\n");
    }
    if (report.findings.count() == 0) {
        std::printf("all of it holds\n");
        return;
    }
    const char* word = "FIRST ";
    for (const auto& [tenant, record, what] : report.findings.kept()) {
        std::printf("%s%s%s: %s\n", word, record.c_str(), (tenant.empty() ? "" : " of " + tenant).c_str(),
                    what.c_str());
        word = "      ";
    }
    std::printf("%zu found\n", report.findings.count());
}

}  // namespace
}  // namespace verifier

int main(int argc, char** argv) {
    try {
        const auto options = verifier::options_of(argc, argv);
        if (options.help) {
            std::printf("%s", verifier::kHelp);
            return 0;
        }
        const auto report = verifier::verify(options);
        if (options.json) {
            verifier::print_json(report);
        } else {
            verifier::print_text(report, !options.seals.empty());
        }
        return report.findings.count() == 0 ? 0 : 1;
    } catch (const verifier::UsageError& error) {
        std::fprintf(stderr, "duizhang-verify-books: %s (--help)\n", error.what.c_str());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "duizhang-verify-books: %s\n", error.what());
        return 4;
    }
}

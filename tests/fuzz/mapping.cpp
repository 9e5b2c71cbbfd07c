// What `diff` is told about its files: the mapping and its [[rule]], and [[rule]] alone.
#include <unistd.h>

#include <filesystem>
#include <limits>

#include "core/failure.h"
#include "core/files.h"
#include "reconciliation/matching/diff_layout.h"
#include "tests/fuzz/fuzz.h"

namespace {

using reconciliation::matching::DiffMapping;

struct File {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("duizhang-fuzz-mapping-" + std::to_string(::getpid()) + ".toml");
    ~File() { std::filesystem::remove(path); }
};

void check_rule(const config::MatchRule& rule) {
    fuzz::promise(rule.adds_up() || rule.absolute || rule.basis_points, "a tolerance has a size");
    fuzz::promise(!rule.name.empty() && rule.budget > 0, "a rule has a name, and looks at something");
    for (const auto amount : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::int64_t{0},
                              std::numeric_limits<std::int64_t>::max()}) {
        const auto tolerance = rule.tolerance_for(amount);
        fuzz::promise(tolerance >= 0 && (!rule.absolute || tolerance <= *rule.absolute), "no more passes than is said");
    }
}

void check_rules(const std::vector<config::MatchRule>& rules) {
    for (const auto& rule : rules) {
        check_rule(rule);
    }
    const auto in_force = config::rules_in_force(rules, date::year{2026} / 11 / 18);
    for (std::size_t i = 0; i < in_force.size(); ++i) {
        for (std::size_t j = i + 1; j < in_force.size(); ++j) {
            fuzz::promise(in_force[i].name != in_force[j].name || in_force[i].currency != in_force[j].currency,
                          "of one name and currency one rule is in force");
        }
    }
}

void check_mapping(const DiffMapping& mapping, const std::string& text) {
    for (const auto* side : {&mapping.left, &mapping.right}) {
        fuzz::promise(core::zone_exists(side->time_zone), "times are of a zone");
        for (const auto& [field, value] : side->constants) {
            const auto column = side->columns.find(field);
            fuzz::promise(column == side->columns.end() || column->second.empty(), "a field comes from one place");
        }
    }
    check_rules(mapping.rules);
    const auto alone = config::match_rules_in(text, "rules.toml", {"both", "left", "right"});
    fuzz::promise(alone.size() == mapping.rules.size(), "rules are the same beside a mapping and alone");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const File file;
    const std::string text(fuzz::Input(data, size).rest());
    core::write_file(file.path, text);
    try {
        check_mapping(reconciliation::matching::read_mapping(file.path), text);
    } catch (const core::UsageError& error) {
        fuzz::promise(std::string_view(error.what()).find(file.path.string()) != std::string_view::npos,
                      "a complaint names the file");
    }
    try {
        check_rules(config::load_match_rules(file.path));
    } catch (const core::UsageError& error) {
        fuzz::promise(std::string_view(error.what()).find(file.path.string()) != std::string_view::npos,
                      "a complaint names the file");
    }
    return 0;
}

#include "config/match_rule.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <utility>

#include "config/document.h"
#include "config/impl/plan.h"
#include "core/failure.h"

namespace config {
namespace {

constexpr std::int64_t kBasisPointsWhole = 10'000;
constexpr std::int64_t kBasisPointsMax = 1'000;  // a tenth: more is no tolerance
constexpr std::int64_t kDaysMax = 31;
constexpr std::int64_t kBudgetMax = std::int64_t{1} << 30;
constexpr std::size_t kNameLengthMax = 40;

bool is_rule_name(const std::string& name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    return !name.empty() && name.size() <= kNameLengthMax && std::all_of(name.begin(), name.end(), allowed);
}

std::optional<core::BusinessDay> read_day(Section& section, std::string_view key) {
    const auto text = section.text(key);
    const auto day = text ? core::parse_day(*text) : std::nullopt;
    if (text && !day) {
        section.complain(key, "must be a day, YYYY-MM-DD");
    }
    return day;
}

void read_size(Section& section, MatchRule& rule) {
    rule.absolute = section.integer("absolute", 1, core::kMinorMax);
    rule.basis_points = section.integer("basis_points", 1, kBasisPointsMax);
    if (!rule.absolute && !rule.basis_points && !rule.adds_up()) {
        section.complain("absolute", "a tolerance needs absolute (minor units), basis_points or both");
    }
    if (const auto name = section.text("rounding")) {
        const auto rounding = core::rounding_from_name(*name);
        if (!rounding) {
            section.complain("rounding", "must be half_up, half_even, down or up");
        }
        rule.rounding = rounding.value_or(core::Rounding::down);
    }
}

template <typename T, std::size_t N>
std::optional<T> named(const std::pair<std::string_view, T> (&names)[N], const std::string& name) {
    const auto* found =
        std::find_if(std::begin(names), std::end(names), [&](const auto& n) { return n.first == name; });
    return found == std::end(names) ? std::nullopt : std::optional(found->second);
}

void read_kind(Section& section, MatchRule& rule) {
    static constexpr std::pair<std::string_view, MatchRule::Kind> kKinds[] = {
        {"tolerance", MatchRule::Kind::tolerance},
        {"one_to_many", MatchRule::Kind::one_to_many},
        {"many_to_one", MatchRule::Kind::many_to_one},
        {"many_to_many", MatchRule::Kind::many_to_many}};
    const auto name = section.required_text("kind");
    const auto kind = named(kKinds, name);
    if (!name.empty() && !kind) {
        section.complain("kind", "must be tolerance, one_to_many, many_to_one or many_to_many");
    }
    rule.kind = kind.value_or(MatchRule::Kind::tolerance);
}

void read_grouping(Section& section, MatchRule& rule) {
    static constexpr std::pair<std::string_view, MatchRule::GroupBy> kGroups[] = {
        {"merchant_order_id", MatchRule::GroupBy::merchant_order_id},
        {"own_order_id", MatchRule::GroupBy::own_order_id},
        {"business_date", MatchRule::GroupBy::business_date},
        {"none", MatchRule::GroupBy::none}};
    const auto name = section.text("group_by");
    const auto budget = section.integer("budget", 1, kBudgetMax);
    if (name && !named(kGroups, *name)) {
        section.complain("group_by", "must be merchant_order_id, own_order_id, business_date or none");
    }
    if (!rule.adds_up()) {
        for (const auto& [key, given] : {std::pair("group_by", name.has_value()), {"budget", budget.has_value()}}) {
            if (given) {
                section.complain(key, "is for rules that add up, not for a tolerance");
            }
        }
        return;
    }
    rule.group_by = named(kGroups, name.value_or("merchant_order_id")).value_or(rule.group_by);
    rule.budget = static_cast<std::uint64_t>(budget.value_or(MatchRule::kUsualBudget));
}

std::optional<MatchRule> read_rule(Section& section) {
    const auto currency = read_currency(section, "currency");
    MatchRule rule{section.required_text("name"),
                   read_day(section, "valid_from"),
                   read_day(section, "valid_until"),
                   currency.value_or(*core::Currency::from_code("CNY")),
                   {},
                   {},
                   core::Rounding::down,
                   {}};
    if (!rule.name.empty() && !is_rule_name(rule.name)) {
        section.complain("name", "must be 1 to 40 of a-z, 0-9, - and _");
    }
    read_kind(section, rule);
    if (rule.valid_from && rule.valid_until && *rule.valid_until < *rule.valid_from) {
        section.complain("valid_until", "is before valid_from");
    }
    read_size(section, rule);
    read_grouping(section, rule);
    if (const auto days = section.integer("date_window", 0, kDaysMax)) {
        rule.date_window = static_cast<int>(*days);
    }
    return currency ? std::optional(rule) : std::nullopt;
}

std::vector<MatchRule> rules_of(Document& document) {
    auto root = document.root();
    auto rules = read_match_rules(root);
    std::string complaints;
    for (const auto& complaint : document.finish()) {
        complaints += (complaints.empty() ? "" : "; ") + complaint;
    }
    if (!complaints.empty()) {
        throw core::UsageError(complaints);
    }
    return rules;
}

bool same_line(const MatchRule& a, const MatchRule& b) { return a.name == b.name && a.currency == b.currency; }

}  // namespace

std::int64_t MatchRule::tolerance_for(std::int64_t channel_minor) const {
    if (!absolute && !basis_points) {
        return 0;
    }
    std::int64_t tolerance = absolute.value_or(std::numeric_limits<std::int64_t>::max());
    if (basis_points) {
        const auto size = channel_minor == std::numeric_limits<std::int64_t>::min()
                              ? std::numeric_limits<std::int64_t>::max()
                              : std::abs(channel_minor);
        const auto share = core::scaled(size, *basis_points, kBasisPointsWhole, rounding);
        tolerance = std::min(tolerance, share.value_or(0));
    }
    return tolerance;
}

std::vector<MatchRule> read_match_rules(Section& section) {
    std::vector<MatchRule> rules;
    for (auto& table : section.tables("rule")) {
        const auto rule = read_rule(table);
        if (!rule) {
            continue;
        }
        const bool there = std::any_of(rules.begin(), rules.end(), [&](const MatchRule& other) {
            return same_line(other, *rule) && other.valid_from == rule->valid_from;
        });
        if (there) {
            table.complain("valid_from", "there are two rules \"" + rule->name + "\" from this day");
        }
        rules.push_back(*rule);
    }
    return rules;
}

std::vector<MatchRule> rules_in_force(const std::vector<MatchRule>& rules, core::BusinessDay day) {
    const auto begun = [&](const MatchRule& rule) { return !rule.valid_from || *rule.valid_from <= day; };
    std::vector<MatchRule> in_force;
    for (const auto& rule : rules) {
        const bool replaced = std::any_of(rules.begin(), rules.end(), [&](const MatchRule& other) {
            return same_line(other, rule) && begun(other) && other.valid_from &&
                   (!rule.valid_from || *rule.valid_from < *other.valid_from);
        });
        if (begun(rule) && !replaced && (!rule.valid_until || day <= *rule.valid_until)) {
            in_force.push_back(rule);
        }
    }
    return in_force;
}

std::vector<MatchRule> load_match_rules(const std::filesystem::path& file) {
    Document document(file);
    auto root = document.root();
    for (const auto& name : root.unclaimed_tables()) {
        if (name == "left" || name == "right" || name == "both") {
            root.complain(name, "is of a mapping file; diff takes mapping and [[rule]] in one file as --mapping");
            document.leave(name);
        }
    }
    return rules_of(document);
}

std::vector<MatchRule> match_rules_in(std::string_view toml, const std::string& shown_name,
                                      std::initializer_list<std::string_view> others) {
    Document document(toml, shown_name, {});
    for (const auto name : others) {
        document.leave(name);
    }
    return rules_of(document);
}

}  // namespace config

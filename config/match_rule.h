// MatchRule: what a tenant lets pass as the same in reconciliation, for one channel. Without any, amounts agree
// exactly.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/section.h"
#include "core/money.h"
#include "core/time.h"

namespace config {

// A tolerance: the two sides' amounts for one transaction may differ by as much. The others add up: one record of the
// books stands for several lines of the channel, several for one, or several for several.
struct MatchRule {
    enum class Kind { tolerance, one_to_many, many_to_one, many_to_many };
    // What the records have to share.
    enum class GroupBy { merchant_order_id, own_order_id, business_date, none };

    std::string name;
    std::optional<core::BusinessDay> valid_from;   // nothing: always
    std::optional<core::BusinessDay> valid_until;  // the last day; nothing: for good
    core::Currency currency;
    // Each that is there has to hold.
    std::optional<std::int64_t> absolute;      // minor units
    std::optional<std::int64_t> basis_points;  // of the channel's amount
    core::Rounding rounding = core::Rounding::down;
    std::optional<int> date_window;  // business days between the two sides
    Kind kind = Kind::tolerance;
    GroupBy group_by = GroupBy::merchant_order_id;  // of those that add up
    std::uint64_t budget = kUsualBudget;            // partial sums that they may look at in a run

    static constexpr std::uint64_t kUsualBudget = 1U << 24U;

    bool adds_up() const { return kind != Kind::tolerance; }
    // How far the books may be from this amount of the channel, in minor units. What adds up does so exactly, unless
    // it names a size.
    std::int64_t tolerance_for(std::int64_t channel_minor) const;
};

// [[rule]] of the section; what is wrong is complained about.
std::vector<MatchRule> read_match_rules(Section& section);

// Those that hold on the day, in the order of `rules`: of several with one name and currency that with the latest
// valid_from, so that an earlier day run again goes by the rules of its time.
std::vector<MatchRule> rules_in_force(const std::vector<MatchRule>& rules, core::BusinessDay day);

// A file with [[rule]] alone. Throws core::UsageError with everything that is wrong about it.
std::vector<MatchRule> load_match_rules(const std::filesystem::path& file);
// The [[rule]] of a file that was read already, beside tables that somebody else reads. Throws likewise.
std::vector<MatchRule> match_rules_in(std::string_view toml, const std::string& shown_name,
                                      std::initializer_list<std::string_view> others);

}  // namespace config

// Shadow runs: what other matching rules would have made of past days.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/match_rule.h"
#include "reconciliation/job.h"

namespace reconciliation {

struct ShadowInput {
    core::BusinessDay day;
    std::function<std::vector<payments::StatementFile>()> files;  // read when their turn comes, once a pass
};

// A row that one of the two lists has and the other hasn't, or has as another kind.
struct ShadowChange {
    enum class Kind { newly_matched, no_longer_matched, changed_kind };
    Kind kind;
    std::optional<Discrepancy> before;  // by the rules in force
    std::optional<Discrepancy> after;   // by the others
};
std::string_view name_of(ShadowChange::Kind kind);

struct ShadowDay {
    Summary before;
    Summary after;
    std::vector<ShadowChange> changes;  // in the order of the lists, those of `before` first
};

// Runs the days, which are in order, once by the rules in force and once by `rules`, each from what stands in the books
// now, and each day seeing what its pass left of the days before. Nothing is booked, published or kept. `day` is any of
// the days: whose, and of which channel.
std::vector<ShadowDay> shadow_days(const JobContext& context, const Day& day, const std::vector<ShadowInput>& inputs,
                                   const std::vector<config::MatchRule>& rules);

std::string shadow_json(const std::vector<ShadowDay>& days);

}  // namespace reconciliation

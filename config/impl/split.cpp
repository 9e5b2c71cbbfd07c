#include "config/impl/split.h"

#include <algorithm>

#include "core/money.h"

namespace config {
namespace {

constexpr std::int64_t kBasisPointsMax = 10'000;
constexpr std::int64_t kDaysMax = 3660;

bool can_take_more(const SplitShare& share) { return share.basis_points.has_value() && !share.at_most; }

// The share of the account takes the remainder; a further one where it has none of basis points.
std::string give_remainder_to(SplitPolicy& policy, const std::string& account) {
    for (auto& share : policy.shares) {
        if (share.to != account || !share.basis_points) {
            continue;
        }
        if (share.at_most) {
            return account + " takes the remainder, and would pass its at_most by it";
        }
        share.remainder = true;
        return {};
    }
    policy.shares.push_back({.to = account, .basis_points = {}, .fixed_minor = {}, .remainder = true});
    return {};
}

std::string choose_receiver(SplitPolicy& policy, std::string_view word) {
    auto& shares = policy.shares;
    if (word == "first" || word == "last") {
        const auto first = std::find_if(shares.begin(), shares.end(), can_take_more);
        if (first == shares.end()) {
            return "\"first\" and \"last\" are of the shares of basis points without at_most, and there is none";
        }
        auto& chosen = word == "first" ? *first : *std::find_if(shares.rbegin(), shares.rend(), can_take_more);
        chosen.remainder = true;
        return {};
    }
    if (word == "platform") {
        const auto own = std::find_if(shares.begin(), shares.end(),
                                      [](const SplitShare& share) { return share.to.starts_with("income:"); });
        return own == shares.end() ? "\"platform\" is the first share to income:NAME, and there is none"
                                   : give_remainder_to(policy, own->to);
    }
    const std::string account(word);
    return is_split_account(account)
               ? give_remainder_to(policy, account)
               : "the remainder goes to \"largest\", \"first\", \"last\", \"platform\" or an account, payable:PARTY "
                 "or income:NAME";
}

// What is wrong with shares whose remainder is settled.
std::string complaint_about(const std::vector<SplitShare>& shares) {
    std::int64_t basis_points = 0;
    std::int64_t remainders = 0;
    bool capped = false;
    for (const auto& share : shares) {
        basis_points += share.basis_points.value_or(0);
        remainders += share.remainder ? 1 : 0;
        capped = capped || share.at_most.has_value();
    }
    if (basis_points > kBasisPointsMax || remainders > 1 || (remainders == 0 && basis_points != kBasisPointsMax)) {
        return "basis points must not pass 10000 together, and one share takes the remainder unless they reach it";
    }
    if (capped && remainders == 0) {
        return "what at_most cuts off needs a receiver: a share with remainder = true, or the split's remainder = "
               "\"first\", \"last\", \"platform\" or an account";
    }
    return {};
}

std::optional<SplitShare> read_share(Section& section) {
    SplitShare share;
    share.to = section.required_text("to");
    share.basis_points = section.integer("basis_points", 0, kBasisPointsMax);
    share.fixed_minor = section.integer("fixed", 0, core::kMinorMax);
    share.remainder = section.boolean("remainder").value_or(false);
    share.at_least = section.integer("at_least", 0, core::kMinorMax);
    share.at_most = section.integer("at_most", 0, core::kMinorMax);
    const int said = (share.basis_points ? 1 : 0) + (share.fixed_minor ? 1 : 0) + (share.remainder ? 1 : 0);
    if (said != 1) {
        section.complain("to", "a share says exactly one of basis_points, fixed and remainder = true");
        return std::nullopt;
    }
    if ((share.at_least || share.at_most) && !share.basis_points) {
        section.complain(share.at_least ? "at_least" : "at_most", "is for a share of basis points alone");
        return std::nullopt;
    }
    if (share.at_least.value_or(0) > share.at_most.value_or(core::kMinorMax)) {
        section.complain("at_least", "is more than at_most");
        return std::nullopt;
    }
    if (!is_split_account(share.to)) {
        section.complain("to", "must be payable:PARTY or income:NAME in lower-case letters, digits, - and _");
        return std::nullopt;
    }
    return share;
}

std::string_view word_of(SplitTime::From from) { return from == SplitTime::From::capture ? "capture" : "fulfilment"; }

SplitTime read_time(Section& section) {
    const auto text = section.text("when");
    const auto time = split_time_from(text.value_or("capture"));
    if (!time) {
        section.complain("when",
                         "must be \"capture\", \"fulfilment\", one of them and days, \"capture+7\", or a day, "
                         "YYYY-MM-DD");
    }
    return time.value_or(SplitTime());
}

}  // namespace

std::optional<SplitTime> split_time_from(std::string_view text) {
    if (const auto day = core::parse_day(text)) {
        return SplitTime{SplitTime::From::day, 0, day};
    }
    for (const auto from : {SplitTime::From::capture, SplitTime::From::fulfilment}) {
        const auto word = word_of(from);
        if (text == word) {
            return SplitTime{from};
        }
        if (text.starts_with(word) && text.substr(word.size()).starts_with('+')) {
            const auto days = core::minor_from_integer(text.substr(word.size() + 1));
            if (days && *days >= 1 && *days <= kDaysMax) {
                return SplitTime{from, static_cast<int>(*days)};
            }
        }
    }
    return std::nullopt;
}

std::string text_of(const SplitTime& time) {
    if (time.day) {
        return core::format_day(*time.day);
    }
    return std::string(word_of(time.from)) + (time.days > 0 ? "+" + std::to_string(time.days) : "");
}

bool is_split_account(const std::string& account) {
    const bool known = account.starts_with("payable:") || account.starts_with("income:");
    return known && account.size() <= 128 && !account.ends_with(':') && account.find("::") == std::string::npos &&
           std::all_of(account.begin(), account.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ':' || c == '-' || c == '_';
           });
}

std::string settle_remainder(SplitPolicy& policy, std::string_view word) {
    const bool named = std::any_of(policy.shares.begin(), policy.shares.end(),
                                   [](const SplitShare& share) { return share.remainder; });
    if (!word.empty() && named) {
        return "a share says remainder = true already; say one of the two";
    }
    if (!word.empty() && word != "largest") {
        if (auto wrong = choose_receiver(policy, word); !wrong.empty()) {
            return wrong;
        }
    }
    return complaint_about(policy.shares);
}

std::optional<SplitPolicy> read_split(Section& section) {
    SplitPolicy policy;
    policy.name = section.required_text("name");
    const auto remainder = section.text("remainder");
    policy.when = read_time(section);
    for (auto& item : section.list("shares")) {
        if (!item.section) {
            section.complain("shares", "its items must be tables, { to = ..., basis_points = ... }");
            return std::nullopt;
        }
        const auto share = read_share(*item.section);
        if (!share) {
            return std::nullopt;
        }
        policy.shares.push_back(*share);
    }
    if (policy.name.empty() || policy.shares.empty()) {
        section.complain("shares", "a split has a name and at least one share");
        return std::nullopt;
    }
    if (const auto wrong = settle_remainder(policy, remainder.value_or("")); !wrong.empty()) {
        section.complain(remainder ? "remainder" : "shares", wrong);
        return std::nullopt;
    }
    return policy;
}

}  // namespace config

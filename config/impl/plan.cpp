#include "config/impl/plan.h"

#include <algorithm>
#include <set>
#include <utility>

namespace config {
namespace {

constexpr std::size_t kNameMax = 32;

bool is_name(const std::string& name) {
    return !name.empty() && name.size() <= kNameMax && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

std::string required_name(Section& section, std::string_view key) {
    auto name = section.required_text(key);
    if (!name.empty() && !is_name(name)) {
        section.complain(key, "must be 1 to 32 of a-z, 0-9, - and _");
    }
    return name;
}

std::vector<PlanTier> read_tiers(Section& price) {
    std::vector<PlanTier> tiers;
    for (auto& item : price.list("tiers")) {
        if (!item.section) {
            price.complain("tiers", "its items must be tables, { up_to = ..., amount = ... }");
            return {};
        }
        const auto up_to = item.section->integer("up_to", 1, kVolumeMax);
        const auto amount = item.section->integer("amount", 0, core::kMinorMax);
        if (!amount) {
            item.section->complain("amount", "is missing, or out of bounds");
            return {};
        }
        if (!tiers.empty() && (!tiers.back().up_to || (up_to && *up_to <= *tiers.back().up_to))) {
            price.complain("tiers", "must rise, each up_to above the one before; the last alone has none");
            return {};
        }
        tiers.push_back({up_to, *amount});
    }
    if (!tiers.empty() && tiers.back().up_to) {
        price.complain("tiers", "the last must have no up_to: it is the price of all further units");
        return {};
    }
    return tiers;
}

std::optional<PlanPrice> read_price(Section& section) {
    PlanPrice price;
    price.event = required_name(section, "event");
    price.per = section.integer("per", 1, 1'000'000'000).value_or(1);
    price.tiers = read_tiers(section);
    const auto amount = section.integer("amount", 0, core::kMinorMax);
    if (amount.has_value() != price.tiers.empty()) {
        section.complain("amount", "a price says exactly one of amount and tiers");
        return std::nullopt;
    }
    if (amount) {
        price.tiers = {{std::nullopt, *amount}};
    }
    return price;
}

void read_prices(Section& section, Plan& plan) {
    std::set<std::string> events;
    for (auto& item : section.list("prices")) {
        if (!item.section) {
            section.complain("prices", "its items must be tables, { event = ..., amount = ... }");
            return;
        }
        auto price = read_price(*item.section);
        if (price && !events.insert(price->event).second) {
            section.complain("prices", "each event has one price");
        }
        if (price) {
            plan.prices.push_back(*std::move(price));
        }
    }
    if (plan.prices.empty() && !section.complained()) {
        section.complain("prices", "a plan has at least one price");
    }
}

void read_period(Section& section, Plan& plan) {
    if (const auto from = section.text("valid_from")) {
        plan.valid_from = core::parse_day(*from);
        if (!plan.valid_from) {
            section.complain("valid_from", "must be a day, YYYY-MM-DD");
        }
    }
    const auto period = section.text("period").value_or("month");
    if (period != "month" && period != "day") {
        section.complain("period", "must be \"month\" or \"day\"");
    }
    plan.period = period == "day" ? BillingPeriod::day : BillingPeriod::month;
    plan.time_zone = section.text("time_zone").value_or("UTC");
    if (!core::zone_exists(plan.time_zone)) {
        section.complain("time_zone", "is no zone of this system, e.g. Asia/Shanghai");
    }
}

std::optional<Plan> read_plan(Section& section) {
    const auto name = required_name(section, "name");
    const auto currency = read_currency(section, "currency");
    Plan plan{name, currency.value_or(*core::Currency::from_code("CNY"))};
    read_period(section, plan);
    plan.minimum_minor = section.integer("minimum", 0, core::kMinorMax).value_or(0);
    const auto rounding = core::rounding_from_name(section.text("rounding").value_or("half_up"));
    if (!rounding) {
        section.complain("rounding", "must be half_up, half_even, down or up");
    }
    plan.rounding = rounding.value_or(core::Rounding::half_up);
    read_prices(section, plan);
    return currency ? std::optional(std::move(plan)) : std::nullopt;
}

}  // namespace

std::optional<core::Currency> read_currency(Section& section, std::string_view key) {
    const std::string code = section.required_text(key);
    if (code.empty()) {
        return std::nullopt;
    }
    auto currency = core::Currency::from_code(code);
    if (!currency) {
        section.complain(key, "\"" + code + "\" is no ISO 4217 currency code");
    }
    return currency;
}

// What was used is counted by plan and period, so that neither may change from one version to the next.
std::vector<Plan> read_plans(Section& tenant) {
    std::vector<Plan> plans;
    for (auto& section : tenant.tables("plan")) {
        auto plan = read_plan(section);
        if (!plan) {
            continue;
        }
        for (const auto& other : plans) {
            if (other.name == plan->name && other.valid_from == plan->valid_from) {
                section.complain("valid_from", "there is a plan of this name from then on already");
            }
            if (other.name == plan->name && (other.currency != plan->currency || other.period != plan->period ||
                                             other.time_zone != plan->time_zone)) {
                section.complain("name", "plans of one name have one currency, period and time_zone");
            }
        }
        plans.push_back(*std::move(plan));
    }
    return plans;
}

}  // namespace config

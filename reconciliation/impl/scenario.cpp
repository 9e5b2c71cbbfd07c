#include "reconciliation/scenario.h"

#include <algorithm>

#include "core/failure.h"
#include "reconciliation/impl/scenario_world.h"

namespace reconciliation {
namespace {

using payments::TransactionType;

core::Money plus(const core::Money& amount, std::int64_t minor) { return {amount.minor() + minor, amount.currency()}; }

struct Plant {
    DiscrepancyKind kind;
    bool needs_payment;             // refunds can't have it
    std::string_view channel_only;  // empty: every channel
};

constexpr Plant kPlants[] = {
    {DiscrepancyKind::missing_in_ledger, false, ""},
    {DiscrepancyKind::missing_in_channel, false, ""},
    {DiscrepancyKind::amount_mismatch, false, ""},
    {DiscrepancyKind::duplicate_in_channel, false, ""},
    {DiscrepancyKind::fee_mismatch, true, ""},
    {DiscrepancyKind::unexpected_payment, true, ""},
    {DiscrepancyKind::order_mismatch, true, ""},
    {DiscrepancyKind::currency_mismatch, true, "stripe"},
    {DiscrepancyKind::status_mismatch, false, "wechatpay"},
};

core::Money other_currency(const core::Money& amount) {
    const auto other = core::Currency::from_code(amount.currency().code() == "EUR" ? "USD" : "EUR");
    core::ensure(other.has_value(), "EUR and USD are currencies");
    return {amount.minor(), *other};
}

void apply(const Plant& plant, std::string_view channel, Happening& happening, World& world) {
    auto& listed = happening.listed;
    switch (plant.kind) {
        case DiscrepancyKind::missing_in_ledger:
            happening.called_back = false;
            break;
        case DiscrepancyKind::missing_in_channel:
            happening.on_statement = false;
            break;
        case DiscrepancyKind::amount_mismatch:
            listed.amount = plus(listed.amount, world.roll(2) == 0 ? 1 : 1 + world.roll(9'000));
            listed.fee = scenario_fee(channel, listed.type, listed.amount);
            break;
        case DiscrepancyKind::duplicate_in_channel:
            happening.listings = 2;
            break;
        case DiscrepancyKind::fee_mismatch:
            listed.fee = plus(listed.fee, 1);
            break;
        case DiscrepancyKind::unexpected_payment:
            happening.ordered = false;
            break;
        case DiscrepancyKind::order_mismatch:
            happening.order_amount = plus(happening.truth.amount, 1 + world.roll(500));
            break;
        case DiscrepancyKind::currency_mismatch:
            listed.amount = other_currency(listed.amount);
            listed.fee = scenario_fee(channel, listed.type, listed.amount);
            break;
        case DiscrepancyKind::status_mismatch:
            listed.channel_status = listed.type == TransactionType::refund ? "CHANGE" : "REVOKED";
            break;
        default:
            core::ensure(false, "a scenario plants only what it knows");
    }
    happening.touched = true;
}

bool fits(const Plant& plant, std::string_view channel, const Happening& happening, core::BusinessDay day) {
    const bool type_fits = !plant.needs_payment || happening.truth.type == TransactionType::payment;
    const bool channel_fits = plant.channel_only.empty() || plant.channel_only == channel;
    return type_fits && channel_fits && !happening.touched && happening.truth.business_day == day;
}

void plant_day(World& world, std::string_view channel, const ScenarioOptions& options, core::BusinessDay day,
               std::vector<ExpectedDiscrepancy>& expected) {
    for (int planted = 0, tries = 0; planted < options.plants_per_day && tries < 1000; ++tries) {
        const auto& plant = kPlants[static_cast<std::size_t>(world.roll(static_cast<int>(std::size(kPlants))))];
        auto& happenings = world.happenings();
        auto& happening = happenings[static_cast<std::size_t>(world.roll(static_cast<int>(happenings.size())))];
        if (!fits(plant, channel, happening, day)) {
            continue;
        }
        apply(plant, channel, happening, world);
        expected.push_back({day, plant.kind, happening.truth.type, happening.truth.channel_txn_id});
        ++planted;
    }
}

// Paid in a day's last seconds, listed by the channel a moment after the cut: timing, cleared on the next day.
void carry_over(World& world, core::BusinessDay day, std::vector<ExpectedDiscrepancy>& expected,
                const core::DayCut& cut) {
    auto& happening = world.happenings()[world.add_payment(day, true)];
    happening.touched = true;
    happening.listed.business_day = core::day_after(day);
    happening.listed.occurred_at = core::day_end(day, cut) + std::chrono::seconds(1 + world.roll(20));
    expected.push_back({day, DiscrepancyKind::timing, TransactionType::payment, happening.truth.channel_txn_id});
}

void add_remarks(World& world, const ScenarioOptions& options) {
    std::size_t number = 0;
    for (auto& happening : world.happenings()) {
        for (auto* told : {&happening.truth, &happening.listed}) {
            told->remark = options.remarks.empty() ? "" : options.remarks[number % options.remarks.size()];
            told->card = options.cards.empty() ? "" : options.cards[number % options.cards.size()];
        }
        ++number;
    }
}

void add_orders(World& world, const ScenarioOptions& options, Scenario& scenario) {
    for (const auto& happening : world.happenings()) {
        if (happening.truth.type == TransactionType::payment && happening.ordered) {
            scenario.orders.push_back({happening.truth.merchant_order_id,
                                       happening.order_amount.value_or(happening.truth.amount),
                                       happening.truth.occurred_at - std::chrono::minutes(1), options.split_name});
        }
    }
}

void tamper(payments::SignedCallback& callback) {
    const auto at = callback.body.find_last_of("0123456789");
    core::ensure(at != std::string::npos, "a callback's body holds a digit");
    callback.body[at] = callback.body[at] == '7' ? '8' : '7';
}

void add_callbacks(const payments::ChannelSimulator& simulator, World& world, const ScenarioOptions& options,
                   core::Instant signed_at, Scenario& scenario) {
    for (const auto& happening : world.happenings()) {
        if (!happening.called_back) {
            continue;
        }
        for (auto& callback : simulator.callbacks(happening.truth, signed_at, world.random())) {
            if (world.roll(100) < options.repeats_percent) {
                scenario.callbacks.push_back({callback, false});
            }
            if (world.roll(100) < 3) {
                auto forged = callback;
                tamper(forged);
                scenario.callbacks.push_back({std::move(forged), true});
            }
            scenario.callbacks.push_back({std::move(callback), false});
        }
    }
    std::shuffle(scenario.callbacks.begin(), scenario.callbacks.end(), world.random());
}

void add_statement(const payments::ChannelSimulator& simulator, World& world, core::BusinessDay day,
                   const payments::StatementFaults& faults, Scenario& scenario) {
    std::vector<payments::SimulatedTransaction> listed;
    for (const auto& happening : world.happenings()) {
        if (happening.on_statement && happening.listed.business_day == day) {
            listed.insert(listed.end(), static_cast<std::size_t>(happening.listings), happening.listed);
        }
    }
    std::shuffle(listed.begin(), listed.end(), world.random());
    scenario.statements.push_back({day, simulator.statement(day, listed, faults, world.random())});
}

}  // namespace

Scenario make_scenario(const payments::ChannelSimulator& simulator, const ScenarioOptions& options,
                       core::Instant signed_at) {
    Scenario scenario;
    scenario.channel = std::string(simulator.channel());
    World world(simulator, options);
    const bool lies = options.wrong_totals && scenario.channel != "stripe";  // Stripe's report states no totals
    core::BusinessDay day = options.first_day;
    for (int i = 0; i < options.days; ++i, day = core::day_after(day)) {
        const bool last = i + 1 == options.days;
        for (int n = 0; n < options.payments_per_day; ++n) {
            const auto payment = world.add_payment(day, false);
            if (world.roll(100) < options.refunds_percent) {
                world.add_refund(payment);
            }
        }
        if (i > 0) {
            plant_day(world, scenario.channel, options, day, scenario.expected);
        }
        if (!last) {
            carry_over(world, day, scenario.expected, simulator.day_cut());
        } else if (lies) {
            scenario.expected.push_back({day, DiscrepancyKind::total_mismatch, std::nullopt, {}});
        }
    }
    add_remarks(world, options);
    add_orders(world, options, scenario);
    add_callbacks(simulator, world, options, signed_at, scenario);
    day = options.first_day;
    for (int i = 0; i < options.days; ++i, day = core::day_after(day)) {
        const bool last = i + 1 == options.days;
        add_statement(simulator, world, day, {last && lies ? 1 : 0}, scenario);
    }
    std::sort(scenario.expected.begin(), scenario.expected.end());
    return scenario;
}

}  // namespace reconciliation

#include "reconciliation/impl/scenario_world.h"

#include "core/failure.h"

namespace reconciliation {
namespace {

using namespace std::chrono_literals;

core::Currency currency(std::string_view code) {
    const auto found = core::Currency::from_code(code);
    core::ensure(found.has_value(), "a scenario's currencies are ISO ones");
    return *found;
}

core::Money negated(const core::Money& amount) {
    const auto result = amount.negated();
    core::ensure(static_cast<bool>(result), "a fee can be negated");
    return *result;
}

std::string_view rounding_text(core::Rounding rounding) { return core::name_of(rounding); }

}  // namespace

std::vector<config::FeeRate> scenario_fees(std::string_view channel) {
    const auto rate = [](std::string_view code, std::int64_t basis_points, std::int64_t fixed) {
        return config::FeeRate{std::nullopt, currency(code),          basis_points,
                               fixed,        core::Rounding::half_up, std::nullopt};
    };
    if (channel == "stripe") {
        return {rate("USD", 290, 30), rate("EUR", 150, 25), rate("JPY", 360, 0)};
    }
    return {rate("CNY", 60, 0)};
}

std::string scenario_fees_toml(std::string_view channel) {
    std::string toml;
    for (const auto& rate : scenario_fees(channel)) {
        toml += "\n[[tenant." + std::string(channel) + ".fee]]\ncurrency = \"" + std::string(rate.currency.code()) +
                "\"\nbasis_points = " + std::to_string(rate.basis_points) +
                "\nfixed = " + std::to_string(rate.fixed_minor) + "\nrounding = \"" +
                std::string(rounding_text(rate.rounding)) + "\"\n";
    }
    return toml;
}

core::Money scenario_fee(std::string_view channel, payments::TransactionType type, const core::Money& amount) {
    for (const auto& rate : scenario_fees(channel)) {
        if (!(rate.currency == amount.currency())) {
            continue;
        }
        const auto proportional = amount.times_basis_points(rate.basis_points, rate.rounding);
        core::ensure(static_cast<bool>(proportional), "a scenario's fee is in range");
        if (type == payments::TransactionType::refund) {
            return channel == "stripe" ? core::Money(0, amount.currency()) : negated(*proportional);
        }
        return {proportional->minor() + rate.fixed_minor, amount.currency()};
    }
    return {0, amount.currency()};
}

World::World(const payments::ChannelSimulator& simulator, const ScenarioOptions& options)
    : simulator_(simulator), random_(options.seed) {}

core::Money World::random_amount() {
    core::Currency chosen = simulator_.currency();
    if (simulator_.channel() == "stripe") {
        const int die = roll(10);
        chosen = die < 7 ? chosen : currency(die < 9 ? "EUR" : "JPY");
    }
    // Many small sums and a few large ones, as shops have them.
    const int size = roll(10);
    const std::int64_t most = size < 6 ? 20'000 : size < 9 ? 400'000 : 3'000'000;
    return {static_cast<std::int64_t>(100 + random_() % static_cast<std::uint64_t>(most)), chosen};
}

std::string World::new_order_id(core::BusinessDay day) {
    constexpr std::string_view kLetters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz";
    std::string id = "D";
    for (const char c : core::format_day(day)) {
        if (c != '-') {
            id.push_back(c);
        }
    }
    id += "X" + std::to_string(next_order_++) + "X";
    for (int i = 0; i < 5; ++i) {
        id.push_back(kLetters[random_() % kLetters.size()]);
    }
    return id;
}

std::size_t World::add_payment(core::BusinessDay day, bool in_last_seconds) {
    const auto begin = core::day_begin(day, simulator_.day_cut());
    const auto end = core::day_end(day, simulator_.day_cut());
    Happening happening{{payments::TransactionType::payment,
                         new_order_id(day),
                         {},
                         random_amount(),
                         begin,
                         day,
                         core::Money(0, simulator_.currency()),
                         {},
                         {},
                         {},
                         {}},
                        {payments::TransactionType::payment,
                         {},
                         {},
                         core::Money(1, simulator_.currency()),
                         begin,
                         day,
                         core::Money(0, simulator_.currency()),
                         {},
                         {},
                         {},
                         {}},
                        true,
                        true,
                        1,
                        true,
                        std::nullopt,
                        false};
    auto& truth = happening.truth;
    const auto length = std::chrono::duration_cast<std::chrono::seconds>(end - begin - 8h).count();
    truth.occurred_at =
        in_last_seconds
            ? end - std::chrono::seconds(1 + roll(20))
            : begin + 1h +
                  std::chrono::seconds(static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(length)));
    truth.fee = scenario_fee(simulator_.channel(), truth.type, truth.amount);
    simulator_.assign_ids(truth, nullptr, random_);
    happening.listed = truth;
    happenings_.push_back(std::move(happening));
    return happenings_.size() - 1;
}

void World::add_refund(std::size_t payment) {
    const auto paid = happenings_[payment].truth;
    Happening happening = happenings_[payment];
    auto& truth = happening.truth;
    truth.type = payments::TransactionType::refund;
    truth.own_order_id = "R" + paid.merchant_order_id;
    const bool in_full = roll(3) == 0 || paid.amount.minor() < 3;
    truth.amount =
        core::Money(in_full ? paid.amount.minor() : 1 + paid.amount.minor() / (2 + roll(5)), paid.amount.currency());
    truth.occurred_at = paid.occurred_at + std::chrono::seconds(600 + roll(3 * 3600));
    truth.fee = scenario_fee(simulator_.channel(), truth.type, truth.amount);
    truth.channel_txn_id.clear();
    truth.related_txn_id.clear();
    truth.attributes.clear();
    simulator_.assign_ids(truth, &paid, random_);
    happening.listed = truth;
    happenings_[payment].touched = true;
    happenings_.push_back(std::move(happening));
}

}  // namespace reconciliation

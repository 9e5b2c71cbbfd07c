// A channel's world on a real PostgreSQL: its keys and simulator, the channel that reads what it sends, and shops
// (tenants) that take in callbacks and reconcile days.
//
//     const auto& channel = SimulatedChannel::of("stripe");
//     Shop shop(channel);
//     shop.take_in(scenario);
//     const auto list = shop.reconcile(scenario.statements.front());
//
// Keys are slow to make, so there is one simulator a channel and program; shops are new tenants in one database.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audit/redact.h"
#include "config/settings.h"
#include "core/archive.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/log.h"
#include "ledger/books.h"
#include "payments/channels/registry.h"
#include "payments/intake.h"
#include "payments/order.h"
#include "reconciliation/cases.h"
#include "reconciliation/job.h"
#include "reconciliation/runs.h"
#include "reconciliation/scenario.h"
#include "reconciliation/shadow.h"
#include "tests/support/test_database.h"

namespace test_support {

class SimulatedChannel {
public:
    static const SimulatedChannel& of(const std::string& name) {
        static std::map<std::string, std::unique_ptr<SimulatedChannel>> made;
        auto& channel = made[name];
        if (channel == nullptr) {
            channel.reset(new SimulatedChannel(name));
        }
        return *channel;
    }

    const std::string& name() const { return name_; }
    const payments::ChannelSimulator& simulator() const { return *simulator_; }
    const payments::Channel& channel() const { return *channel_; }
    // A shop's settings are these, under an id of its own.
    const config::TenantSettings& tenant() const { return settings_.tenants.front(); }

private:
    explicit SimulatedChannel(const std::string& name) : name_(name) {
        core::set_log_level(core::LogLevel::warning);  // hundreds of days that went well are no news
        const auto* registered = payments::find_channel(name);
        core::ensure(registered != nullptr, "a test names a channel there is");
        simulator_ = registered->make_simulator("world", 7);
        const auto& place = folder_.path();
        std::filesystem::create_directories(place / "keys");
        core::write_file(place / "keys" / "master.key", std::string(64, 'a') + "\n", 0600);
        core::write_file(place / "duizhang.toml",
                         "[database]\nembedded = \"pg\"\n\n[secrets]\nmaster_key = \"file:keys/master.key\"\n\n"
                         "[[tenant]]\nid = \"world\"\nname = \"World\"\ncurrency = \"CNY\"\n\n" +
                             simulator_->write_configuration(place, place / "keys") +
                             reconciliation::scenario_fees_toml(name));
        settings_ = config::load_settings(place / "duizhang.toml", {name});
        auto section = tenant().channels.front().section;
        channel_ =
            registered->make(section, {"world", [this](std::string_view card) { return redactor_.fingerprint(card); },
                                       [this](std::string_view text) { return redactor_.redact(text); }});
        config::finish(settings_);
    }

    std::string name_;
    TestFolder folder_;
    audit::Redactor redactor_{core::KeyBytes(std::string(32, 'k'))};
    std::unique_ptr<payments::ChannelSimulator> simulator_;
    config::Settings settings_;
    std::unique_ptr<payments::Channel> channel_;
};

// The program's one database for shops.
inline core::db::Database& shops_database() {
    static const TestDatabase made;
    static core::db::Database database(made.service_options());
    return database;
}

// A tenant of its own with one channel.
class Shop {
public:
    explicit Shop(const SimulatedChannel& channel) : world_(channel), tenant_(channel.tenant()) {
        static std::atomic<int> count{0};
        tenant_.id = core::TenantId("shop-" + std::to_string(++count));
    }

    const SimulatedChannel& world() const { return world_; }
    const core::TenantId& id() const { return tenant_.id; }
    std::filesystem::path folder(core::BusinessDay day) const { return folder_.path() / core::format_day(day); }

    void judge_no_fees() { tenant_.channels.front().fees.clear(); }
    // From the next run on.
    void set_rules(std::vector<config::MatchRule> rules) { tenant_.channels.front().rules = std::move(rules); }

    // In one transaction, as `orders import` does.
    void register_orders(const reconciliation::Scenario& scenario) {
        core::db::TenantTransaction transaction(shops_database(), tenant_.id);
        std::vector<payments::Order> orders;
        for (const auto& order : scenario.orders) {
            orders.push_back({core::MerchantOrderId(order.merchant_order_id),
                              order.amount,
                              order.created_at,
                              order.split_name,
                              {},
                              {}});
        }
        payments::register_orders(transaction, orders, {"UTC", std::chrono::minutes(0)});
        transaction.commit();
    }

    // A callback as it comes, received the moment it was signed.
    payments::CallbackRequest request_of(const reconciliation::ScenarioCallback& callback, core::Instant at) const {
        return {callback.callback.headers, callback.callback.body, at};
    }

    using Wanted = std::function<bool(const payments::Transaction&)>;

    // Takes in the callbacks whose movements are `wanted` (all without it). Returns how many were refused.
    std::size_t take_in(const reconciliation::Scenario& scenario, core::Instant at, const Wanted& wanted = {}) {
        std::size_t refused = 0;
        core::db::TenantTransaction transaction(shops_database(), tenant_.id);
        for (const auto& callback : scenario.callbacks) {
            const auto request = request_of(callback, at);
            const auto message = world_.channel().read_callback(request);
            if (!message) {
                ++refused;
                continue;
            }
            const auto& told = message->transactions;
            if (!wanted || std::any_of(told.begin(), told.end(), wanted)) {
                payments::take_in(transaction, {{tenant_.id, world_.name(), &*message, &request}});
            }
        }
        transaction.commit();
        return refused;
    }

    // Into folder(day). The clock stands still, so that a rerun has no other times.
    reconciliation::ReviewList reconcile(core::BusinessDay day, const std::vector<payments::StatementFile>& files,
                                         const config::ChannelCalendar* calendar = nullptr) {
        const core::FixedClock clock(core::Instant(std::chrono::hours(24 * 365 * 60)));
        return reconciliation::reconcile_day({shops_database(), clock},
                                             {tenant_, world_.channel(), tenant_.channels.front().fees, day, calendar},
                                             files, folder(day));
    }
    // What runs of the day left in the database, in the order of the review list.
    std::vector<reconciliation::StoredDiscrepancy> stored_discrepancies(core::BusinessDay day) {
        core::db::TenantTransaction transaction(shops_database(), tenant_.id);
        reconciliation::RunFilter filter;
        filter.from = filter.until = day;
        return reconciliation::list_discrepancies(transaction, filter, 1000);
    }
    reconciliation::ReviewList reconcile(const reconciliation::ScenarioStatement& statement) {
        return reconcile(statement.day, statement.files);
    }

    std::vector<reconciliation::ShadowDay> shadow(const std::vector<reconciliation::ShadowInput>& inputs,
                                                  const std::vector<config::MatchRule>& rules) {
        const core::FixedClock clock(core::Instant(std::chrono::hours(24 * 365 * 60)));
        return reconciliation::shadow_days(
            {shops_database(), clock}, {tenant_, world_.channel(), tenant_.channels.front().fees, inputs.front().day},
            inputs, rules);
    }

    std::string file(core::BusinessDay day, const std::string& name) const {
        return core::read_file(folder(day) / name, 1U << 26U);
    }

    // Minor units by currency; what stands at zero is left out.
    std::map<std::string, std::int64_t> balance(const std::string& account) {
        core::db::TenantTransaction transaction(shops_database(), tenant_.id);
        std::map<std::string, std::int64_t> found;
        for (const auto& row : ledger::trial_balance(transaction)) {
            if (row.account == account && row.balance_minor() != 0) {
                found[row.currency] = row.balance_minor();
            }
        }
        return found;
    }
    std::map<std::string, std::int64_t> balance(const ledger::Account& account) { return balance(account.name()); }

    // What is wrong with the books, in words; empty when they are right.
    std::string complaint_about_the_books() {
        core::db::TenantTransaction transaction(shops_database(), tenant_.id);
        std::string complaints;
        for (const auto& breach : ledger::verify(transaction).breaches) {
            complaints += breach + "\n";
        }
        std::map<std::string, std::int64_t> sums;
        for (const auto& row : ledger::trial_balance(transaction)) {
            sums[row.currency] += row.balance_minor();
        }
        for (const auto& [currency, sum] : sums) {
            complaints += sum == 0 ? "" : "the trial balance is off in " + currency + "\n";
        }
        for (const auto& account : reconciliation::clearing_accounts(transaction, std::nullopt)) {
            complaints += account.agrees() ? ""
                                           : account.account + " has " + std::to_string(account.balance_minor) +
                                                 " and its cases are " + std::to_string(account.cases_minor) + "\n";
        }
        return complaints;
    }

    std::int64_t entries() {
        core::db::TenantTransaction transaction(shops_database(), tenant_.id);
        return ledger::verify(transaction).entries;
    }

private:
    const SimulatedChannel& world_;
    config::TenantSettings tenant_;
    TestFolder folder_;
};

}  // namespace test_support

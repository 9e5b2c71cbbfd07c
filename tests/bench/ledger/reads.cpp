#include "tests/bench/ledger/reads.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <random>
#include <stdexcept>

#include "core/db/database.h"
#include "core/db/trip.h"
#include "core/failure.h"
#include "ledger/batch.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kLegsOfAnEntry = 50;  // on the busy account; and one on another
constexpr std::int64_t kEach = 200;          // entries a commit

const core::TenantId& tenant() {
    static const core::TenantId id("history");
    return id;
}

core::BusinessDay first_day() { return core::BusinessDay(date::year(2024) / 11 / 23); }

ledger::Posting entry(const History& history, std::int64_t number, std::int64_t count) {
    const auto cny = core::Currency::from_code("CNY");
    std::vector<ledger::Leg> legs(static_cast<std::size_t>(kLegsOfAnEntry),
                                  {ledger::Account::bank("busy"), core::Money(1, *cny)});
    const auto other = ledger::Account::from_name("payable:p" + std::to_string(number % history.accounts));
    core::ensure(other.has_value(), "a party's account is one of the chart");
    legs.push_back({*other, core::Money(-kLegsOfAnEntry, *cny)});
    const date::sys_days day = date::sys_days(first_day()) + date::days(number * history.days / count);
    auto made = ledger::Entry::make({"manual", "history:" + std::to_string(number), "", "history",
                                     core::Instant(day.time_since_epoch()), core::BusinessDay(day)},
                                    std::move(legs));
    core::ensure(static_cast<bool>(made), "an entry of the history balances");
    return {tenant(), *std::move(made)};
}

void write(core::db::Database& database, const History& history) {
    ledger::StandingAccounts standing;
    const auto count = history.postings / kLegsOfAnEntry;
    for (std::int64_t at = 0; at < count; at += kEach) {
        std::vector<ledger::Posting> all;
        for (std::int64_t i = at; i < std::min(at + kEach, count); ++i) {
            all.push_back(entry(history, i, count));
        }
        core::db::TenantsTransaction transaction(database, {tenant()});
        core::db::Trip first(transaction);
        const ledger::EntryNumbers numbers(first, all.size(), ledger::hold_days_open(first, {tenant()}));
        first.run();
        core::db::Trip second(transaction);
        ledger::AccountsToOpen accounts(standing);
        const ledger::NewEntries posted(second, all, numbers.all(first), accounts);
        second.run();
        transaction.commit();
        accounts.committed();
    }
}

}  // namespace

std::vector<Question> ask(const DatabaseNames& names, const History& history, int times) {
    core::db::Options options;
    options.connection = names.service;
    core::db::Database database(options);
    const auto begin = Clock::now();
    write(database, history);
    std::printf("%ld postings written in %ld s\n", history.postings,
                std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - begin).count());

    std::mt19937_64 random(1);
    const auto past = [&] {
        const auto days = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(history.days));
        return ledger::AsOf{core::BusinessDay(date::sys_days(first_day()) + date::days(days)), std::nullopt};
    };
    using Ask = std::function<std::size_t(core::db::TenantTransaction&)>;
    const std::vector<std::pair<std::string, Ask>> all = {
        {"balance now", [](auto& open) { return ledger::account_balances(open, "bank:busy").size(); }},
        {"balance of a past day",
         [&](auto& open) { return ledger::account_balances(open, "bank:busy", past()).size(); }},
        {"trial balance now", [](auto& open) { return ledger::trial_balance(open).size(); }},
        {"trial balance of a past day", [&](auto& open) { return ledger::trial_balance(open, past()).size(); }}};
    std::vector<Question> questions;
    for (const auto& [name, question] : all) {
        Question asked{name, {}};
        for (int i = 0; i < times; ++i) {
            core::db::TenantTransaction transaction(database, tenant());
            const auto asked_at = Clock::now();
            if (question(transaction) == 0) {
                throw std::runtime_error(name + ": there is nothing");
            }
            asked.us.push_back(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - asked_at).count());
        }
        std::sort(asked.us.begin(), asked.us.end());
        questions.push_back(std::move(asked));
    }
    return questions;
}

}  // namespace bench

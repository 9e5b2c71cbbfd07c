// A random month of each channel, with all that its callbacks and statements tell and all that is wrong with them: what
// hledger, which knows nothing of us, adds up from the export is the trial balance, to the unit.
// DUIZHANG_PROPERTY_SEED=N for the month that failed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "core/text/csv.h"
#include "ledger/export.h"
#include "tests/support/command.h"
#include "tests/support/world.h"

namespace reconciliation {
namespace {

using test_support::Shop;
using test_support::SimulatedChannel;

constexpr const char* kHledger = "/usr/bin/hledger";
const core::BusinessDay kFirst{date::year{2028} / 2 / 1};
const core::BusinessDay kLast{date::year{2028} / 2 / 29};
const core::BusinessDay kHalf{date::year{2028} / 2 / 15};
const core::Instant kSigned = date::sys_days(date::year{2028} / 3 / 1) + std::chrono::hours(2);

std::uint64_t a_seed() {
    const char* given = std::getenv("DUIZHANG_PROPERTY_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

using Balances = std::map<std::pair<std::string, std::string>, std::int64_t>;  // by account and currency, minor units

Balances ours(const Shop& shop, std::optional<core::BusinessDay> until = std::nullopt) {
    core::db::TenantTransaction transaction(test_support::shops_database(), shop.id());
    Balances found;
    for (const auto& row : ledger::trial_balance(transaction, {until, std::nullopt})) {
        if (row.balance_minor() != 0) {
            found[{row.account, row.currency}] = row.balance_minor();
        }
    }
    return found;
}

std::string exported(const Shop& shop, const ledger::DayRange& range, bool opening = false) {
    core::db::TenantTransaction transaction(test_support::shops_database(), shop.id());
    ledger::JournalExport journal(ledger::ExportFormat::hledger, shop.id());
    std::string text = journal.head();
    if (opening) {
        text += journal.opening(*range.from,
                                ledger::trial_balance(transaction, {core::day_before(*range.from), std::nullopt}));
    }
    ledger::read_journal(transaction, range, [&](const ledger::StoredEntry& entry) { text += journal.entry(entry); });
    return text;
}

// What hledger adds up; it refuses what doesn't balance, and accounts and currencies that aren't declared.
Balances hledgers(const std::string& journal) {
    const test_support::TestFolder folder;
    const auto file = (folder.path() / "books.journal").string();
    test_support::write_text(file, journal);
    const auto ran = test_support::Process({kHledger, "--strict", "-f", file, "balance", "--flat", "--no-total",
                                            "--layout=bare", "--output-format=csv"},
                                           folder.path())
                         .finish();
    core::ensure(ran.status == 0, "hledger takes the export: " + ran.err);
    core::text::CsvReader reader(ran.out);
    Balances found;
    for (auto row = reader.next(); row && *row; row = reader.next()) {
        const auto& cells = (*row)->cells;
        if (cells.at(0) == "account") {
            continue;  // the names of the columns
        }
        const auto currency = core::Currency::from_code(cells.at(1)).value();
        found[{cells.at(0), cells.at(1)}] = *core::minor_from_decimal(cells.at(2), currency.exponent());
    }
    return found;
}

class Export : public testing::TestWithParam<const char*> {};

TEST_P(Export, AddsUpToTheTrialBalanceInAnotherProgram) {
    const auto seed = a_seed();
    SCOPED_TRACE("DUIZHANG_PROPERTY_SEED=" + std::to_string(seed));
    const auto& channel = SimulatedChannel::of(GetParam());
    ScenarioOptions options;
    options.seed = seed;
    options.first_day = kFirst;
    options.days = 29;
    options.payments_per_day = 12;
    options.refunds_percent = 40;
    const auto scenario = make_scenario(channel.simulator(), options, kSigned);
    Shop shop(channel);
    shop.register_orders(scenario);
    shop.take_in(scenario, kSigned);
    for (const auto& statement : scenario.statements) {
        shop.reconcile(statement);
    }
    ASSERT_EQ(shop.complaint_about_the_books(), "");
    ASSERT_GT(ours(shop).size(), 5U);

    EXPECT_EQ(hledgers(exported(shop, {})), ours(shop));
    EXPECT_EQ(hledgers(exported(shop, {std::nullopt, kHalf})), ours(shop, kHalf));
    EXPECT_EQ(hledgers(exported(shop, {core::day_after(kHalf), kLast}, true)), ours(shop, kLast));
}

INSTANTIATE_TEST_SUITE_P(Of, Export, testing::Values("wechatpay", "unionpay", "stripe"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace reconciliation

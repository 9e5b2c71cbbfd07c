// A channel's days, settled by a bank: what the bank paid leaves transit:funds, and what nothing explains is listed.
#include "payments/bank/simulator.h"
#include "reconciliation/bank.h"
#include "tests/integration/reconciliation/unusual_day.h"

namespace reconciliation::test {
namespace {

using payments::bank::SimulatedEntry;
using testing::IsEmpty;
using testing::SizeIs;

// What stands on transit:funds is what two days' statements proved.
class BankDays : public UnusualDay {
protected:
    BankDays() : bank_{"main", world_.simulator().currency()}, tenant_(world_.tenant()) {
        tenant_.id = shop_.id();
        bank_.number = "6222000012345678";
        bank_.settlements.push_back({GetParam(), {"TENPAY"}, 1, false, std::nullopt});
        shop_.register_orders(scenario_);
        shop_.take_in(scenario_, kSigned);
        for (const auto& statement : scenario_.statements) {
            proved_by_day_.push_back(minor_of(shop_.reconcile(statement).summary));
            proved_ += proved_by_day_.back();
        }
    }

    // What a day's statement says the channel owes for it.
    std::int64_t minor_of(const Summary& summary) const {
        for (const auto& equation : summary.equations) {
            if (equation.edge == "statement_settlement" && equation.currency == currency()) {
                return equation.left_sum();
            }
        }
        throw std::logic_error("a day with lines has its equation");
    }
    std::string currency() const { return std::string(bank_.currency.code()); }

    std::int64_t on(const ledger::Account& account) {
        const auto balances = shop_.balance(account);
        const auto found = balances.find(currency());
        return found == balances.end() ? 0 : found->second;
    }
    std::int64_t funds() { return on(ledger::Account::transit_funds(GetParam())); }
    std::int64_t at_bank() { return on(ledger::Account::bank("main")); }

    // Long after both days, so that they are due.
    BankDay bank_day(const std::vector<SimulatedEntry>& entries, core::BusinessDay day = kDue,
                     std::int64_t opening = 500) {
        const auto file = payments::bank::write_statement(bank_, {day, 0, opening, entries, 0});
        const auto read =
            payments::bank::read_statements({file}, {bank_, [](std::string_view text) { return std::string(text); }});
        if (!read) {
            throw core::InputError(read.error().message());
        }
        return reconcile_bank({test_support::shops_database(), clock_, std::chrono::minutes(15)}, {tenant_, bank_},
                              *read, [&](core::BusinessDay) { return folder_.path() / "bank"; })
            .front();
    }
    static SimulatedEntry credit(std::int64_t minor, const char* who = "TENPAY") {
        return {kDue, minor, "R1", who, "settlement"};
    }
    static const Equation& edge(const BankDay& day, const std::string& name) {
        const auto& all = day.list.summary.equations;
        return *std::find_if(all.begin(), all.end(), [&](const Equation& one) { return one.edge == name; });
    }

    static constexpr core::BusinessDay kDue{date::year{2027} / 12 / 31};
    config::Bank bank_;
    config::TenantSettings tenant_;
    core::FixedClock clock_{kSigned};
    test_support::TestFolder folder_;
    std::int64_t proved_ = 0;
    std::vector<std::int64_t> proved_by_day_;
};

TEST_P(BankDays, BookWhatTheBankPaidForSeveralDaysTogether) {
    const auto before = funds();
    ASSERT_NE(before, 0);
    EXPECT_EQ(proved_, before);

    const auto day = bank_day({credit(before)});

    EXPECT_THAT(rows_of(day.list), IsEmpty());
    EXPECT_EQ(funds(), 0);
    EXPECT_EQ(at_bank(), before);
    EXPECT_EQ(day.list.summary.matched, 1U);
    EXPECT_EQ(edge(day, "settlement_bank").residual(), 0);
    EXPECT_EQ(edge(day, "settlement_bank").left_sum(), before);
    EXPECT_EQ(edge(day, "bank_balance").residual(), 0);
    EXPECT_EQ(shop_.complaint_about_the_books(), "");
}

TEST_P(BankDays, BookASettlementThatComesInTwoCredits) {
    const auto before = funds();
    const auto first = proved_by_day_.front();
    const core::BusinessDay day_before(date::sys_days(kDue) - date::days(1));
    const SimulatedEntry part{day_before, first - 777, "R1", "TENPAY", "settlement"};

    EXPECT_THAT(bank_day({part}, day_before).list.discrepancies, SizeIs(1)) << "it pays nothing by itself";
    EXPECT_EQ(funds(), before);
    const auto day = bank_day({credit(777)}, kDue, 500 + first - 777);

    EXPECT_EQ(funds(), before - first);
    EXPECT_EQ(at_bank(), first);
    EXPECT_EQ(day.list.summary.matched, 1U);
    ASSERT_THAT(day.list.discrepancies, SizeIs(1));
    EXPECT_EQ(day.list.discrepancies.front().ledger_amount, before - first) << "the other day is still due";
    const auto again = bank_day({part}, day_before);
    EXPECT_EQ(again.list.summary.matched, 1U) << "what became known since explains the first part";
    EXPECT_EQ(edge(again, "settlement_bank").right_sum(), first - 777);
    EXPECT_EQ(funds(), before - first);
    EXPECT_EQ(shop_.complaint_about_the_books(), "");
}

TEST_P(BankDays, ExpectCreditsByTheBanksCalendar) {
    const auto last = scenario_.statements.back().day;
    const std::set<core::BusinessDay> closed = {core::day_after(last)};
    bank_.days = std::make_shared<const config::BusinessCalendar>(
        config::built_in_calendar("TARGET").with("own", closed, {last, core::day_after(core::day_after(last))}));

    const auto waiting = bank_day({}, core::day_after(last)).list;
    const auto due = bank_day({}, core::day_after(core::day_after(last))).list;

    const auto missing = [](const ReviewList& list) {
        return std::count_if(list.discrepancies.begin(), list.discrepancies.end(),
                             [](const auto& row) { return row.kind == DiscrepancyKind::missing_in_channel; });
    };
    EXPECT_EQ(missing(due), missing(waiting) + 1) << "the day between is no business day of the bank's";
    const auto row = std::find_if(due.discrepancies.begin(), due.discrepancies.end(),
                                  [&](const auto& one) { return one.item_day == last; });
    ASSERT_NE(row, due.discrepancies.end());
    EXPECT_EQ(row->expected_by, core::day_after(core::day_after(last)));
}

TEST_P(BankDays, AreTheSameOnARerun) {
    const auto before = funds();
    const auto first = bank_day({credit(before), credit(77, "Somebody")});
    const auto again = bank_day({credit(before), credit(77, "Somebody")});

    EXPECT_TRUE(first.fresh);
    EXPECT_FALSE(again.fresh);
    EXPECT_EQ(again.list.summary.digest, first.list.summary.digest);
    EXPECT_EQ(review_csv(again.list), review_csv(first.list));
    EXPECT_EQ(funds(), 0);
    EXPECT_EQ(at_bank(), before);
}

TEST_P(BankDays, ListWhatIsNotTheExactSum) {
    const auto before = funds();

    const auto day = bank_day({credit(before - 1)});

    ASSERT_THAT(day.list.discrepancies, SizeIs(1));
    const auto& row = day.list.discrepancies.front();
    EXPECT_EQ(row.kind, DiscrepancyKind::amount_mismatch);
    EXPECT_EQ(row.difference(), -1);
    EXPECT_THAT(row.evidence.front(), testing::HasSubstr("main-2027-12-31.xml:"));
    EXPECT_EQ(edge(day, "settlement_bank").residual(), 1);
    EXPECT_EQ(funds(), before);
    EXPECT_EQ(at_bank(), 0);
}

TEST_P(BankDays, ListWhatWasDueAndHasNotCome) {
    const auto day = bank_day({});
    EXPECT_EQ(day.list.summary.discrepancies.at(DiscrepancyKind::missing_in_channel), day.list.discrepancies.size());
    std::int64_t missing = 0;
    for (const auto& row : day.list.discrepancies) {
        missing += row.ledger_amount.value_or(0);
    }
    EXPECT_EQ(missing, funds());
    EXPECT_EQ(edge(day, "settlement_bank").residual(), funds());
}

TEST_P(BankDays, ListACreditThatNobodyExpects) {
    const auto before = funds();
    const auto day = bank_day({credit(before), credit(1234, "Somebody"), credit(-50, "The bank's fee")});
    EXPECT_EQ(day.list.summary.discrepancies.at(DiscrepancyKind::missing_in_ledger), 2U);
    EXPECT_EQ(day.list.discrepancies.size(), 2U);
    EXPECT_EQ(at_bank(), before);
}

TEST_P(BankDays, AreExplainedByWhatPeoplePosted) {
    const auto before = funds();
    auto entry = ledger::Entry::make({"manual", "manual:fee", "", "bank fee", kSigned, kDue},
                                     {{*ledger::Account::from_name("expense:bank"), {50, bank_.currency}},
                                      {ledger::Account::bank("main"), {-50, bank_.currency}}});
    ASSERT_TRUE(entry);
    core::db::TenantTransaction transaction(test_support::shops_database(), shop_.id());
    ASSERT_TRUE(ledger::post(transaction, *entry));
    transaction.commit();
    const auto day = bank_day({credit(before), credit(-50, "The bank's fee"), credit(-50, "The bank's fee")});
    // One entry explains one of the two.
    EXPECT_THAT(day.list.discrepancies, SizeIs(1));
    EXPECT_EQ(day.list.summary.matched, 2U);
    EXPECT_EQ(at_bank(), before - 50);
}

TEST_P(BankDays, RefuseAStatementThatDoesNotFollow) {
    bank_day({credit(funds())});
    const auto file = payments::bank::write_statement(bank_, {core::day_after(kDue), 0, 1, {}, 0});
    const auto read =
        payments::bank::read_statements({file}, {bank_, [](std::string_view text) { return std::string(text); }});
    ASSERT_TRUE(read);
    EXPECT_THROW(reconcile_bank({test_support::shops_database(), clock_, std::chrono::minutes(15)}, {tenant_, bank_},
                                *read, [&](core::BusinessDay) { return folder_.path() / "next"; }),
                 core::InputError);
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "next"));
}

INSTANTIATE_TEST_SUITE_P(, BankDays, testing::Values("wechatpay", "unionpay"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace reconciliation::test

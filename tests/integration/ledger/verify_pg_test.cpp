// What verify() sees when somebody with the keys to the database does damage.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/books.h"
#include "tests/support/selling_books.h"

namespace ledger {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field
using testing::ElementsAre;
using testing::IsEmpty;

// Damage as only somebody with the cluster's own rights can do it: past triggers, foreign keys and row-level security.
class Verify : public SellingBooks {
protected:
    Verify() {
        sale("sale:1", 500);
        enter_on_pages();
        id_ = std::to_string(sale("sale:2", 20)->number());
        enter_on_pages();
    }

    void damage(const std::string& sql) {
        books_test_database().administer_here("set session_replication_role = replica; " + sql);
    }
    std::string of_the_entry() const {
        return " where tenant_id = '" + books_.tenant().text() + "' and entry_id = " + id_;
    }
    // What was entered there alone has a page of its own on each of its accounts.
    std::string of_the_pages() const {
        return " where tenant_id = '" + books_.tenant().text() + "' and first_entry_id = " + id_;
    }
    std::string of_its_leg(int number) const { return of_the_pages() + " and lines[1][2] = " + std::to_string(number); }
    std::string of_the_account() const {
        return " where account_no = (select account_no from ledger.accounts where account = 'bank:main' and tenant_id "
               "= '" +
               books_.tenant().text() + "')";
    }
    // A sale whose legs the database leaves waiting, which it does but for one in 256 or so.
    std::string waiting_sale() {
        for (int i = 0;; ++i) {
            const auto id = std::to_string(sale("waiting:" + std::to_string(i), 1)->number());
            const auto rows = books_test_database().administer_here("select from ledger.new_legs where tenant_id = '" +
                                                                    books_.tenant().text() + "'");
            if (!rows.empty()) {
                return id;
            }
        }
    }
    std::vector<std::string> breaches() { return books_.verify().breaches; }
    // Those that name an entry. Most damage leaves a kept balance off, too.
    std::vector<std::string> entry_breaches() {
        auto found = breaches();
        std::erase_if(found, [](const std::string& breach) { return !breach.starts_with("entry "); });
        return found;
    }

    std::string id_;
};

TEST_F(Verify, FindsNothingWrongWithGoodBooks) { EXPECT_THAT(breaches(), IsEmpty()); }

TEST_F(Verify, FindsAnAmountChangedInTheEntry) {
    damage("update ledger.entries set leg_amounts = '{21,-20}'" + of_the_entry());
    EXPECT_THAT(entry_breaches(), ElementsAre("entry " + id_ + " does not balance in CNY: 1",
                                              "entry " + id_ +
                                                  " says its leg 1 is 21 CNY on bank:main and it is 20 CNY on"
                                                  " bank:main"));
}

TEST_F(Verify, FindsAnAmountChangedOnTheAccount) {
    damage("update ledger.pages set lines[1][3] = 21" + of_its_leg(1));
    EXPECT_THAT(breaches(), ElementsAre("entry " + id_ +
                                            " says its leg 1 is 20 CNY on bank:main and it is 21 CNY on"
                                            " bank:main",
                                        "account bank:main in CNY: 520 is kept and 521 added up"));
}

TEST_F(Verify, FindsAKeptBalanceThatIsOff) {
    damage("update ledger.balances set debit_minor = debit_minor + 7" + of_the_account());
    EXPECT_THAT(breaches(), ElementsAre("account bank:main in CNY: 527 is kept and 520 added up"));
    damage("delete from ledger.balances" + of_the_account());
    EXPECT_THAT(breaches(), ElementsAre("account bank:main in CNY: 0 is kept and 520 added up"));
}

TEST_F(Verify, FindsATurnoverThatIsOff) {
    damage("update ledger.turnovers set debit_minor = debit_minor + 7" + of_the_account() + " and not whole_month");
    EXPECT_THAT(breaches(), ElementsAre("account bank:main in CNY on 2026-11-18: turnover 527 and 0 is kept, 520 and 0"
                                        " added up"));
    damage("delete from ledger.turnovers" + of_the_account() + " and not whole_month");
    EXPECT_THAT(breaches(),
                ElementsAre("account bank:main in CNY on 2026-11-18: turnover 0 and 0 is kept, 520 and 0 added up"));
}

TEST_F(Verify, FindsAMonthThatIsOff) {
    damage("update ledger.turnovers set starts = '2026-10-01'" + of_the_account() + " and whole_month");
    EXPECT_THAT(breaches(), ElementsAre("account bank:main in CNY in the month of 2026-10-01: turnover 520 and 0 is"
                                        " kept, 0 and 0 added up",
                                        "account bank:main in CNY in the month of 2026-11-01: turnover 0 and 0 is"
                                        " kept, 520 and 0 added up"));
}

TEST_F(Verify, FindsAnEntryMovedToAnotherDay) {
    damage("update ledger.entries set business_date = '2026-11-19'" + of_the_entry());
    EXPECT_THAT(breaches(), ElementsAre("account bank:main in CNY on 2026-11-18: turnover 520 and 0 is kept, 500 and 0"
                                        " added up",
                                        "account bank:main in CNY on 2026-11-19: turnover 0 and 0 is kept, 20 and 0"
                                        " added up",
                                        "account income:sales in CNY on 2026-11-18: turnover 0 and 520 is kept, 0 and"
                                        " 500 added up",
                                        "account income:sales in CNY on 2026-11-19: turnover 0 and 0 is kept, 0 and 20"
                                        " added up"));
}

TEST_F(Verify, FindsAnAmountChangedWhereItWaits) {
    const auto id = waiting_sale();
    damage("update ledger.new_legs set lines[1][4] = 3 where lines[1][2] = " + id);
    EXPECT_THAT(entry_breaches(), ElementsAre("entry " + id +
                                              " says its leg 1 is 1 CNY on bank:main and it is 3 CNY on"
                                              " bank:main"));
}

TEST_F(Verify, FindsLegsRemovedWhereTheyWait) {
    const auto id = waiting_sale();
    damage("delete from ledger.new_legs where lines[1][2] = " + id);
    EXPECT_THAT(entry_breaches(),
                ElementsAre("entry " + id + " says its leg 1 is 1 CNY on bank:main and it is on no account",
                            "entry " + id + " says its leg 2 is -1 CNY on income:sales and it is on no account"));
}

TEST_F(Verify, FindsAChangedCurrency) {
    damage("update ledger.entries set leg_currencies = '{USD,CNY}'" + of_the_entry());
    EXPECT_THAT(entry_breaches(), ElementsAre("entry " + id_ + " does not balance in CNY: -20",
                                              "entry " + id_ + " does not balance in USD: 20",
                                              "entry " + id_ +
                                                  " says its leg 1 is 20 USD on bank:main and it is 20 CNY on"
                                                  " bank:main"));
}

TEST_F(Verify, FindsALegRemovedFromItsAccount) {
    damage("delete from ledger.pages" + of_its_leg(2));
    EXPECT_THAT(entry_breaches(), ElementsAre("entry " + id_ +
                                              " says its leg 2 is -20 CNY on income:sales and it is"
                                              " on no account"));
}

TEST_F(Verify, FindsALegRemovedFromTheEntry) {
    damage(
        "alter table ledger.entries drop constraint entries_two_legs, drop constraint entries_whole_legs;"
        "update ledger.entries set leg_accounts = '{bank:main}', leg_currencies = '{CNY,CNY}', leg_amounts = '{20}'" +
        of_the_entry());
    EXPECT_THAT(entry_breaches(),
                ElementsAre("entry " + id_ + " does not balance in CNY: 20", "entry " + id_ + " has 1 legs",
                            "entry " + id_ +
                                " says its leg 2 is  CNY on  and it is -20 CNY on"
                                " income:sales"));
    damage("delete from ledger.entries" + of_the_entry() +
           "; alter table ledger.entries add constraint entries_two_legs check (cardinality(leg_amounts) >= 2),"
           " add constraint entries_whole_legs check (array_ndims(leg_amounts) = 1 and array_lower(leg_amounts, 1) = 1"
           " and array_dims(leg_accounts) = array_dims(leg_amounts)"
           " and array_dims(leg_currencies) = array_dims(leg_amounts))");
}

TEST_F(Verify, FindsARemovedEntry) {
    damage("delete from ledger.entries" + of_the_entry());
    EXPECT_THAT(entry_breaches(),
                ElementsAre("entry " + id_ + " has a leg 1 on bank:main that it does not speak of",
                            "entry " + id_ + " has a leg 2 on income:sales that it does not speak of"));
}

TEST_F(Verify, FindsAnAddedPairOfLegs) {
    damage("update ledger.pages set lines = lines || array[lines[1][1], lines[1][2] + 2, lines[1][3]]" +
           of_the_pages());
    EXPECT_THAT(entry_breaches(),
                ElementsAre("entry " + id_ + " has a leg 3 on bank:main that it does not speak of",
                            "entry " + id_ + " has a leg 4 on income:sales that it does not speak of"));
}

TEST_F(Verify, FindsALegThatIsOnItsAccountTwice) {
    damage("update ledger.pages set lines = lines || lines" + of_its_leg(1));
    EXPECT_THAT(breaches(), ElementsAre("entry " + id_ + " has its leg 1 on its account more than once",
                                        "account bank:main in CNY: 520 is kept and 540 added up"));
}

TEST_F(Verify, FindsALegMovedToAnotherAccount) {
    const auto number = [&](const std::string& account) {
        return "(select account_no from ledger.accounts where account = '" + account + "' and tenant_id = '" +
               books_.tenant().text() + "')";
    };
    books_.post(entry_head("sale:3"), {{account("bank:other"), cny(1)}, {account("income:sales"), cny(-1)}});
    damage("update ledger.pages set account_no = " + number("bank:other") + of_its_leg(1));
    EXPECT_THAT(entry_breaches(), ElementsAre("entry " + id_ +
                                              " says its leg 1 is 20 CNY on bank:main and it is 20"
                                              " CNY on bank:other"));
    damage("update ledger.pages set account_no = -7" + of_its_leg(1));
    EXPECT_THAT(breaches(),
                ElementsAre("entry " + id_ + " says its leg 1 is 20 CNY on bank:main and it is 20 CNY on number -7",
                            "account bank:main in CNY: 520 is kept and 500 added up",
                            "account of no name in CNY: 0 is kept and 20 added up"));
}

TEST_F(Verify, FindsALegOfZero) {
    damage(
        "alter table ledger.entries drop constraint legs_not_zero;"
        "update ledger.pages set lines[1][3] = 0" +
        of_the_pages() + ";update ledger.entries set leg_amounts = '{0,0}'" + of_the_entry());
    EXPECT_THAT(entry_breaches(),
                ElementsAre("entry " + id_ + " has a leg of zero", "entry " + id_ + " has a leg of zero"));
    damage("delete from ledger.entries" + of_the_entry() +
           "; alter table ledger.entries add constraint legs_not_zero"
           " check (array_position(leg_amounts, 0) is null and array_position(leg_amounts, null) is null)");
}

TEST_F(Verify, LooksAtOneTenantOnly) {
    damage("delete from ledger.pages" + of_the_pages());
    const TenantBooks other;
    EXPECT_THAT(other.verify().breaches, IsEmpty());
    EXPECT_EQ(other.verify().entries, 0);
}

}  // namespace
}  // namespace ledger

// B1 to B4: entries by hand, many in one transaction, each decided as if it came alone.
#include "ledger/by_hand.h"

#include <gtest/gtest.h>

#include "ledger/closing.h"
#include "ledger/journal.h"
#include "tests/support/books.h"

namespace ledger {
namespace {

using test_support::account;
using test_support::books_database;
using test_support::cny;
using test_support::entry_head;
using test_support::Sums;
using test_support::TenantBooks;
using Outcome = ByHand::Outcome;

const auto kNow = test_support::instant("2026-11-18T02:00:00Z");

class ByHandTogether : public testing::Test {
protected:
    static Posting spends(const TenantBooks& books, const std::string& key, std::int64_t minor,
                          const char* day = "2026-11-18") {
        auto entry = Entry::make(entry_head(key, "", day),
                                 {{account("expense:rent"), cny(minor)}, {account("bank:main"), cny(-minor)}});
        core::ensure(static_cast<bool>(entry), "a test posts an entry that balances");
        return {books.tenant(), *std::move(entry)};
    }
    std::vector<std::optional<ByHand>> post(const std::vector<Posting>& postings,
                                            const std::vector<std::size_t>& left_out = {}) {
        core::db::TenantsTransaction transaction(books_database(), {books_.tenant(), others_.tenant()});
        core::db::Trip trip(transaction);
        ledger::EntriesByHand entries(trip, postings, kNow);
        trip.run();
        for (const auto place : left_out) {
            entries.leave_out(place);
        }
        AccountsToOpen accounts;
        auto all = entries.post(transaction, trip, accounts);
        transaction.commit();
        return all;
    }
    std::vector<Outcome> outcomes(const std::vector<Posting>& postings) {
        std::vector<Outcome> all;
        for (const auto& one : post(postings)) {
            all.push_back(one->outcome);
        }
        return all;
    }
    void limit(const TenantBooks& books, std::int64_t overdraft) {
        books.with([&](auto& transaction) {
            set_limit(transaction, account("bank:main"), test_support::currency("CNY"), overdraft, kNow, "test");
        });
    }
    void TearDown() override {
        EXPECT_EQ(books_.complaints(), "");
        EXPECT_EQ(others_.complaints(), "");
    }

    TenantBooks books_;
    TenantBooks others_;
};

TEST_F(ByHandTogether, SayWhatStandsInTheBooks) {
    const auto all = post({spends(books_, "a", 5), spends(others_, "a", 7)});
    for (const auto& [books, one] : {std::pair(&books_, all[0]), std::pair(&others_, all[1])}) {
        ASSERT_EQ(one->outcome, Outcome::posted);
        const auto stands = books->with([&](auto& transaction) { return *find_entry(transaction, one->entry->id); });
        EXPECT_EQ(one->entry->event, stands.event);
        EXPECT_EQ(one->entry->source_key, stands.source_key);
        EXPECT_EQ(one->entry->description, stands.description);
        EXPECT_EQ(one->entry->occurred_at, stands.occurred_at);
        EXPECT_EQ(one->entry->business_date, stands.business_date);
        EXPECT_EQ(one->entry->recorded_at, stands.recorded_at);
        ASSERT_EQ(one->entry->legs.size(), stands.legs.size());
        for (std::size_t i = 0; i < stands.legs.size(); ++i) {
            EXPECT_EQ(one->entry->legs[i].number, stands.legs[i].number);
            EXPECT_EQ(one->entry->legs[i].account, stands.legs[i].account);
            EXPECT_EQ(one->entry->legs[i].currency, stands.legs[i].currency);
            EXPECT_EQ(one->entry->legs[i].amount_minor, stands.legs[i].amount_minor);
        }
    }
    EXPECT_EQ(books_.balances(), (Sums{{"expense:rent CNY", 5}, {"bank:main CNY", -5}}));
    EXPECT_EQ(others_.balances(), (Sums{{"expense:rent CNY", 7}, {"bank:main CNY", -7}}));
}

TEST_F(ByHandTogether, ArePostedOnceUnderASourceKey) {
    const auto first = post({spends(books_, "a", 5), spends(books_, "b", 6)});
    const auto again = post({spends(books_, "a", 5), spends(books_, "b", 60), spends(others_, "b", 60)});
    EXPECT_EQ(again[0]->outcome, Outcome::stands);
    EXPECT_EQ(again[0]->entry->id, first[0]->entry->id);
    EXPECT_EQ(again[0]->entry->recorded_at, first[0]->entry->recorded_at);
    EXPECT_EQ(again[1]->outcome, Outcome::differs);
    EXPECT_EQ(again[1]->entry->id, first[1]->entry->id);
    EXPECT_EQ(again[2]->outcome, Outcome::posted) << "another tenant's key is another key";
}

TEST_F(ByHandTogether, CountWhatThoseBeforeThemTook) {
    limit(books_, 100);
    EXPECT_EQ(
        outcomes({spends(books_, "a", 60), spends(books_, "b", 50), spends(others_, "c", 5000), spends(books_, "d", 40),
                  spends(books_, "e", 1), spends(books_, "f", -30), spends(books_, "g", 30)}),
        (std::vector{Outcome::posted, Outcome::beyond_limit, Outcome::posted, Outcome::posted, Outcome::beyond_limit,
                     Outcome::posted, Outcome::posted}));
    EXPECT_EQ(books_.balances().at("bank:main CNY"), -100);
    const auto refused = post({spends(books_, "h", 7)}).front();
    EXPECT_EQ(refused->complaint,
              "bank:main: 7 would be taken, and -100 is available with an overdraft of 100 (minor units of CNY); raise "
              "its limit, or take less");
}

TEST_F(ByHandTogether, AreNotJudgedWhenTheyStandAlready) {
    EXPECT_EQ(outcomes({spends(books_, "a", 60)}), std::vector{Outcome::posted});
    limit(books_, 0);
    EXPECT_EQ(outcomes({spends(books_, "a", 60), spends(books_, "b", 1)}),
              (std::vector{Outcome::stands, Outcome::beyond_limit}));
}

TEST_F(ByHandTogether, AreRefusedOnDaysThatTheirTenantHasClosed) {
    EXPECT_EQ(outcomes({spends(books_, "a", 1, "2026-11-17")}), std::vector{Outcome::posted});
    const SealKey key(core::KeyBytes(std::string(32, 's')));
    close(books_database(), books_.tenant(), test_support::day("2026-11-18"), "", key,
          core::FixedClock(test_support::instant("2026-11-25T01:00:00Z")));
    const auto all = post({spends(books_, "a", 1, "2026-11-17"), spends(books_, "b", 1), spends(others_, "b", 1),
                           spends(books_, "c", 1, "2026-11-19")});
    EXPECT_EQ(all[0]->outcome, Outcome::stands);
    EXPECT_EQ(all[1]->outcome, Outcome::day_closed);
    EXPECT_EQ(all[1]->complaint, "2026-11-18 is closed; date a correction 2026-11-19 or later");
    EXPECT_EQ(all[2]->outcome, Outcome::posted);
    EXPECT_EQ(all[3]->outcome, Outcome::posted);
}

TEST_F(ByHandTogether, LeaveOutWhatNeedNotBePosted) {
    const auto all = post({spends(books_, "a", 5), spends(books_, "b", 6)}, {0});
    EXPECT_FALSE(all[0].has_value());
    EXPECT_EQ(all[1]->outcome, Outcome::posted);
    EXPECT_EQ(books_.balances().at("bank:main CNY"), -6);
}

}  // namespace
}  // namespace ledger

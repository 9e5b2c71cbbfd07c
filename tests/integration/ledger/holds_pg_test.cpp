// Holds and limits on a real PostgreSQL: what is available, how a hold ends, and what the database itself refuses.
#include "ledger/holds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pqxx/pqxx>

#include "core/db/connection.h"
#include "core/db/work.h"
#include "tests/support/selling_books.h"

namespace ledger {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field
using testing::HasSubstr;

const core::Instant kNow = instant("2026-11-18T08:00:00Z");
const core::Instant kLater = kNow + std::chrono::minutes(10);
const core::BusinessDay kDay = day("2026-11-18");

class Holds : public SellingBooks {
protected:
    Holds() { sale("funds", 1000); }
    void TearDown() override { EXPECT_EQ(books_.complaints(), ""); }

    static NewHold of(const std::string& key, std::int64_t minor) {
        return {key, account("bank:main"), account("payable:seller"), cny(minor), kLater, "a test's hold"};
    }
    HoldResult holds(const std::string& key, std::int64_t minor, core::Instant now = kNow) const {
        return books_.with([&](auto& transaction) { return ledger::hold(transaction, of(key, minor), now); });
    }
    HoldResult commits(const std::string& key, std::optional<std::int64_t> minor = {}, core::Instant now = kNow) const {
        return books_.with([&](auto& transaction) { return commit_hold(transaction, key, minor, now, kDay); });
    }
    HoldResult voids(const std::string& key, core::Instant now = kNow) const {
        return books_.with([&](auto& transaction) { return void_hold(transaction, key, now); });
    }
    Available stands(const char* name = "bank:main", core::Instant now = kNow) const {
        return books_.with(
            [&](auto& transaction) { return available(transaction, account(name), currency("CNY"), now); });
    }
    void limits(const char* name, std::optional<std::int64_t> overdraft) const {
        books_.with(
            [&](auto& transaction) { set_limit(transaction, account(name), currency("CNY"), overdraft, kNow, "li"); });
    }
    static HoldError reason(const HoldResult& result) {
        core::ensure(!result, "a test expects a refusal");
        return result.error().reason;
    }
};

TEST_F(Holds, TakeFromWhatIsAvailableUntilItIsSpent) {
    ASSERT_TRUE(holds("a", 400));
    EXPECT_EQ(stands().posted, 1000);
    EXPECT_EQ(stands().held, 400);
    EXPECT_EQ(stands().available(), 600);

    const auto refused = holds("b", 601);
    EXPECT_EQ(reason(refused), HoldError::insufficient);
    EXPECT_EQ(refused.error().available->to_be_taken(), 600);
    EXPECT_EQ(refused.error().describe(), "only 600 can be taken: 1000 posted, 400 held, an overdraft of 0");
    EXPECT_TRUE(holds("b", 600));
    EXPECT_EQ(reason(holds("c", 1)), HoldError::insufficient);
    EXPECT_EQ(books_.balances(), (Sums{{"bank:main CNY", 1000}, {"income:sales CNY", -1000}})) << "nothing is posted";
}

TEST_F(Holds, ArePostedByAnEntryAndReleaseTheRest) {
    ASSERT_TRUE(holds("a", 400));
    const auto posted = commits("a", 150);
    ASSERT_TRUE(posted);
    EXPECT_FALSE(posted->already);
    EXPECT_EQ(posted->hold.state, HoldState::posted);
    EXPECT_EQ(posted->hold.posted_minor, 150);

    EXPECT_EQ(books_.balances(),
              (Sums{{"bank:main CNY", 850}, {"income:sales CNY", -1000}, {"payable:seller CNY", 150}}));
    EXPECT_EQ(stands().available(), 850);
    const auto entry = books_.with([&](auto& transaction) { return find_entry(transaction, *posted->hold.entry); });
    EXPECT_EQ(entry->event, "hold");
    EXPECT_EQ(entry->source_key, "hold:a");
    EXPECT_EQ(entry->description, "a test's hold");
}

TEST_F(Holds, OfALiabilityAreTakenByADebit) {
    books_.post(entry_head("owed"), {{account("bank:main"), cny(70)}, {account("payable:seller"), cny(-70)}});
    const NewHold payout{"payout", account("payable:seller"), account("bank:main"), cny(70), kLater, "pays the seller"};
    ASSERT_TRUE(books_.with([&](auto& transaction) { return ledger::hold(transaction, payout, kNow); }));
    EXPECT_EQ(stands("payable:seller").available(), 0);
    ASSERT_TRUE(commits("payout"));
    EXPECT_EQ(books_.balances(), (Sums{{"bank:main CNY", 1000}, {"income:sales CNY", -1000}}));
}

TEST_F(Holds, EndOnceAndSaySoAfterwards) {
    ASSERT_TRUE(holds("a", 400));
    ASSERT_TRUE(holds("b", 300));
    const auto entry = commits("a", 150)->hold.entry;
    EXPECT_TRUE(commits("a", 150)->already);
    EXPECT_EQ(commits("a")->hold.entry, entry) << "whatever was posted of it, when no amount is named";
    EXPECT_EQ(reason(commits("a", 151)), HoldError::is_posted);
    EXPECT_EQ(commits("a", 151).error().describe(),
              "already posted by entry " + std::to_string(entry->number()) + ", with 150");
    EXPECT_EQ(reason(voids("a")), HoldError::is_posted);

    EXPECT_FALSE(voids("b")->already);
    EXPECT_TRUE(voids("b")->already);
    EXPECT_EQ(reason(commits("b")), HoldError::is_voided);
    EXPECT_EQ(commits("b").error().describe(), "already voided at 2026-11-18T08:00:00Z");
    EXPECT_EQ(stands().available(), 850);
    EXPECT_EQ(reason(commits("z")), HoldError::unknown);
    EXPECT_EQ(reason(voids("z")), HoldError::unknown);
}

TEST_F(Holds, AreOnceForEachKey) {
    ASSERT_TRUE(holds("a", 400));
    EXPECT_TRUE(holds("a", 400)->already);
    EXPECT_EQ(stands().held, 400);
    EXPECT_EQ(reason(holds("a", 401)), HoldError::key_taken);
    ASSERT_TRUE(voids("a"));
    EXPECT_EQ(holds("a", 400)->hold.state, HoldState::voided) << "what became of it the first time";
    EXPECT_EQ(stands().held, 0);
}

TEST_F(Holds, PostNoMoreThanWasHeld) {
    ASSERT_TRUE(holds("a", 400));
    EXPECT_EQ(reason(commits("a", 401)), HoldError::more_than_held);
    EXPECT_EQ(reason(commits("a", 0)), HoldError::more_than_held);
    EXPECT_EQ(reason(commits("a", -5)), HoldError::more_than_held);
    EXPECT_TRUE(commits("a", 400));
}

TEST_F(Holds, HoldNothingFromTheirTimeOnMarkedOrNot) {
    ASSERT_TRUE(holds("a", 400));
    ASSERT_TRUE(holds("b", 500));
    const auto before = kLater - std::chrono::milliseconds(1);
    EXPECT_EQ(stands("bank:main", before).held, 900);
    EXPECT_EQ(stands("bank:main", kLater).held, 0);

    EXPECT_TRUE(commits("a", {}, before));
    EXPECT_EQ(reason(commits("b", {}, kLater)), HoldError::is_expired);
    EXPECT_EQ(commits("b", {}, kLater).error().describe(), "expired at 2026-11-18T08:10:00Z");
    EXPECT_EQ(reason(voids("b", kLater)), HoldError::is_expired);
}

// The clocks of two who share an account need not agree.
TEST_F(Holds, ThatAnotherSawLapsedAreNotPostedByASlowerClock) {
    ASSERT_TRUE(holds("a", 1000));
    auto taken = of("b", 1000);
    taken.expires_at = kLater + std::chrono::hours(1);
    ASSERT_TRUE(books_.with([&](auto& transaction) { return ledger::hold(transaction, taken, kLater); }));
    EXPECT_EQ(reason(commits("a", {}, kNow)), HoldError::is_expired);
    EXPECT_TRUE(commits("b", {}, kNow));
    EXPECT_EQ(stands().available(), 0);
}

TEST_F(Holds, ThatHaveLapsedAreMarkedOnce) {
    ASSERT_TRUE(holds("a", 400));
    ASSERT_TRUE(holds("b", 500));
    ASSERT_TRUE(voids("b"));
    const auto sweep = [&](core::Instant now) {
        return books_.with([&](auto& transaction) { return end_lapsed_holds(transaction, now); });
    };
    EXPECT_EQ(sweep(kNow), 0U);
    EXPECT_EQ(sweep(kLater), 1U);
    EXPECT_EQ(sweep(kLater), 0U);
    const auto list = [&](std::optional<HoldState> state, core::Instant now) {
        std::string keys;
        for (const auto& one : books_.with([&](auto& transaction) {
                 return ledger::holds(transaction, {"bank:main", state}, now);
             })) {
            keys += one.what.source_key;
        }
        return keys;
    };
    EXPECT_EQ(list({}, kNow), "ba");
    EXPECT_EQ(list(HoldState::expired, kNow), "a");
    EXPECT_EQ(list(HoldState::voided, kNow), "b");
    EXPECT_EQ(list(HoldState::pending, kNow), "");
    EXPECT_EQ(reason(holds("c", 1, kLater)), HoldError::already_expired);
}

TEST_F(Holds, MayGoAsFarBelowZeroAsTheLimitSays) {
    limits("bank:main", 200);
    EXPECT_EQ(reason(holds("a", 1201)), HoldError::insufficient);
    ASSERT_TRUE(holds("a", 1200));
    EXPECT_EQ(stands().available(), -200);
    ASSERT_TRUE(commits("a"));
    EXPECT_EQ(reason(holds("b", 1)), HoldError::insufficient);

    limits("bank:main", 0);
    EXPECT_EQ(stands().to_be_taken(), -200) << "beyond it already: it grants nothing until it has recovered";
    sale("more", 201);
    EXPECT_EQ(reason(holds("c", 2)), HoldError::insufficient);
    EXPECT_TRUE(holds("c", 1));
}

TEST_F(Holds, ListEveryLimitThatWasSet) {
    limits("bank:main", 200);
    limits("bank:main", {});
    const auto all = books_.with([](auto& transaction) { return ledger::limits(transaction); });
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].overdraft_minor, std::nullopt);
    EXPECT_EQ(all[1].overdraft_minor, 200);
    EXPECT_EQ(all[1].set_by, "li");
    EXPECT_EQ(all[1].set_at, kNow);
    EXPECT_EQ(stands().overdraft, std::nullopt);
}

TEST_F(Holds, AreTheTenantsOwn) {
    ASSERT_TRUE(holds("a", 400));
    const TenantBooks other;
    EXPECT_TRUE(other.with([](auto& transaction) { return ledger::holds(transaction, {}, kNow); }).empty());
    EXPECT_EQ(reason(other.with([](auto& transaction) { return void_hold(transaction, "a", kNow); })),
              HoldError::unknown);
    EXPECT_EQ(reason(other.with([](auto& transaction) { return ledger::hold(transaction, of("a", 1), kNow); })),
              HoldError::insufficient);
}

// What waits for balances counts as much as what stands there.
TEST_F(Holds, SeeWhatIsOnPagesAndWhatIsNot) {
    enter_on_pages();
    sale("more", 30);
    sale("back", -10);
    EXPECT_EQ(stands().posted, 1020);
    enter_on_pages();
    EXPECT_EQ(stands().posted, 1020);
    EXPECT_EQ(stands("bank:other").posted, 0);
}

class EntriesByHand : public Holds {
protected:
    std::optional<std::string> post_all(const std::vector<Entry>& entries) const {
        core::db::TenantTransaction transaction(books_database(), books_.tenant());
        LimitedAccounts limited(transaction, entries, kNow);
        for (const auto& entry : entries) {
            if (post(transaction, entry)) {
                limited.posted(entry);
            }
        }
        const auto complaint = limited.complaint();
        if (!complaint) {
            transaction.commit();
        }
        return complaint;
    }
    static Entry spends(const std::string& key, std::int64_t minor) {
        auto entry =
            Entry::make(entry_head(key), {{account("expense:rent"), cny(minor)}, {account("bank:main"), cny(-minor)}});
        core::ensure(static_cast<bool>(entry), "a test posts an entry that balances");
        return *std::move(entry);
    }
};

TEST_F(EntriesByHand, AskOnAccountsWithALimitAlone) {
    EXPECT_EQ(post_all({spends("a", 1500)}), std::nullopt);
    limits("bank:main", 600);
    EXPECT_EQ(post_all({spends("b", 60), spends("c", 40)}), std::nullopt);
    const auto complaint = post_all({spends("d", 1), spends("e", 1)});
    ASSERT_TRUE(complaint);
    EXPECT_THAT(*complaint, HasSubstr("bank:main: 2 would be taken, and -600 is available with an overdraft of 600"));
    EXPECT_EQ(post_all({spends("c", 40)}), std::nullopt) << "posted before: it takes nothing now";
    EXPECT_EQ(post_all({spends("f", -5)}), std::nullopt) << "what gives is never refused";
    EXPECT_EQ(post_all({spends("g", 5), spends("h", 30), spends("i", -30)}), std::nullopt) << "all of a file together";
    EXPECT_EQ(stands().posted, -600);
    limits("bank:main", {});
    EXPECT_EQ(post_all({spends("j", 1)}), std::nullopt);
}

TEST_F(EntriesByHand, LeaveWhatIsHeld) {
    limits("bank:main", 0);
    ASSERT_TRUE(holds("a", 900));
    EXPECT_TRUE(post_all({spends("b", 101)}));
    EXPECT_EQ(post_all({spends("b", 100)}), std::nullopt);
}

// Whatever program writes: raw SQL in the service's role.
class HoldWalls : public Holds {
protected:
    struct Refusal {
        std::string sqlstate;
        std::string constraint;
        bool operator==(const Refusal&) const = default;
    };
    friend void PrintTo(const Refusal& refusal, std::ostream* out) {
        *out << refusal.sqlstate << " " << refusal.constraint;
    }
    Refusal run_as(const std::string& connection, const std::string& sql) const {
        core::db::Connection session(connection);
        try {
            pqxx::work work(session.get());
            work.exec_params("select set_config('duizhang.tenant', $1, true)", books_.tenant().text());
            work.exec(sql);
            work.commit();
            return {};
        } catch (const std::exception&) {
            try {
                core::db::rethrow_as_failure();
            } catch (const core::db::DatabaseFailure& failure) {
                return {failure.sqlstate(), failure.constraint()};
            }
        }
    }
    Refusal service(const std::string& sql) const { return run_as(books_test_database().service_connection(), sql); }
    Refusal owner(const std::string& sql) const { return run_as(books_test_database().owner_connection(), sql); }
    static std::string end(const std::string& set, const char* key) {
        return "update ledger.holds set " + set + " where source_key = '" + key + "'";
    }
};

TEST_F(HoldWalls, LetAHoldEndOnce) {
    const Refusal once{"23001", "holds_end_once"};
    for (const char* key : {"a", "b", "c"}) {
        ASSERT_TRUE(holds(key, 100));
    }
    ASSERT_TRUE(commits("a"));
    ASSERT_TRUE(voids("b"));
    const std::string voided = "state = 'voided', ended_at = '2026-11-18T08:01:00Z'";
    EXPECT_EQ(service(end(voided, "a")), once);
    EXPECT_EQ(service(end(voided, "b")), once) << "nor twice";
    EXPECT_EQ(service(end("state = 'pending', ended_at = null", "b")), once);
    EXPECT_EQ(service(end("state = 'pending'", "c")), once) << "it is pending, and stays so by itself";
    EXPECT_EQ(owner(end(voided, "b")), once);
    EXPECT_EQ(service(end(voided, "c")), Refusal{});
}

TEST_F(HoldWalls, LetAHoldBePostedByItsOwnEntryAlone) {
    const Refusal own{"23514", "holds_own_entry"};
    ASSERT_TRUE(holds("a", 100));
    ASSERT_TRUE(holds("b", 100));
    const auto of_another = std::to_string(commits("a", 60)->hold.entry->number());
    const auto posted = [&](const std::string& entry, int minor) {
        return end("state = 'posted', ended_at = '2026-11-18T08:01:00Z', entry_id = " + entry +
                       ", posted_minor = " + std::to_string(minor),
                   "b");
    };
    EXPECT_EQ(service(posted(of_another, 60)), own);
    EXPECT_EQ(service(posted("999999999", 60)), own);
    const auto entry =
        books_.post(entry_head("hold:b"), {{account("bank:main"), cny(-60)}, {account("payable:seller"), cny(60)}});
    EXPECT_EQ(service(posted(std::to_string(entry->number()), 61)), own);
    EXPECT_EQ(service(posted(std::to_string(entry->number()), 60)), Refusal{});
}

TEST_F(HoldWalls, RefuseWhatIsNoHold) {
    ASSERT_TRUE(holds("a", 100));
    const auto check = [](const char* constraint) { return Refusal{"23514", constraint}; };
    EXPECT_EQ(service(end("state = 'voided', ended_at = '2026-11-18T08:10:00Z'", "a")), check("holds_ended_in_time"));
    EXPECT_EQ(service(end("state = 'expired', ended_at = '2026-11-18T08:09:59Z'", "a")), check("holds_ended_in_time"));
    EXPECT_EQ(service(end("state = 'voided'", "a")), check("holds_ended"));
    EXPECT_EQ(service(end("state = 'voided', ended_at = '2026-11-18T08:01:00Z', posted_minor = 5", "a")),
              check("holds_posted"));
    EXPECT_EQ(service(end("amount_minor = 1", "a")), (Refusal{"42501", ""}));
    EXPECT_EQ(owner(end("amount_minor = 1, state = 'voided', ended_at = '2026-11-18T08:01:00Z'", "a")),
              (Refusal{"23001", "holds_immutable"}));
    EXPECT_EQ(service("delete from ledger.holds"), (Refusal{"42501", ""}));
    EXPECT_EQ(owner("delete from ledger.holds"), (Refusal{"23001", "posted_is_immutable"}));
    EXPECT_EQ(owner("truncate ledger.holds"), (Refusal{"23001", "posted_is_immutable"}));
    const auto inserted = [&](const std::string& more, const std::string& values) {
        return "insert into ledger.holds (tenant_id, source_key, account, counter_account, currency, amount_minor,"
               " description, created_at, expires_at" +
               more + ") values ('" + books_.tenant().text() + "', 'raw', 'bank:main', " + values;
    };
    const std::string in_time = ", '', '2026-11-18T08:00:00Z', '2026-11-18T09:00:00Z'";
    EXPECT_EQ(service(inserted(", state, ended_at", "'bank:b', 'CNY', 5" + in_time + ", 'voided', now())")),
              check("holds_begin_pending"));
    EXPECT_EQ(service(inserted("", "'bank:main', 'CNY', 5" + in_time + ")")), check("holds_between_two"));
    EXPECT_EQ(service(inserted("", "'bank:b', 'CNY', 0" + in_time + ")")), check("holds_amount"));
    EXPECT_EQ(service(inserted("", "'bank:b', 'CNY', 5" + in_time + ")")), Refusal{});
}

TEST_F(HoldWalls, KeepEveryLimit) {
    limits("bank:main", 5);
    EXPECT_EQ(service("update ledger.limits set overdraft_minor = 6"), (Refusal{"42501", ""}));
    EXPECT_EQ(owner("update ledger.limits set overdraft_minor = 6"), (Refusal{"23001", "posted_is_immutable"}));
    EXPECT_EQ(owner("delete from ledger.limits"), (Refusal{"23001", "posted_is_immutable"}));
}

}  // namespace
}  // namespace ledger

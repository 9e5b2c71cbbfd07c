// Charges on a real PostgreSQL: what is charged, refused, and charged once.
#include "ledger/charges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <pqxx/pqxx>

#include "core/db/connection.h"
#include "core/db/work.h"
#include "ledger/charge_queue.h"
#include "ledger/holds.h"
#include "tests/support/books.h"

namespace ledger {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field
using testing::ElementsAre;
using Outcome = ChargeAnswer::Outcome;

const core::Instant kNow = instant("2026-11-18T08:00:00Z");

// A call at 0.4 up to ten and 0.15 beyond, a report at 250; 100 at least.
const std::vector<config::Plan> kPlans = {
    {.name = "api",
     .currency = currency("CNY"),
     .minimum_minor = 100,
     .prices = {{"call", 100, {{10, 40}, {std::nullopt, 15}}}, {"report", 1, {{std::nullopt, 250}}}}}};

class Charges : public testing::Test {
protected:
    Charges() { top_up(1000); }
    void TearDown() override { EXPECT_EQ(books_.complaints(), ""); }

    void top_up(std::int64_t minor) {
        books_.post(entry_head("top-up:" + std::to_string(++top_ups_)),
                    {{account("bank:main"), cny(minor)}, {account("prepaid:c-17"), cny(-minor)}});
    }
    Charge of(const std::string& key, const std::string& event, std::int64_t quantity, core::Instant at = kNow,
              const std::string& customer = "c-17") const {
        auto made = Charge::make({books_.tenant(), key, customer, event, quantity, at}, kPlans, "api");
        core::ensure(static_cast<bool>(made), "a test charges what there is");
        return *std::move(made);
    }
    std::vector<ChargeAnswer> charges(const std::vector<Charge>& all) const {
        core::db::TenantsTransaction transaction(books_database(), {books_.tenant()});
        AccountsToOpen accounts;
        auto answers = ledger::charge(transaction, all, kNow, accounts);
        transaction.commit();
        return answers;
    }
    ChargeAnswer charges(const Charge& one) const { return charges(std::vector<Charge>{one}).front(); }
    ChargeAnswer closes(core::Instant now, const char* period = "2026-11-01") const {
        return books_.with(
            [&](auto& transaction) { return close_period(transaction, "c-17", kPlans.front(), day(period), now); });
    }

    TenantBooks books_;
    int top_ups_ = 0;
};

TEST_F(Charges, AreEntriesAgainstWhatIsPrepaid) {
    const auto answer = charges(of("a", "report", 2));
    EXPECT_EQ(answer.outcome, Outcome::charged);
    EXPECT_EQ(answer.amount_minor, 500);
    EXPECT_EQ(answer.volume, 2);
    EXPECT_EQ(answer.left_minor, 500);
    ASSERT_TRUE(answer.entry);
    EXPECT_EQ(books_.balances(),
              (Sums{{"bank:main CNY", 1000}, {"income:usage:api CNY", -500}, {"prepaid:c-17 CNY", -500}}));
    const auto entry = books_.with([&](auto& transaction) { return find_entry(transaction, *answer.entry); });
    EXPECT_EQ(entry->event, "charge");
    EXPECT_EQ(entry->source_key, "charge:a");
    EXPECT_EQ(entry->description, "api: report x 2");
    EXPECT_EQ(entry->business_date, "2026-11-18");
    EXPECT_EQ(entry->occurred_at, kNow);
}

// 0.4 each: 0, 1, 1, 2, 2, 2, 3, 3, 4, 4; then 0.15 each on top: 4.15, 4.3, 4.45, 4.6.
TEST_F(Charges, AddUpToThePriceOfTheVolumeTogetherOrApart) {
    std::vector<std::int64_t> amounts;
    for (int i = 0; i < 14; ++i) {
        amounts.push_back(charges(of("a" + std::to_string(i), "call", 1)).amount_minor);
    }
    EXPECT_THAT(amounts, ElementsAre(0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1));

    EXPECT_EQ(charges(of("b", "call", 14, kNow, "c-18")).outcome, Outcome::spent) << "it has nothing";
    std::vector<Charge> all;
    for (int i = 0; i < 14; ++i) {
        all.push_back(of("c" + std::to_string(i), "call", 1, kNow + std::chrono::hours(24 * 30)));
    }
    std::int64_t sum = 0;
    for (const auto& answer : charges(all)) {
        sum += answer.amount_minor;
    }
    EXPECT_EQ(sum, 5) << "another month begins anew";
    EXPECT_EQ(books_.balances().at("prepaid:c-17 CNY"), -990);
}

TEST_F(Charges, ThatCostNothingYetAreCountedAndHaveNoEntry) {
    const auto answer = charges(of("a", "call", 1));
    EXPECT_EQ(answer.outcome, Outcome::charged);
    EXPECT_EQ(answer.amount_minor, 0);
    EXPECT_EQ(answer.entry, std::nullopt);
    EXPECT_EQ(charges(of("b", "call", 1)).amount_minor, 1);
    EXPECT_EQ(books_.verify().entries, 2);
}

TEST_F(Charges, AreRefusedWhenTheBalanceIsSpent) {
    EXPECT_EQ(charges(of("a", "report", 3)).outcome, Outcome::charged);
    const auto refused = charges(of("b", "report", 2));
    EXPECT_EQ(refused.outcome, Outcome::spent);
    EXPECT_EQ(refused.amount_minor, 500);
    EXPECT_EQ(refused.left_minor, 250);
    const auto several = charges({of("b", "report", 2), of("c", "report", 1), of("d", "report", 1)});
    EXPECT_EQ(several[0].outcome, Outcome::spent);
    EXPECT_EQ(several[1].outcome, Outcome::charged);
    EXPECT_EQ(several[2].outcome, Outcome::spent);
    top_up(500);
    EXPECT_EQ(charges(of("b", "report", 2)).outcome, Outcome::charged) << "nothing is remembered against it";
    EXPECT_EQ(books_.balances().count("prepaid:c-17 CNY"), 0U);
}

TEST_F(Charges, LeaveWhatIsHeldAndGoAsFarAsTheLimit) {
    const NewHold refund{"refund", account("prepaid:c-17"),      account("bank:main"),
                         cny(800), kNow + std::chrono::hours(1), "goes back"};
    ASSERT_TRUE(books_.with([&](auto& transaction) { return hold(transaction, refund, kNow); }));
    EXPECT_EQ(charges(of("a", "report", 1)).outcome, Outcome::spent);
    books_.with(
        [](auto& transaction) { set_limit(transaction, account("prepaid:c-17"), currency("CNY"), 50, kNow, "li"); });
    EXPECT_EQ(charges(of("a", "report", 1)).outcome, Outcome::charged);
    EXPECT_EQ(charges(of("b", "call", 3)).outcome, Outcome::spent);
}

TEST_F(Charges, AreMadeOnceForEachKey) {
    const auto first = charges(of("a", "report", 1));
    const auto again = charges({of("a", "report", 1), of("a", "report", 2), of("a", "call", 1)});
    EXPECT_EQ(again[0].outcome, Outcome::already);
    EXPECT_EQ(again[0].entry, first.entry);
    EXPECT_EQ(again[0].amount_minor, 250);
    EXPECT_EQ(again[1].outcome, Outcome::key_taken);
    EXPECT_EQ(again[2].outcome, Outcome::key_taken);
    const auto twice = charges({of("b", "report", 1), of("b", "report", 1)});
    EXPECT_EQ(twice[0].outcome, Outcome::charged);
    EXPECT_EQ(twice[1].outcome, Outcome::already);
    EXPECT_EQ(twice[1].entry, twice[0].entry);
    EXPECT_EQ(books_.balances().at("prepaid:c-17 CNY"), -500);
}

TEST_F(Charges, OfAPeriodEndWithItsMinimum) {
    ASSERT_TRUE(charges(of("a", "call", 100)).is_charged());  // 17.5
    const auto now = instant("2026-12-01T00:00:00Z");
    const auto last = closes(now);
    EXPECT_EQ(last.outcome, Outcome::charged);
    EXPECT_EQ(last.amount_minor, 82);
    EXPECT_EQ(books_.balances().at("income:usage:api CNY"), -100);
    EXPECT_EQ(books_.with([&](auto& transaction) { return find_entry(transaction, *last.entry); })->business_date,
              "2026-11-30");
    EXPECT_EQ(closes(now).outcome, Outcome::already);
    EXPECT_EQ(charges(of("late", "call", 1)).outcome, Outcome::closed);
    EXPECT_EQ(charges(of("a", "call", 100)).outcome, Outcome::already);
    EXPECT_EQ(charges(of("next", "call", 5, now)).outcome, Outcome::charged);
}

TEST_F(Charges, AboveTheMinimumEndWithNothingMore) {
    ASSERT_TRUE(charges(of("a", "report", 1)).is_charged());
    const auto last = closes(instant("2026-12-01T00:00:00Z"));
    EXPECT_EQ(last.outcome, Outcome::charged);
    EXPECT_EQ(last.amount_minor, 0);
    EXPECT_EQ(last.entry, std::nullopt);
    EXPECT_EQ(charges(of("late", "call", 1)).outcome, Outcome::closed);
}

TEST_F(Charges, StayOpenWhileTheMinimumIsNotCovered) {
    ASSERT_TRUE(charges(of("a", "call", 5)).is_charged());  // 2
    ASSERT_TRUE(books_.with([](auto& transaction) {
        return hold(
            transaction,
            {"h", account("prepaid:c-17"), account("bank:main"), cny(950), kNow + std::chrono::hours(24 * 60), "held"},
            kNow);
    }));
    const auto now = instant("2026-12-01T00:00:00Z");
    const auto to_close = [&] {
        return books_.with(
            [&](auto& transaction) { return customers_to_close(transaction, kPlans.front(), day("2026-11-01")); });
    };
    const auto refused = closes(now);
    EXPECT_EQ(refused.outcome, Outcome::spent);
    EXPECT_EQ(refused.amount_minor, 98);
    EXPECT_THAT(to_close(), ElementsAre("c-17"));
    top_up(50);
    EXPECT_EQ(closes(now).outcome, Outcome::charged);
    EXPECT_THAT(to_close(), ElementsAre());
}

TEST_F(Charges, AreSummedUpByPeriodPlanAndEvent) {
    charges({of("a", "call", 100), of("b", "call", 1), of("c", "report", 1)});
    closes(instant("2026-12-01T00:00:00Z"));
    const auto sums = books_.with([](auto& transaction) { return usage_of(transaction, "c-17"); });
    std::vector<std::string> rows;
    for (const auto& sum : sums) {
        rows.push_back(sum.period + " " + sum.plan + " " + sum.event + " " + std::to_string(sum.charges) + " " +
                       std::to_string(sum.quantity) + " " + std::to_string(sum.amount_minor));
    }
    EXPECT_THAT(rows,
                ElementsAre("2026-11-01 api report 1 1 250", "2026-11-01 api call 2 101 18", "2026-11-01 api  1 0 0"));
}

TEST_F(Charges, SayWhatIsWrongWithWhatTheyAreAskedFor) {
    const auto error = [&](const Usage& usage, const char* plan = "api") {
        const auto made = Charge::make(usage, kPlans, plan);
        core::ensure(!made, "a test expects a refusal");
        return made.error();
    };
    const Usage good{books_.tenant(), "k", "c-17", "call", 1, kNow};
    const auto with = [&](auto member, auto value) {
        Usage usage = good;
        usage.*member = value;
        return usage;
    };
    EXPECT_EQ(error(with(&Usage::source_key, "")), UsageError::bad_key);
    EXPECT_EQ(error(with(&Usage::source_key, std::string(129, 'k'))), UsageError::bad_key);
    EXPECT_EQ(error(with(&Usage::source_key, "minimum:api:c-17:2026-11-01")), UsageError::bad_key);
    EXPECT_EQ(error(with(&Usage::customer, "C 17")), UsageError::bad_customer);
    EXPECT_EQ(error(with(&Usage::customer, "c:17")), UsageError::bad_customer);
    EXPECT_EQ(error(with(&Usage::customer, "")), UsageError::bad_customer);
    EXPECT_EQ(error(with(&Usage::quantity, 0)), UsageError::bad_quantity);
    EXPECT_EQ(error(with(&Usage::quantity, config::kVolumeMax + 1)), UsageError::bad_quantity);
    EXPECT_EQ(error(with(&Usage::event, "")), UsageError::unknown_event);
    EXPECT_EQ(error(good, "other"), UsageError::unknown_plan);
    EXPECT_EQ(charges(of("large", "report", config::kVolumeMax)).outcome, Outcome::out_of_range);
}

// Whatever program writes: two charges never take one place in a volume, and none is changed.
TEST_F(Charges, AreKeptByTheDatabase) {
    charges(of("a", "report", 1));
    core::db::Connection session(books_test_database().service_connection());
    const auto refused = [&](const std::string& sql) -> std::string {
        try {
            pqxx::work work(session.get());
            work.exec_params("select set_config('duizhang.tenant', $1, true)", books_.tenant().text());
            work.exec(sql);
            return "";
        } catch (const std::exception&) {
            try {
                core::db::rethrow_as_failure();
            } catch (const core::db::DatabaseFailure& failure) {
                return failure.constraint().empty() ? failure.sqlstate() : failure.constraint();
            }
        }
    };
    const auto row = [&](const std::string& key, const std::string& rest) {
        return "insert into ledger.charges (tenant_id, source_key, customer, plan, period_from, currency, occurred_at,"
               " event, quantity, volume, amount_minor, entry_id) values ('" +
               books_.tenant().text() + "', '" + key + "', 'c-17', 'api', '2026-11-01', 'CNY', now(), " + rest + ")";
    };
    EXPECT_EQ(refused(row("b", "'report', 1, 1, 0, null")), "charges_volume_once");
    EXPECT_EQ(refused(row("a", "'report', 1, 2, 0, null")), "charges_pk");
    EXPECT_EQ(refused(row("b", "'report', 2, 1, 0, null")), "charges_volume");
    EXPECT_EQ(refused(row("b", "'', 1, 1, 0, null")), "charges_volume");
    EXPECT_EQ(refused(row("b", "'report', 1, 2, 5, null")), "charges_have_entries");
    EXPECT_EQ(refused(row("b", "'report', 1, 2, -5, 1")), "charges_amount");
    EXPECT_EQ(refused("delete from ledger.charges"), "42501");
    EXPECT_EQ(refused("update ledger.charges set quantity = 2"), "42501");
    EXPECT_EQ(refused(row("b", "'report', 1, 2, 0, null")), "");
}

// A session plans its statements while there are few rows, and the planner may then take any index for as good as
// another.
TEST_F(Charges, CostNoMoreWhenThereAreMany) {
    constexpr core::db::Statement kRead{
        "tuples_read",
        "select sum(pg_stat_get_xact_tuples_returned(c.oid))::bigint from pg_class c join pg_namespace n"
        " on n.oid = c.relnamespace where n.nspname = 'ledger' and c.relname ~ '^(charges|holds|limits)' and $1 <> ''"};
    core::db::Database session(books_test_database().service_options());
    const auto read_by = [&](const std::string& name, int count) {
        std::vector<Charge> all;
        for (int i = 0; i < count; ++i) {
            all.push_back(of(name + std::to_string(i), "call", 1));
        }
        core::db::TenantsTransaction transaction(session, {books_.tenant()});
        AccountsToOpen accounts;
        const auto before = core::db::run(transaction, kRead, std::string("x"))[0].integer(0);
        ledger::charge(transaction, all, kNow, accounts);
        const auto read = core::db::run(transaction, kRead, std::string("x"))[0].integer(0) - before;
        transaction.commit();
        return read;
    };
    read_by("first", 1);
    for (int batch = 0; batch < 6; ++batch) {
        read_by("many" + std::to_string(batch) + ":", 200);
    }
    EXPECT_GT(read_by("first", 1), 0) << "what is read is counted";
    EXPECT_LT(read_by("last", 1), 20);
}

class ChargeQueues : public Charges {
protected:
    core::FixedClock clock_{kNow};
};

TEST_F(ChargeQueues, AnswerOnceItIsCommitted) {
    ChargeQueue queue(books_database(), clock_);
    EXPECT_EQ(queue.charge(of("a", "report", 1)).outcome, Outcome::charged);
    EXPECT_EQ(books_.balances().at("prepaid:c-17 CNY"), -750);
    EXPECT_EQ(queue.charge(of("a", "report", 1)).outcome, Outcome::already);
}

TEST_F(ChargeQueues, ChargeWhatWaitsBeforeTheyEnd) {
    std::atomic<int> charged{0};
    {
        ChargeQueue queue(books_database(), clock_);
        for (int i = 0; i < 20; ++i) {
            queue.charge(of("a" + std::to_string(i), "call", 1),
                         {[&](const ChargeAnswer& answer) { charged += answer.outcome == Outcome::charged; },
                          [](const std::exception_ptr&) {}});
        }
    }
    EXPECT_EQ(charged, 20);
}

TEST_F(ChargeQueues, RefuseWhatFindsThemFull) {
    core::db::TenantTransaction blocks(books_database(), books_.tenant());
    ASSERT_TRUE(hold(blocks,
                     {"h", account("prepaid:c-17"), account("bank:main"), cny(1), kNow + std::chrono::hours(1), "held"},
                     kNow));
    int refused = 0;
    {
        ChargeQueue queue(books_database(), clock_, {.batch_max = 4, .queue_max = 4});
        for (int i = 0; i < 20; ++i) {
            try {
                queue.charge(of("a" + std::to_string(i), "report", 1),
                             {[](const ChargeAnswer&) {}, [](const std::exception_ptr&) {}});
            } catch (const core::OutsideFailure&) {
                ++refused;
            }
        }
        blocks.commit();
    }
    EXPECT_GE(refused, 12);
    EXPECT_LT(refused, 20);
}

// Two in one batch, one of which another transaction keeps from its lock: the other is charged.
TEST_F(ChargeQueues, LetOneThatCannotBeChargedFailAlone) {
    books_.post(entry_head("top-up:other"), {{account("bank:main"), cny(500)}, {account("prepaid:c-18"), cny(-500)}});
    std::promise<ChargeAnswer> other;
    std::promise<bool> failed;
    {
        core::db::TenantTransaction blocks(books_database(), books_.tenant());
        ASSERT_TRUE(hold(
            blocks, {"h", account("prepaid:c-17"), account("bank:main"), cny(1), kNow + std::chrono::hours(1), "held"},
            kNow));
        ChargeQueue queue(books_database(), clock_);
        queue.charge(of("a", "report", 1), {[&](const ChargeAnswer&) { failed.set_value(false); },
                                            [&](const std::exception_ptr&) { failed.set_value(true); }});
        queue.charge(of("b", "report", 1, kNow, "c-18"),
                     {[&](const ChargeAnswer& answer) { other.set_value(answer); },
                      [&](const std::exception_ptr& failure) { other.set_exception(failure); }});
        EXPECT_EQ(other.get_future().get().outcome, Outcome::charged);
        EXPECT_TRUE(failed.get_future().get());
    }
    EXPECT_EQ(charges(of("a", "report", 1)).outcome, Outcome::charged);
}

}  // namespace
}  // namespace ledger

// Payouts on a real PostgreSQL: their life, what it books, what is left to be paid, and what the database refuses.
#include "ledger/payouts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pqxx/pqxx>

#include "core/db/connection.h"
#include "core/db/work.h"
#include "ledger/ageing.h"
#include "ledger/closing.h"
#include "ledger/holds.h"
#include "tests/support/selling_books.h"

namespace ledger {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field
using enum PayoutState;

const core::Instant kNow = instant("2026-11-18T08:00:00Z");
const core::BusinessDay kDay = day("2026-11-18");

class Payouts : public SellingBooks {
protected:
    Payouts() { owes("owed", 1000); }
    void TearDown() override { EXPECT_EQ(books_.complaints(), ""); }

    void owes(const std::string& key, std::int64_t minor, const char* business_day = "2026-11-18",
              const char* party = "payable:seller") const {
        books_.post(entry_head(key, "", business_day),
                    {{account("bank:main"), cny(minor)}, {account(party), cny(-minor)}});
    }
    static NewPayout of(const std::string& key, std::int64_t minor) {
        return {key, account("payable:seller"), account("bank:main"), cny(minor), "what the seller sold"};
    }
    PayoutResult proposes(const std::string& key, std::int64_t minor, const char* by = "mei") const {
        return books_.with([&](auto& transaction) { return propose_payout(transaction, of(key, minor), by, kNow); });
    }
    PayoutResult steps(const std::string& key, PayoutState state, const char* by = "li",
                       core::BusinessDay date = kDay) const {
        return books_.with([&](auto& transaction) {
            return take_step(transaction, key, {state, by, "a test's reason"}, kNow, date);
        });
    }
    // Each of them, in turn, from a proposal on.
    void goes(const std::string& key, std::int64_t minor, const std::vector<PayoutState>& states) const {
        ASSERT_TRUE(proposes(key, minor));
        for (const auto state : states) {
            ASSERT_TRUE(steps(key, state)) << name_of(state);
        }
    }
    static PayoutError reason(const PayoutResult& result) {
        core::ensure(!result, "a test expects a refusal");
        return result.error().reason;
    }
    Sums owed() const {
        auto sums = books_.balances();
        sums.erase("bank:main CNY");
        return sums;
    }
};

TEST_F(Payouts, GoFromTheProposalToTheBanksWord) {
    ASSERT_TRUE(proposes("a", 700));
    EXPECT_EQ(owed(), (Sums{{"payable:seller CNY", -1000}})) << "a proposal books nothing";
    ASSERT_TRUE(steps("a", approved));
    EXPECT_EQ(owed(), (Sums{{"payable:seller CNY", -300}, {"transit:payout:main CNY", -700}}));
    ASSERT_TRUE(steps("a", sent));
    EXPECT_EQ(owed(), (Sums{{"payable:seller CNY", -300}, {"transit:payout:main CNY", -700}}));
    const auto done = steps("a", confirmed);
    ASSERT_TRUE(done);
    EXPECT_EQ(books_.balances(), (Sums{{"bank:main CNY", 300}, {"payable:seller CNY", -300}}));

    const auto& taken = done->payout.steps;
    ASSERT_EQ(taken.size(), 4U);
    EXPECT_EQ(done->payout.proposed_by(), "mei");
    EXPECT_EQ(taken[1].by, "li");
    EXPECT_EQ(taken[1].reason, "a test's reason");
    EXPECT_EQ(taken[1].at, kNow);
    EXPECT_FALSE(taken[2].entry.has_value()) << "sending moves no money";
    const auto entry = books_.with([&](auto& transaction) { return find_entry(transaction, *taken[3].entry); });
    EXPECT_EQ(entry->source_key, "payout:confirmed:a");
    EXPECT_EQ(entry->event, "party_payout");
    EXPECT_EQ(entry->group_key, "payout:a");
}

TEST_F(Payouts, GetAKeyForTheBankWithTheirApprovalAndKeepIt) {
    ASSERT_TRUE(proposes("a", 100));
    ASSERT_TRUE(proposes("b", 100));
    const auto key = [&](const char* of) {
        return books_.with([&](auto& transaction) { return find_payout(transaction, of); })->request_key();
    };
    EXPECT_EQ(key("a"), "");
    const auto approval = steps("a", approved);
    ASSERT_TRUE(approval);
    const auto given = approval->payout.request_key();
    EXPECT_EQ(given.size(), 64U);
    EXPECT_EQ(given.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(approval->payout.end_to_end_id(), given.substr(0, 32)) << "at most 35 characters";
    ASSERT_TRUE(steps("a", approved)) << "approved again";
    EXPECT_EQ(key("a"), given);
    for (const auto state : {sent, sent, confirmed}) {
        const auto taken = steps("a", state);
        ASSERT_TRUE(taken);
        EXPECT_EQ(taken->payout.request_key(), given) << name_of(state);
    }
    ASSERT_TRUE(steps("b", approved));
    EXPECT_NE(key("b"), given);
}

TEST_F(Payouts, OweAgainWhatFailsIsReturnedOrRejected) {
    goes("failed", 100, {approved, sent, failed});
    goes("returned", 200, {approved, sent, confirmed, returned});
    goes("withdrawn", 300, {approved, rejected});
    goes("rejected", 400, {rejected});
    EXPECT_EQ(books_.balances(), (Sums{{"bank:main CNY", 1000}, {"payable:seller CNY", -1000}}));
    EXPECT_TRUE(proposes("all of it again", 1000));
}

TEST_F(Payouts, TakeNoStepThatTheirStateDoesNotAllow) {
    const std::vector<PayoutState> all{approved, rejected, sent, confirmed, failed, returned};
    struct Row {
        std::vector<PayoutState> way, allowed;
    };
    const Row rows[] = {{{}, {approved, rejected}},
                        {{approved}, {rejected, sent}},
                        {{rejected}, {}},
                        {{approved, sent}, {confirmed, failed}},
                        {{approved, sent, confirmed}, {returned}},
                        {{approved, sent, failed}, {}},
                        {{approved, sent, confirmed, returned}, {}}};
    int number = 0;
    for (const auto& row : rows) {
        for (const auto state : all) {
            const auto key = "k" + std::to_string(++number);
            goes(key, 10, row.way);
            const auto result = steps(key, state);
            const bool stands = !row.way.empty() && row.way.back() == state;
            const bool allowed = std::find(row.allowed.begin(), row.allowed.end(), state) != row.allowed.end();
            ASSERT_EQ(static_cast<bool>(result), allowed || stands) << number << " " << name_of(state);
            if (!result) {
                EXPECT_EQ(reason(result), PayoutError::not_allowed);
                EXPECT_THAT(result.error().describe(), testing::EndsWith("from which this step can't be taken"));
            } else {
                EXPECT_EQ(result->already, stands);
            }
        }
    }
    EXPECT_EQ(reason(steps("none", approved)), PayoutError::unknown);
}

TEST_F(Payouts, AreApprovedBySomebodyElse) {
    ASSERT_TRUE(proposes("a", 100, "mei"));
    EXPECT_EQ(reason(steps("a", approved, "mei")), PayoutError::same_person);
    EXPECT_TRUE(steps("a", rejected, "mei")) << "who proposed may take it back";
}

TEST_F(Payouts, NeverPromiseMoreThanIsOwed) {
    const auto beyond = proposes("a", 1001);
    EXPECT_EQ(reason(beyond), PayoutError::insufficient);
    EXPECT_EQ(beyond.error().left_minor, 1000);
    ASSERT_TRUE(proposes("a", 600));
    EXPECT_EQ(reason(proposes("b", 401)), PayoutError::insufficient) << "the rest is proposed";
    ASSERT_TRUE(proposes("b", 400));
    // What was owed when it was proposed is owed no more: a refund took it back.
    books_.post(entry_head("refund"), {{account("payable:seller"), cny(500)}, {account("bank:main"), cny(-500)}});
    EXPECT_EQ(reason(steps("a", approved)), PayoutError::insufficient);
    ASSERT_TRUE(steps("b", approved));
    EXPECT_EQ(owed(), (Sums{{"payable:seller CNY", -100}, {"transit:payout:main CNY", -400}}));
}

TEST_F(Payouts, LeaveAloneWhatIsHeldAndKnowNoOverdraft) {
    const NewHold kept{"dispute", account("payable:seller"),    account("bank:main"),
                       cny(300),  kNow + std::chrono::hours(1), "a dispute"};
    ASSERT_TRUE(books_.with([&](auto& transaction) { return hold(transaction, kept, kNow); }));
    books_.with([&](auto& transaction) {
        set_limit(transaction, account("payable:seller"), currency("CNY"), 5000, kNow, "li");
    });
    EXPECT_EQ(reason(proposes("a", 701)), PayoutError::insufficient);
    goes("a", 700, {approved, sent, confirmed});
}

TEST_F(Payouts, PayOnceForEachKey) {
    ASSERT_TRUE(proposes("a", 1000));
    EXPECT_TRUE(proposes("a", 1000)->already);
    EXPECT_TRUE(proposes("a", 1000, "li")->already);
    EXPECT_EQ(reason(proposes("a", 999)), PayoutError::key_taken);
    ASSERT_TRUE(steps("a", approved));
    EXPECT_TRUE(steps("a", approved)->already);
    EXPECT_EQ(proposes("a", 1000)->payout.state(), approved) << "what became of it";
    EXPECT_EQ(reason(proposes("b", 1)), PayoutError::insufficient);
}

TEST_F(Payouts, AreDatedOnTheFirstOpenDayWhenTheirsIsClosed) {
    goes("a", 100, {approved, sent});
    const SealKey key(core::KeyBytes(std::string(32, 'k')));
    close(books_database(), books_.tenant(), kDay, "", key, core::FixedClock(kNow));
    const auto done = steps("a", failed);
    ASSERT_TRUE(done);
    const auto entry =
        books_.with([&](auto& transaction) { return find_entry(transaction, *done->payout.steps.back().entry); });
    EXPECT_EQ(entry->business_date, "2026-11-19");
    EXPECT_EQ(owed(), (Sums{{"payable:seller CNY", -1000}}));
}

TEST_F(Payouts, ClearThePartysOldestItems) {
    owes("before", 250, "2026-11-10");
    goes("a", 300, {approved});
    std::vector<std::pair<std::string, std::int64_t>> open;
    books_.with([&](auto& transaction) {
        read_open_items(transaction, {{"payable:", "transit:payout:"}, kDay}, [&](const OpenItem& item) {
            open.emplace_back(item.account + " " + core::format_day(item.since), item.amount_minor);
        });
    });
    EXPECT_EQ(open, (decltype(open){{"payable:seller 2026-11-18", -950}, {"transit:payout:main 2026-11-18", -300}}));
}

class AllThatIsOwed : public Payouts {
protected:
    std::optional<PayoutAnswer> proposes_all(const char* until, std::int64_t least = 1,
                                             const char* party = "payable:seller") const {
        return books_.with([&](auto& transaction) {
            return propose_owed(transaction, {day(until), account("bank:main"), least, "weekly", "mei"}, account(party),
                                currency("CNY"), kNow);
        });
    }
};

TEST_F(AllThatIsOwed, IsProposedOnceAtTheEndOfADay) {
    owes("later", 50, "2026-11-19");
    const auto proposal = proposes_all("2026-11-18");
    ASSERT_TRUE(proposal);
    EXPECT_EQ(proposal->payout.what.amount.minor(), 1000) << "what came later waits";
    EXPECT_EQ(proposal->payout.what.key, "all:2026-11-18:payable:seller:CNY");
    EXPECT_TRUE(proposes_all("2026-11-18")->already);
    EXPECT_EQ(proposes_all("2026-11-19")->payout.what.amount.minor(), 50);
    EXPECT_FALSE(proposes_all("2026-11-20"));
}

TEST_F(AllThatIsOwed, LeavesOutWhatWasPaidSince) {
    owes("later", 500, "2026-11-19");
    ASSERT_TRUE(proposes("by hand", 800));
    ASSERT_TRUE(steps("by hand", approved, "li", day("2026-11-19")));
    EXPECT_EQ(proposes_all("2026-11-18")->payout.what.amount.minor(), 200);
}

TEST_F(AllThatIsOwed, WaitsUntilItIsWorthIt) {
    EXPECT_FALSE(proposes_all("2026-11-18", 1001));
    EXPECT_TRUE(proposes_all("2026-11-18", 1000));
}

TEST_F(AllThatIsOwed, IsOfThePartiesThatAreOwed) {
    owes("another", 20, "2026-11-18", "payable:courier");
    owes("tomorrow's", 20, "2026-11-19", "payable:driver");
    std::vector<std::string> names;
    books_.with([&](auto& transaction) {
        for (const auto& one : owed_parties(transaction, kDay)) {
            names.push_back(one.party.name() + " " + std::string(one.currency.code()));
        }
    });
    EXPECT_EQ(names, (std::vector<std::string>{"payable:courier CNY", "payable:seller CNY"}));
}

TEST_F(Payouts, AreListedTheLatestFirst) {
    goes("a", 1, {approved});
    goes("b", 2, {rejected});
    goes("c", 3, {});
    goes("d", 4, {approved, sent});
    const auto listed = [&](const PayoutsWanted& wanted) {
        std::string keys;
        for (const auto& one : books_.with([&](auto& transaction) { return payouts(transaction, wanted); })) {
            keys += one.what.key;
        }
        return keys;
    };
    EXPECT_EQ(listed({}), "dcba");
    EXPECT_EQ(listed({"payable:seller", approved, {}, 10}), "a");
    EXPECT_EQ(listed({"", proposed, {}, 10}), "c");
    EXPECT_EQ(listed({"payable:nobody", {}, {}, 10}), "");
    const auto second = books_.with([](auto& transaction) { return find_payout(transaction, "c"); })->number;
    EXPECT_EQ(listed({"", {}, second, 1}), "b");
}

// What nobody gets past the program to do: the service's own statements, and the owner's.
class PayoutWalls : public Payouts {
protected:
    std::string run_as(const std::string& connection, const std::string& sql) const {
        core::db::Connection session(connection);
        try {
            pqxx::work work(session.get());
            work.exec_params("select set_config('duizhang.tenant', $1, true)", books_.tenant().text());
            work.exec(sql);
            work.commit();
            return "";
        } catch (const std::exception&) {
            try {
                core::db::rethrow_as_failure();
            } catch (const core::db::DatabaseFailure& failure) {
                return failure.constraint().empty() ? failure.sqlstate() : failure.constraint();
            }
        }
    }
    std::string service(const std::string& sql) const {
        return run_as(books_test_database().service_connection(), sql);
    }
    std::string owner(const std::string& sql) const { return run_as(books_test_database().owner_connection(), sql); }
    // A step of payout `key`, as somebody would write it who has only the table.
    std::string step(const std::string& key, int number, const std::string& before, const std::string& state,
                     const std::string& by, const std::string& owed, const std::string& entry,
                     const std::string& proposed_by = "mei", const std::string& request_key = "") const {
        const auto key_of_request = request_key.empty() && state == "approved" ? std::string(64, 'a') : request_key;
        return "insert into ledger.payout_steps (tenant_id, payout_id, step_no, state_before, state, proposed_by,"
               " amount_minor, done_by, done_at, reason, owed_minor, entry_id, request_key) select tenant_id, "
               "payout_id, " +
               std::to_string(number) + ", '" + before + "', '" + state + "', '" + proposed_by + "', amount_minor, '" +
               by + "', now(), '', " + owed + ", " + entry + ", nullif('" + key_of_request +
               "', '') from ledger.payouts where payout_key = '" + key + "'";
    }
    std::string entry(const std::string& source_key, std::int64_t minor = 100) const {
        return std::to_string(books_
                                  .post(entry_head(source_key), {{account("payable:seller"), cny(minor)},
                                                                 {account("transit:payout:main"), cny(-minor)}})
                                  ->number());
    }
};

TEST_F(PayoutWalls, HoldMakerAndChecker) {
    ASSERT_TRUE(proposes("a", 100));
    const auto own = entry("payout:approved:a");
    EXPECT_EQ(service(step("a", 1, "proposed", "approved", "mei", "1000", own)), "payout_steps_two_people");
    EXPECT_EQ(service(step("a", 1, "proposed", "approved", "mei", "1000", own, "somebody")), "payout_steps_of_a_payout")
        << "nor by saying that another proposed it";
    EXPECT_EQ(service(step("a", 1, "proposed", "approved", "li", "1000", own)), "");
}

TEST_F(PayoutWalls, HoldEachStepToTheOneBefore) {
    ASSERT_TRUE(proposes("a", 100));
    EXPECT_EQ(service(step("a", 1, "proposed", "sent", "li", "null", "null")), "payout_steps_allowed");
    EXPECT_EQ(service(step("a", 1, "approved", "sent", "li", "null", "null")), "payout_steps_begin");
    EXPECT_EQ(service(step("a", 2, "approved", "sent", "li", "null", "null")), "payout_steps_follow_each_other");
    EXPECT_EQ(service(step("a", 2, "proposed", "rejected", "li", "null", "null")), "payout_steps_begin");
    ASSERT_TRUE(steps("a", approved));
    ASSERT_TRUE(steps("a", sent));
    EXPECT_EQ(service(step("a", 2, "approved", "sent", "li", "null", "null")), "payout_steps_pk")
        << "the second writer is refused";
    EXPECT_EQ(service(step("a", 1, "proposed", "rejected", "li", "null", "null")), "payout_steps_pk");
    EXPECT_EQ(service(step("a", 3, "approved", "sent", "li", "null", "null")), "payout_steps_follow_each_other");
    ASSERT_TRUE(steps("a", failed));
}

TEST_F(PayoutWalls, HoldEachStepToItsOwnEntry) {
    ASSERT_TRUE(proposes("a", 100));
    ASSERT_TRUE(proposes("b", 100));
    ASSERT_TRUE(steps("b", approved));
    const auto of_b =
        books_.with([](auto& transaction) { return find_payout(transaction, "b"); })->steps.back().entry->number();
    EXPECT_EQ(service(step("a", 1, "proposed", "approved", "li", "900", std::to_string(of_b))),
              "payout_steps_own_entry");
    EXPECT_EQ(service(step("a", 1, "proposed", "approved", "li", "900", "null")), "payout_steps_booked");
    const auto own = entry("payout:approved:a");
    EXPECT_EQ(service(step("a", 1, "proposed", "approved", "li", "99", own)), "payout_steps_owed");
    EXPECT_EQ(service(step("a", 1, "proposed", "approved", "li", "null", own)), "payout_steps_owed");
    EXPECT_EQ(service(step("a", 1, "proposed", "approved", "li", "100", own)), "");
}

TEST_F(PayoutWalls, HoldEachApprovalToAKeyOfItsOwn) {
    ASSERT_TRUE(proposes("a", 100));
    ASSERT_TRUE(proposes("b", 100));
    ASSERT_TRUE(steps("b", approved));
    const auto taken = books_.with([](auto& transaction) { return find_payout(transaction, "b"); })->request_key();
    const auto own = entry("payout:approved:a");
    const auto approval = [&](const std::string& request_key) {
        return service(step("a", 1, "proposed", "approved", "li", "1000", own, "mei", request_key));
    };
    EXPECT_EQ(approval(taken), "payout_steps_request_key_once");
    EXPECT_EQ(approval("short"), "payout_steps_request_key");
    const auto without = "update ledger.payout_steps set request_key = null where state = 'approved'";
    EXPECT_EQ(owner("alter table ledger.payout_steps disable trigger payout_steps_immutable; alter table "
                    "ledger.payout_steps no force row level security; " +
                    std::string(without)),
              "payout_steps_approved_with_a_key");
    EXPECT_EQ(service(step("a", 1, "proposed", "rejected", "li", "null", "null", "mei", std::string(64, 'b'))),
              "payout_steps_approved_with_a_key");
    EXPECT_EQ(approval(std::string(64, 'c')), "");
}

TEST_F(PayoutWalls, KeepWhatWasDone) {
    goes("a", 100, {approved});
    EXPECT_EQ(service("update ledger.payouts set amount_minor = 1"), "42501");
    EXPECT_EQ(service("delete from ledger.payout_steps"), "42501");
    for (const char* sql : {"update ledger.payouts set amount_minor = 1", "delete from ledger.payouts",
                            "update ledger.payout_steps set done_by = 'x'", "delete from ledger.payout_steps",
                            "truncate ledger.payout_steps", "truncate ledger.payouts cascade"}) {
        EXPECT_EQ(owner(sql), "posted_is_immutable") << sql;
    }
}

TEST_F(PayoutWalls, RefuseWhatIsNoPayout) {
    const auto payout = [&](const char* party, const char* bank, const char* minor) {
        return "insert into ledger.payouts (tenant_id, payout_key, party_account, bank_account, currency, amount_minor,"
               " description, proposed_by, proposed_at) values ('" +
               books_.tenant().text() + "', 'raw', '" + party + "', '" + bank + "', 'CNY', " + minor +
               ", '', 'mei', now())";
    };
    EXPECT_EQ(service(payout("income:sales", "bank:main", "5")), "payouts_to_a_party");
    EXPECT_EQ(service(payout("payable:a", "payable:b", "5")), "payouts_from_a_bank");
    EXPECT_EQ(service(payout("payable:a", "bank:main", "0")), "payouts_amount");
    EXPECT_EQ(service(payout("payable:a", "bank:main", "5")), "");
    EXPECT_EQ(service(payout("payable:a", "bank:main", "5")), "payouts_key_once");
}

}  // namespace
}  // namespace ledger

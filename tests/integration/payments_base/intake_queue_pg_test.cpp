// Q1 to Q4 on a real server: messages of many threads and tenants share commits, and fail alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "core/db/connection.h"
#include "core/failure.h"
#include "payments/intake_queue.h"
#include "tests/support/movements.h"

namespace payments {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field
using namespace std::chrono_literals;

// One message, kept until it is taken in.
struct Letter {
    Letter(const TenantBooks& books, CallbackMessage told)
        : message(std::move(told)), request(request_of(message)), heard{books.tenant(), kChannel, &message, &request} {}
    Letter(const Letter&) = delete;
    Letter& operator=(const Letter&) = delete;

    CallbackMessage message;
    CallbackRequest request;
    Heard heard;
};

std::int64_t count(const std::string& sql) {
    return books_test_database().administer_here(sql)[0][0].as<std::int64_t>();
}

// Holds what a message of the order needs, so that the queue's one writer waits and others gather behind it.
class Obstacle {
public:
    Obstacle(const TenantBooks& books, const std::string& order)
        : session_(books_test_database().service_connection()), work_(session_.get()) {
        work_.exec_params("select pg_advisory_xact_lock(hashtextextended($1, 0))",
                          books.tenant().text() + "/order:" + order);
    }
    void remove() { work_.abort(); }

    // The server processes that wait for it.
    static std::vector<std::int64_t> waiting() {
        std::vector<std::int64_t> found;
        for (const auto& row : books_test_database().administer_here(
                 "select pid from pg_stat_activity where wait_event_type = 'Lock' and wait_event = 'advisory' "
                 "and datname = current_database()")) {
            found.push_back(row[0].as<std::int64_t>());
        }
        return found;
    }
    static bool is_met() {
        const auto until = std::chrono::steady_clock::now() + 10s;
        while (waiting().empty()) {
            if (std::chrono::steady_clock::now() > until) {
                return false;
            }
            std::this_thread::sleep_for(5ms);
        }
        return true;
    }

private:
    core::db::Connection session_;
    pqxx::work work_;
};

class Queue : public testing::Test {
protected:
    // It waits in the queue when this returns.
    std::future<IntakeOutcome> send(const Letter& letter) {
        const auto promise = std::make_shared<std::promise<IntakeOutcome>>();
        queue_->take_in(letter.heard,
                        {[promise](IntakeOutcome outcome) { promise->set_value(outcome); },
                         [promise](std::exception_ptr failure) { promise->set_exception(std::move(failure)); }});
        return promise->get_future();
    }
    // Sends a message that stands before the obstacle, then the others, which gather behind it in their order.
    std::vector<std::future<IntakeOutcome>> send_behind(const Letter& first, const std::vector<Letter*>& others) {
        std::vector<std::future<IntakeOutcome>> sent;
        sent.push_back(send(first));
        EXPECT_TRUE(Obstacle::is_met());
        for (const auto* letter : others) {
            sent.push_back(send(*letter));
        }
        return sent;
    }

    std::unique_ptr<IntakeQueue> queue_ =
        std::make_unique<IntakeQueue>(books_database(), IntakeOptions{.writers = 1, .batch_max = 64, .queue_max = 4});
    TenantBooks ours_;
    TenantBooks theirs_;
};

TEST_F(Queue, TakesInTheMessagesOfManyThreadsAndTenantsOnceEach) {
    constexpr int kThreads = 16;
    constexpr int kEach = 40;
    IntakeQueue queue(books_database(), {});
    std::vector<std::thread> threads;
    std::atomic<int> booked{0};
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            const auto& books = t % 2 == 0 ? ours_ : theirs_;
            for (int i = 0; i < kEach; ++i) {
                // Each of them is told by two threads.
                const auto id = std::to_string(t / 4) + "-" + std::to_string(i);
                const Letter letter(books, message("evt-" + id, {payment("ch-" + id, usd(100), "O-" + id)}));
                booked += queue.take_in(letter.heard) == IntakeOutcome::booked ? 1 : 0;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(booked, kThreads / 2 * kEach);
    for (const auto* books : {&ours_, &theirs_}) {
        EXPECT_EQ(books->complaints(), "");
        EXPECT_EQ(books->balances().at("transit:payment:stripe USD"), 100 * kThreads / 4 * kEach);
    }
    const auto of_ours = " where tenant_id in ('" + ours_.tenant().text() + "', '" + theirs_.tenant().text() + "')";
    EXPECT_EQ(count("select sum(deliveries) from payments.inbox" + of_ours), kThreads * kEach);
    EXPECT_LT(count("select count(distinct xmin::text) from payments.movements" + of_ours), kThreads / 2 * kEach)
        << "some of them share a commit";
}

TEST_F(Queue, FailsTheMessageAloneThatTheDatabaseRefuses) {
    Obstacle obstacle(ours_, "O-1");
    const Letter first(ours_, message("evt-1", {payment("ch-1", usd(1), "O-1")}));
    Letter good(ours_, message("evt-2", {payment("ch-2", usd(2), "O-2")}));
    Letter bad(ours_, message("evt-3", {payment("ch-3", usd(3), std::string("O\0-3", 4))}));
    Letter theirs(theirs_, message("evt-4", {payment("ch-4", usd(4), "O-4")}));
    auto sent = send_behind(first, {&good, &bad, &theirs});
    obstacle.remove();

    EXPECT_EQ(sent[0].get(), IntakeOutcome::booked);
    EXPECT_EQ(sent[1].get(), IntakeOutcome::booked);
    EXPECT_THROW(sent[2].get(), core::InputError);
    EXPECT_EQ(sent[3].get(), IntakeOutcome::booked);
    EXPECT_EQ(ours_.balances().at("transit:payment:stripe USD"), 3);
    EXPECT_EQ(theirs_.balances().at("transit:payment:stripe USD"), 4);
    EXPECT_EQ(ours_.complaints() + theirs_.complaints(), "");
}

// Another transaction holds what one of them needs, for longer than a channel waits.
TEST_F(Queue, TellsTheNeighboursOfAMessageThatWaitsForALock) {
    Obstacle before(ours_, "O-1");
    Obstacle held(theirs_, "O-3");
    const Letter first(ours_, message("evt-1", {payment("ch-1", usd(1), "O-1")}));
    Letter good(ours_, message("evt-2", {payment("ch-2", usd(2), "O-2")}));
    Letter held_up(theirs_, message("evt-3", {payment("ch-3", usd(3), "O-3")}));
    Letter another(theirs_, message("evt-4", {payment("ch-4", usd(4), "O-4")}));
    auto sent = send_behind(first, {&good, &held_up, &another});
    before.remove();

    EXPECT_EQ(sent[0].get(), IntakeOutcome::booked);
    EXPECT_EQ(sent[1].get(), IntakeOutcome::booked);
    EXPECT_EQ(sent[2].wait_for(0ms), std::future_status::timeout) << "it still waits";
    EXPECT_THROW(sent[2].get(), core::OutsideFailure);
    EXPECT_EQ(sent[3].get(), IntakeOutcome::booked);
    held.remove();
    EXPECT_EQ(queue_->take_in(held_up.heard), IntakeOutcome::booked);
    EXPECT_EQ(ours_.complaints() + theirs_.complaints(), "");
}

TEST_F(Queue, RefusesAtOnceWhileTheDatabaseStandsStill) {
    queue_ = std::make_unique<IntakeQueue>(books_database(), IntakeOptions{.writers = 1, .standstill = 50ms});
    Obstacle obstacle(ours_, "O-1");
    const Letter first(ours_, message("evt-1", {payment("ch-1", usd(1), "O-1")}));
    Letter in_time(ours_, message("evt-2", {payment("ch-2", usd(2))}));
    auto sent = send_behind(first, {&in_time});
    std::this_thread::sleep_for(60ms);
    const Letter late(theirs_, message("evt-3", {payment("ch-3", usd(3))}));
    EXPECT_THROW(queue_->take_in(late.heard), core::OutsideFailure);
    obstacle.remove();
    EXPECT_EQ(sent[0].get(), IntakeOutcome::booked);
    EXPECT_EQ(sent[1].get(), IntakeOutcome::booked);
    EXPECT_EQ(queue_->take_in(late.heard), IntakeOutcome::booked);
}

TEST_F(Queue, RefusesAtOnceWhenItIsFull) {
    Obstacle obstacle(ours_, "O-1");
    const Letter first(ours_, message("evt-1", {payment("ch-1", usd(1), "O-1")}));
    std::vector<std::unique_ptr<Letter>> letters;
    std::vector<Letter*> others;
    for (int i = 2; i < 6; ++i) {
        const auto id = std::to_string(i);
        letters.push_back(std::make_unique<Letter>(ours_, message("evt-" + id, {payment("ch-" + id, usd(1))})));
        others.push_back(letters.back().get());
    }
    auto sent = send_behind(first, others);
    const Letter late(ours_, message("evt-9", {payment("ch-9", usd(1))}));
    EXPECT_THROW(queue_->take_in(late.heard), core::OutsideFailure);
    obstacle.remove();
    for (auto& one : sent) {
        EXPECT_EQ(one.get(), IntakeOutcome::booked);
    }
    EXPECT_EQ(queue_->take_in(late.heard), IntakeOutcome::booked);
}

TEST_F(Queue, TakesInAgainWhatALostConnectionLeftOpen) {
    Obstacle obstacle(ours_, "O-1");
    const Letter first(ours_, message("evt-1", {payment("ch-1", usd(1), "O-1")}));
    auto sent = send_behind(first, {});
    for (const auto pid : Obstacle::waiting()) {
        books_test_database().administer_here("select pg_terminate_backend(" + std::to_string(pid) + ", 5000)");
    }
    EXPECT_TRUE(Obstacle::is_met()) << "it tries again on another connection";
    obstacle.remove();
    EXPECT_EQ(sent[0].get(), IntakeOutcome::booked);
    EXPECT_EQ(ours_.balances().at("transit:payment:stripe USD"), 1);
}

TEST_F(Queue, OpensAnAccountAgainThatItRemembersAndTheDatabaseDoesNot) {
    const Letter first(ours_, message("evt-1", {payment("ch-1", usd(1))}));
    EXPECT_EQ(queue_->take_in(first.heard), IntakeOutcome::booked);
    const auto of_ours = " where tenant_id = '" + ours_.tenant().text() + "'";
    const auto accounts = count("select count(*) from ledger.accounts" + of_ours);
    // Somebody has put an older database in the place of this one.
    for (const std::string table : {"payments.inbox", "payments.movements", "ledger.pages", "ledger.entries",
                                    "ledger.balances", "ledger.new_legs", "ledger.accounts"}) {
        books_test_database().administer_here("alter table " + table + " disable trigger user; delete from " + table +
                                              of_ours + "; alter table " + table + " enable trigger user");
    }
    ASSERT_EQ(count("select count(*) from ledger.accounts" + of_ours), 0);
    const Letter second(ours_, message("evt-2", {payment("ch-2", usd(2))}));
    EXPECT_EQ(queue_->take_in(second.heard), IntakeOutcome::booked);
    EXPECT_EQ(count("select count(*) from ledger.accounts" + of_ours), accounts);
    EXPECT_EQ(ours_.complaints(), "");
}

// A sequence, since it is not rolled back: the first commit alone loses its connection.
TEST_F(Queue, TakesInAgainWhatACommitOfUnknownOutcomeLeftOpen) {
    books_test_database().administer_here(R"(
create sequence payments.cuts;
create function payments.cut() returns trigger language plpgsql security definer as $$
begin
    if nextval('payments.cuts') = 1 then
        perform pg_terminate_backend(pg_backend_pid());
        perform pg_sleep(5);
    end if;
    return null;
end $$;
create constraint trigger cut after insert on payments.inbox deferrable initially deferred
    for each row execute function payments.cut())");
    const Letter letter(ours_, message("evt-1", {payment("ch-1", usd(1), "O-1")}));
    const auto outcome = queue_->take_in(letter.heard);
    const auto cuts = count("select last_value from payments.cuts");
    books_test_database().administer_here(
        "drop trigger cut on payments.inbox; drop function payments.cut(); drop sequence payments.cuts");

    EXPECT_EQ(outcome, IntakeOutcome::booked);
    EXPECT_EQ(cuts, 2);
    EXPECT_EQ(ours_.balances().at("transit:payment:stripe USD"), 1);
    EXPECT_EQ(ours_.complaints(), "");
}

TEST_F(Queue, TakesInWhatWaitsBeforeItEnds) {
    Obstacle obstacle(ours_, "O-1");
    const Letter first(ours_, message("evt-1", {payment("ch-1", usd(1), "O-1")}));
    Letter second(ours_, message("evt-2", {payment("ch-2", usd(2))}));
    auto sent = send_behind(first, {&second});
    std::thread end([this] { queue_.reset(); });
    std::this_thread::sleep_for(50ms);
    obstacle.remove();
    end.join();
    EXPECT_EQ(sent[0].get(), IntakeOutcome::booked);
    EXPECT_EQ(sent[1].get(), IntakeOutcome::booked);
}

}  // namespace
}  // namespace payments

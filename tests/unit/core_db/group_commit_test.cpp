// Q1 to Q4, with what the transaction does said by the test: how tasks are gathered, parted and tried again.
#include "core/db/group_commit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <map>

namespace core::db {
namespace {

using Queue = GroupCommit<std::string, std::string>;
using Batch = std::vector<std::string>;
using std::chrono_literals::operator""ms;

// A transaction of which the test says how it ends. The first batch waits until it is let go, so that those behind it
// come together.
class Transactions {
public:
    Batch carry_out(const Batch& batch) {
        std::unique_lock lock(mutex_);
        batches_.push_back(batch);
        begun_.notify_all();
        let_go_.wait(lock, [&] { return is_open_; });
        Batch outcomes;
        for (const auto& task : batch) {
            if (auto& left = failures_[task]; left.second > 0) {
                --left.second;
                throw DatabaseFailure(left.first, "");
            }
            if (task == "bad") {
                throw InputError("bad");
            }
            outcomes.push_back("done " + task);
        }
        return outcomes;
    }
    // What is thrown for that task, so many times.
    void fail(const std::string& task, const std::string& sqlstate, int times = 1000) {
        failures_[task] = {sqlstate, times};
    }
    void wait_for_first() {
        std::unique_lock lock(mutex_);
        begun_.wait(lock, [&] { return !batches_.empty(); });
    }
    void open() {
        const std::lock_guard lock(mutex_);
        is_open_ = true;
        let_go_.notify_all();
    }
    std::vector<Batch> batches() {
        const std::lock_guard lock(mutex_);
        return batches_;
    }

private:
    std::mutex mutex_;
    std::condition_variable begun_, let_go_;
    bool is_open_ = false;
    std::vector<Batch> batches_;
    std::map<std::string, std::pair<std::string, int>> failures_;
};

class Groups : public testing::Test {
protected:
    std::unique_ptr<Queue> queue(const GroupCommitOptions& options = {"tasks"}, Queue::Lane lane = {}) {
        return std::make_unique<Queue>(
            options, [this](const Batch& batch) { return transactions_.carry_out(batch); }, std::move(lane));
    }
    // "first" alone, the others together behind it. What each was told, in the order of the telling.
    std::vector<std::string> told(std::unique_ptr<Queue> queue, const Batch& others) {
        const auto add = [&](const std::string& task) {
            queue->add(task, {[this](const std::string& outcome) { tell(outcome); },
                              [this, task](const std::exception_ptr&) { tell("failed " + task); }});
        };
        add("first");
        transactions_.wait_for_first();
        for (const auto& task : others) {
            add(task);
        }
        transactions_.open();
        queue.reset();
        return told_;
    }

    Transactions transactions_;

private:
    void tell(const std::string& what) {
        const std::lock_guard lock(mutex_);
        told_.push_back(what);
    }
    std::mutex mutex_;
    std::vector<std::string> told_;
};

TEST_F(Groups, ShareATransactionInTheOrderTheyCameIn) {
    EXPECT_EQ(told(queue(), {"a", "b", "c"}), (Batch{"done first", "done a", "done b", "done c"}));
    EXPECT_EQ(transactions_.batches(), (std::vector<Batch>{{"first"}, {"a", "b", "c"}}));
}

TEST_F(Groups, LetOneThatCannotBeCarriedOutFailAlone) {
    EXPECT_EQ(told(queue(), {"a", "b", "bad", "c"}), (Batch{"done first", "done a", "done b", "failed bad", "done c"}));
}

TEST_F(Groups, AreTriedAgainWhenAnotherTransactionWasInTheWay) {
    for (const char* state : {"40P01", "40001", "23505", "23503", "08006", "08007", "57P01", "53300"}) {
        Transactions transactions;
        transactions.fail("a", state, 2);
        transactions.open();
        Queue queue({"tasks"}, [&](const Batch& batch) { return transactions.carry_out(batch); });
        EXPECT_EQ(queue.carry_out("a"), "done a") << state;
        EXPECT_EQ(transactions.batches().size(), 3U) << state;
    }
}

class GroupsOfAFailingServer : public Groups, public testing::WithParamInterface<const char*> {};

TEST_P(GroupsOfAFailingServer, FailTogether) {
    transactions_.fail("b", GetParam());
    EXPECT_EQ(told(queue(), {"a", "b"}), (Batch{"done first", "failed a", "failed b"}));
    for (const auto& batch : transactions_.batches()) {
        EXPECT_NE(batch, (Batch{"a"})) << "not parted";
    }
}

// Gone, out of disk, starting, unable to write, and a statement whose time is over.
INSTANTIATE_TEST_SUITE_P(, GroupsOfAFailingServer, testing::Values("08006", "53100", "57P03", "58030", "57014"));

TEST_F(Groups, WaitForALockAloneAndAsOftenAsTheyAreTold) {
    transactions_.fail("b", "55P03");
    GroupCommitOptions options{"tasks"};
    options.attempts_at_a_lock = 3;
    EXPECT_EQ(told(queue(options), {"a", "b"}), (Batch{"done first", "done a", "failed b"}));
    const auto batches = transactions_.batches();
    EXPECT_EQ(std::count(batches.begin(), batches.end(), Batch{"b"}), 3);
}

TEST_F(Groups, OfOneLaneStandOrFallWithTheirLock) {
    transactions_.fail("x1", "55P03");
    const auto lane = [](const std::string& task) { return task.substr(0, 1); };
    EXPECT_EQ(told(queue({"tasks"}, lane), {"x1", "a1", "x2", "a2"}),
              (Batch{"done first", "failed x1", "failed x2", "done a1", "done a2"}));
    EXPECT_EQ(transactions_.batches().back(), (Batch{"a1", "a2"}));
}

class GroupsThatWait : public Groups {
protected:
    // One in its transaction, and one more behind it.
    void begin(const GroupCommitOptions& options) {
        group_ = queue(options);
        add();
        transactions_.wait_for_first();
        add();
    }
    void add() {
        group_->add("a", {[](const std::string&) {}, [](const std::exception_ptr&) {}});
    }
    void TearDown() override { transactions_.open(); }

    std::unique_ptr<Queue> group_;
};

TEST_F(GroupsThatWait, RefuseAtOnceWhenTheyAreFull) {
    GroupCommitOptions options{"tasks"};
    options.queue_max = 2;
    begin(options);
    add();
    EXPECT_THROW(add(), OutsideFailure);
}

TEST_F(GroupsThatWait, RefuseAtOnceWhileTheDatabaseStandsStill) {
    GroupCommitOptions options{"tasks"};
    options.standstill = 40ms;
    begin(options);
    std::this_thread::sleep_for(50ms);
    EXPECT_THROW(add(), OutsideFailure);
}

}  // namespace
}  // namespace core::db

#include "server/http/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace {

using server::http::Workers;

TEST(Workers, RunWhatIsSubmitted) {
    std::atomic<int> ran = 0;
    {
        Workers workers(3, 100);
        std::promise<void> all;
        for (int i = 0; i < 100; ++i) {
            ASSERT_TRUE(workers.submit([&] {
                if (++ran == 100) {
                    all.set_value();
                }
            }));
        }
        all.get_future().wait();
    }
    EXPECT_EQ(ran, 100);
}

TEST(Workers, RefuseWhenTheQueueIsFull) {
    std::promise<void> gate;
    const auto opened = gate.get_future().share();
    std::atomic<int> ran = 0;
    Workers workers(1, 2);
    const auto task = [&] {
        opened.wait();
        ++ran;
    };
    // One for the thread, whether it has taken it yet or not, and two that wait.
    EXPECT_TRUE(workers.submit(task));
    EXPECT_TRUE(workers.submit(task));
    EXPECT_TRUE(workers.submit(task));
    EXPECT_FALSE(workers.submit(task));
    std::promise<void> last;
    gate.set_value();
    while (!workers.submit([&] { last.set_value(); })) {
        std::this_thread::yield();
    }
    last.get_future().wait();
    EXPECT_EQ(ran, 3);
}

TEST(Workers, StopWaitsForWhatRunsAndDropsWhatWaits) {
    std::promise<void> started;
    std::promise<void> gate;
    std::atomic<int> ran = 0;
    Workers workers(1, 10);
    ASSERT_TRUE(workers.submit([&] {
        started.set_value();
        gate.get_future().wait();
        ++ran;
    }));
    started.get_future().wait();
    ASSERT_TRUE(workers.submit([&] { ran += 100; }));
    auto stopping = std::async(std::launch::async, [&] { workers.stop(); });
    EXPECT_EQ(stopping.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
    gate.set_value();
    stopping.get();
    EXPECT_EQ(ran, 1);
    EXPECT_FALSE(workers.submit([] {}));
}

}  // namespace

#include "server/impl/channel_queue.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

namespace server {

namespace {

using Lane = std::deque<std::size_t>;
using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kAgainIn{100};

// Lanes that nobody works on, by when they may be looked at.
class Lanes {
public:
    explicit Lanes(std::map<std::string, Lane>& lanes) {
        for (auto& [name, lane] : lanes) {
            idle_.push_back({std::move(lane), Clock::time_point::min()});
        }
        std::shuffle(idle_.begin(), idle_.end(), std::mt19937_64(std::random_device()()));
        unfinished_ = idle_.size();
    }

    void work(const std::function<bool(std::size_t)>& work) {
        std::unique_lock lock(mutex_);
        while (unfinished_ > 0 && !failure_) {
            const auto first = std::min_element(idle_.begin(), idle_.end(),
                                                [](const Idle& a, const Idle& b) { return a.from < b.from; });
            if (first == idle_.end()) {
                changed_.wait(lock);
            } else if (const auto from = first->from; from > Clock::now()) {
                changed_.wait_until(lock, from);
            } else {
                Idle mine = std::move(*first);
                idle_.erase(first);
                lock.unlock();
                run(mine, work);
                lock.lock();
                if (mine.lane.empty()) {
                    --unfinished_;
                } else {
                    idle_.push_back(std::move(mine));
                }
                changed_.notify_all();
            }
        }
    }

    void rethrow() const {
        if (failure_) {
            std::rethrow_exception(failure_);
        }
    }

private:
    struct Idle {
        Lane lane;
        Clock::time_point from;
    };

    void run(Idle& mine, const std::function<bool(std::size_t)>& work) {
        try {
            if (work(mine.lane.front())) {
                mine.lane.pop_front();
            } else {
                mine.from = Clock::now() + kAgainIn;
            }
        } catch (...) {
            const std::lock_guard lock(mutex_);
            failure_ = failure_ ? failure_ : std::current_exception();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Idle> idle_;
    std::size_t unfinished_ = 0;
    std::exception_ptr failure_;
};

}  // namespace

void work_off(ChannelQueue& queue, unsigned workers, const std::function<bool(std::size_t)>& work) {
    Lanes lanes(queue.lanes_);
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 1; i < workers; ++i) {
            threads.emplace_back([&] { lanes.work(work); });
        }
        lanes.work(work);
    }
    lanes.rethrow();
}

}  // namespace server

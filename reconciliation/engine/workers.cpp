#include "reconciliation/engine/workers.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace reconciliation::engine {

void run_workers(unsigned count, const std::function<void(unsigned)>& work) {
    std::exception_ptr failure;
    std::mutex mutex;
    const auto guarded = [&](unsigned number) {
        try {
            work(number);
        } catch (...) {
            const std::lock_guard lock(mutex);
            if (!failure) {
                failure = std::current_exception();
            }
        }
    };
    {
        std::vector<std::jthread> threads;
        for (unsigned number = 1; number < count; ++number) {
            threads.emplace_back(guarded, number);
        }
        guarded(0);
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
}

unsigned usual_workers() { return std::max(1U, std::thread::hardware_concurrency()); }

}  // namespace reconciliation::engine

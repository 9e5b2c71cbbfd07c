// Threads that begin together, each with its share of the work; what they did a second.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <latch>
#include <thread>
#include <vector>

namespace bench {

// `make(client)` gives what client number `client` does; it is connected and ready before the clock starts.
template <typename Make>
std::int64_t per_second_of(std::int64_t things, int clients, Make make) {
    std::latch ready(clients + 1);
    std::vector<std::exception_ptr> failures(static_cast<std::size_t>(clients));
    std::vector<std::thread> threads;
    threads.reserve(static_cast<std::size_t>(clients));
    for (int client = 0; client < clients; ++client) {
        threads.emplace_back([&, client] {
            bool counted = false;
            try {
                auto work = make(client);
                counted = true;
                ready.arrive_and_wait();
                work();
            } catch (...) {
                failures[static_cast<std::size_t>(client)] = std::current_exception();
                if (!counted) {
                    ready.count_down();
                }
            }
        });
    }
    ready.arrive_and_wait();
    const auto begin = std::chrono::steady_clock::now();
    for (auto& thread : threads) {
        thread.join();
    }
    const auto time =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin).count();
    for (const auto& failure : failures) {
        if (failure) {
            std::rethrow_exception(failure);
        }
    }
    return time == 0 ? 0 : things * 1'000'000 / time;
}

}  // namespace bench

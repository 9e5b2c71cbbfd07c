// Threads that share a piece of work and end with it.
#pragma once

#include <functional>

namespace reconciliation::engine {

// Calls `work(0)` to `work(count - 1)`, each on a thread of its own, and returns when all have. What the first of them
// to fail throws is thrown here.
void run_workers(unsigned count, const std::function<void(unsigned)>& work);

// As many as there are cores for this process.
unsigned usual_workers();

}  // namespace reconciliation::engine

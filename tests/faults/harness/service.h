// `duizhang serve` as a process.
#pragma once

#include <memory>

#include "tests/faults/harness/world.h"

namespace faults {

class Service {
public:
    explicit Service(const World& world, Environment environment = {});

    // Doesn't wait.
    void start();
    // Throws when it isn't ready by then.
    void wait_ready(Milliseconds most);
    void start_and_wait() {
        start();
        wait_ready(std::chrono::seconds(60));
    }
    // SIGTERM; false when it had to be killed.
    bool stop();
    void kill() noexcept { child_.reset(); }
    bool running() noexcept { return child_ != nullptr && child_->running(); }
    pid_t pid() const noexcept { return child_->pid(); }

    std::string log() const { return text_of(world_.folder() / "service.log"); }
    // The answer's status to a GET on a connection of its own; 0 without an answer.
    int get(const std::string& path) const;

private:
    const World& world_;
    Environment environment_;
    std::unique_ptr<Child> child_;
};

}  // namespace faults

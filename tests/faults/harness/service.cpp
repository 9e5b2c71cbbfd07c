#include "tests/faults/harness/service.h"

#include <signal.h>

#include <stdexcept>

#include "tests/e2e/service/client.h"

namespace faults {

Service::Service(const World& world, Environment environment) : world_(world), environment_(std::move(environment)) {}

void Service::start() {
    child_ = std::make_unique<Child>(Program{{executable(), "--config", world_.configuration().string(), "serve"},
                                             world_.folder(),
                                             world_.folder() / "service.log",
                                             environment_});
}

void Service::wait_ready(Milliseconds most) {
    const bool ready = wait_until(most, [this] { return !running() || get("/readyz") == 200; });
    if (!ready || !running()) {
        const auto said = log();
        throw std::runtime_error("the service isn't ready: " +
                                 said.substr(said.size() > 2000 ? said.size() - 2000 : 0));
    }
}

bool Service::stop() {
    if (!running()) {
        return false;
    }
    child_->signal(SIGTERM);
    const bool ended = child_->wait(std::chrono::seconds(60));
    child_.reset();
    return ended;
}

int Service::get(const std::string& path) const {
    try {
        return e2e::Client(world_.port()).get(path).status;
    } catch (const std::exception&) {
        return 0;
    }
}

}  // namespace faults

// A service that a bench starts, and where.
#pragma once

#include <cstdint>

#include "tests/support/command.h"

namespace bench {

std::uint16_t free_port();
// Throws std::runtime_error when it doesn't answer that path within a minute.
void wait_until_ready(const test_support::Process& service, std::uint16_t port, const char* path);

}  // namespace bench

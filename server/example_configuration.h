#pragma once

#include <string_view>

namespace server {

// config/example.toml, as built into the binary; what `duizhang init` writes.
std::string_view example_configuration();

}  // namespace server

// Texts for people that don't go through the log: what a command says of what went wrong.
#pragma once

#include <string>
#include <string_view>

namespace core {

// As the log would write it (set_redactor() in log.h); unchanged while no redactor is plugged in, and left out where it
// fails.
std::string redacted(std::string_view text);

}  // namespace core

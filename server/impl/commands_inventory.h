// duizhang keys inventory, rotate-master, split, hold, unlock: what is done with the keys above all data keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/commands.h"

namespace server {

// 1 when a certificate ends within so many days.
int keys_inventory(const GlobalOptions& global, std::optional<std::int64_t> fail_within_days);

// Wraps all data keys by the master key that is configured now, and the derivation key into `file`.
int keys_rotate_master(const GlobalOptions& global, const std::string& file);

// Writes the two shares of a new key into two files.
int keys_split(const GlobalOptions& global, const std::string& first, const std::string& second);
// Holds the shares at the socket that the configuration's master_key names, until it is told to stop.
int keys_hold(const GlobalOptions& global, std::int64_t window_minutes);
// Enters the share on standard input there.
int keys_unlock(const GlobalOptions& global);

}  // namespace server

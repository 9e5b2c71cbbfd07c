// The master key, which wraps every other, and the places it comes from beside a file.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/secret.h"

namespace core::keys {

// What a key may serve. A key of one is refused in the other.
enum class Environment { production, test };
std::string_view name_of(Environment environment);
std::optional<Environment> environment_named(std::string_view name);

struct MasterKey {
    KeyBytes key;                            // 32 bytes
    std::optional<Environment> environment;  // nothing: its text doesn't say
};

// 64 hex digits, perhaps with "test:" or "production:" before them; white space around is left out. Nothing for any
// other text.
std::optional<MasterKey> parse_master_key(std::string_view text);

// What a program prints that is run without a shell: its path, and arguments, with blanks between. It has ten seconds,
// 4 KiB and no terminal, sees no other secret of ours than the environment has, and must end with status 0. Throws
// UsageError in words that never quote what it printed.
KeyBytes key_from_command(const std::string& command_line);

// The key that others are derived from, wrapped by a later master key (`duizhang keys rotate-master`).
std::string wrap_derivation_key(const KeyBytes& master, Environment environment, const KeyBytes& key);
std::optional<KeyBytes> unwrap_derivation_key(const KeyBytes& master, Environment environment,
                                              std::string_view wrapped);

}  // namespace core::keys

// How a token's key is named: an RFC 7512 URI without its scheme (core/keys/token.h).
#pragma once

#include <string>
#include <string_view>

namespace core::keys {

struct TokenUri {
    std::string token;
    std::string object;
    std::string module_path;
    std::string pin_file;
};

// Percent encoding undone. Throws UsageError naming the part that is wrong, in words that quote nothing of it.
TokenUri parse_token_uri(std::string_view uri);

}  // namespace core::keys

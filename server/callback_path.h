// "/callbacks/TENANT/CHANNEL" into its parts, which point into what was given. Whoever asks bounds its length.
#pragma once

#include <optional>
#include <string_view>

namespace server {

struct CallbackPath {
    std::string_view tenant;
    std::string_view channel;
};

// Nothing for another path. Either part may be empty: no tenant and no channel has such a name.
inline std::optional<CallbackPath> parse_callback_path(std::string_view path) {
    constexpr std::string_view kPrefix = "/callbacks/";
    if (!path.starts_with(kPrefix)) {
        return std::nullopt;
    }
    path.remove_prefix(kPrefix.size());
    const auto slash = path.find('/');
    if (slash == std::string_view::npos || path.find('/', slash + 1) != std::string_view::npos) {
        return std::nullopt;
    }
    return CallbackPath{path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace server

#include <algorithm>

#include "payments/channels/registry.h"
#include "server/api/route.h"

namespace server::api {
namespace {

// The part up to the next slash, which is taken off.
std::string_view first_segment(std::string_view& path) {
    const auto end = std::min(path.find('/', 1), path.size());
    const auto segment = path.substr(1, end - 1);
    path.remove_prefix(end);
    return segment;
}

}  // namespace

std::span<const Route> routes() {
    static const auto all = [] {
        std::vector<Route> routes;
        for (const auto part :
             {order_routes(), book_routes(), posting_routes(), payout_routes(), reconciliation_routes(), hold_routes(),
              charge_routes(), closing_routes(), report_routes(), release_routes()}) {
            routes.insert(routes.end(), part.begin(), part.end());
        }
        return routes;
    }();
    return all;
}

std::optional<std::vector<std::string>> match(const Route& route, std::string_view path) {
    std::vector<std::string> parameters;
    std::string_view expected = route.path;
    while (!expected.empty() && !path.empty()) {
        const auto wanted = first_segment(expected);
        const auto given = first_segment(path);
        if (wanted.starts_with('{') && !given.empty()) {
            parameters.emplace_back(given);
        } else if (wanted != given) {
            return std::nullopt;
        }
    }
    return expected.empty() && path.empty() ? std::optional(std::move(parameters)) : std::nullopt;
}

std::vector<std::string> channel_names() {
    std::vector<std::string> names;
    for (const auto& channel : payments::channel_registry()) {
        names.emplace_back(channel.name);
    }
    return names;
}

}  // namespace server::api

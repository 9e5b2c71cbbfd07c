// A page of a list: {"data": [...], "next_cursor": "..." or null}.
#pragma once

#include <string>

#include "core/json/writer.h"
#include "server/api/route.h"

namespace server::api {

// `rows` are those asked for with one more than the limit, which shows that there is a next page. `write` gives a row
// to the writer, `place_of` says where a page begins that comes behind it.
template <typename Rows, typename Write, typename PlaceOf>
http::Response page(const Call& call, const Query& query, Rows rows, const Write& write, const PlaceOf& place_of) {
    const auto limit = static_cast<std::size_t>(query.limit());
    const bool is_last = rows.size() <= limit;
    if (!is_last) {
        rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(limit), rows.end());
    }
    core::json::Writer json;
    json.begin_object().key("data").begin_array();
    for (const auto& row : rows) {
        write(json, row);
    }
    json.end_array().key("next_cursor");
    if (is_last) {
        json.null();
    } else {
        json.value(call.cursors.seal(call.id(), call.request.head.path, query, place_of(rows.back())));
    }
    json.end_object();
    return http::Response::json(200, json.text());
}

// Where this page begins.
inline std::optional<Place> place_of(const Call& call, const Query& query) {
    return call.cursors.open(call.id(), call.request.head.path, query);
}

}  // namespace server::api

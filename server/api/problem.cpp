#include "server/api/problem.h"

#include "core/json/writer.h"

namespace server::api {

http::Response Refusal::answer() const {
    core::json::Writer json;
    json.begin_object()
        .member("type", kind_.empty() ? "about:blank" : "urn:duizhang:problem:" + kind_)
        .member("title", http::reason_phrase(status_))
        .member("status", status_)
        .member("detail", what());
    if (!field_.empty()) {
        json.member("field", field_);
    }
    json.end_object();
    return {status_, {{"Content-Type", "application/problem+json"}}, json.text()};
}

Refusal not_found() { return {404, "", "this tenant has nothing of that name"}; }

Refusal bad_field(const std::string& field, const std::string& what) { return {400, "bad-field", what, field}; }

}  // namespace server::api

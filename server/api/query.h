// The query of a list: its filters, how many, and from where on.
//
//   C1  A cursor is good for the tenant, path and filters it was given out with, and for no others. It is sealed by a
//       code that only the service can make, so what comes back is what was given out.
//   C2  A name that the route doesn't know is refused, so that a misspelt filter never lists everything.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.h"
#include "core/secret.h"
#include "core/time.h"

namespace server::api {

class Query {
public:
    // `raw` as in the request's target. Throws Refusal naming the parameter.
    Query(std::string_view raw, std::initializer_list<std::string_view> known);

    // Nothing where it isn't there; refused where it is empty.
    std::optional<std::string> text(std::string_view name) const;
    std::optional<core::BusinessDay> day(std::string_view name) const;
    // One of the words, which are quoted in the refusal.
    std::optional<std::string> word(std::string_view name, const std::vector<std::string>& known) const;

    // What the filters say, in one spelling.
    std::string filters() const;
    std::optional<std::string> cursor() const { return text("cursor"); }
    std::int64_t limit() const;

private:
    std::map<std::string, std::string, std::less<>> values_;
};

// The place from which a list goes on.
using Place = std::vector<std::string>;

class Cursors {
public:
    explicit Cursors(const core::KeyBytes& master_key);

    std::string seal(const core::TenantId& tenant, std::string_view path, const Query& query, const Place& place) const;
    // Nothing for the beginning. Throws Refusal for a cursor that isn't one of this list's.
    std::optional<Place> open(const core::TenantId& tenant, std::string_view path, const Query& query) const;

private:
    std::string code(const core::TenantId& tenant, std::string_view path, const Query& query,
                     const std::string& place) const;

    core::KeyBytes key_;
};

}  // namespace server::api

// What the API reads of a request's head: the query, cursors, the Authorization header.
#include "core/text/encoding.h"
#include "server/api/problem.h"
#include "server/api/query.h"
#include "server/api_keys.h"
#include "tests/fuzz/fuzz.h"

namespace {

using server::api::Cursors;
using server::api::Place;
using server::api::Query;

const core::TenantId kTenant("acme");

void read_query(std::string_view text, const Cursors& cursors) {
    const Query query(text, {"from", "channel", "id"});
    fuzz::promise(query.limit() >= 1 && query.limit() <= 1000, "a limit within its bounds");
    fuzz::promise(Query(query.filters().substr(0, query.filters().size() - 1), {"from", "channel", "id"}).filters() ==
                      query.filters(),
                  "filters written and read again are the same");
    if (const auto day = query.day("from")) {
        fuzz::promise(query.text("from") == core::format_day(*day), "a day as it stands there");
    }
    fuzz::promise(!cursors.open(kTenant, "/v1/orders", query), "a cursor that nobody gave out is refused");
}

// The first line is the filters, then come the parts of a place.
void seal_and_open(fuzz::Input& input, const Cursors& cursors) {
    const Query query(input.line(), {"from", "channel", "id"});
    Place place;
    do {
        place.emplace_back(input.part("\x1F"));
    } while (!input.empty());
    for (const auto& part : place) {
        if (!core::text::is_valid_utf8(part) || part.find('\0') != std::string::npos) {
            return;  // none comes out of the database
        }
    }
    const auto cursor = cursors.seal(kTenant, "/v1/orders", query, place);
    const auto with = [&](const std::string& one) {
        return Query(query.filters() + "cursor=" + one, {"from", "channel", "id"});
    };
    fuzz::promise(cursors.open(kTenant, "/v1/orders", with(cursor)) == place, "a cursor leads to its place");
    for (const auto& [tenant, path] : {std::pair(core::TenantId("other"), "/v1/orders"), {kTenant, "/v1/entries"}}) {
        try {
            (void)cursors.open(tenant, path, with(cursor));
            fuzz::promise(false, "a cursor is good for its own list alone");
        } catch (const server::api::Refusal&) {
            continue;
        }
    }
}

void read_authorization(std::string_view text) {
    const auto token = server::bearer_token(text);
    if (!token) {
        return;
    }
    fuzz::promise(text.ends_with(*token) && text.size() == token->size() + 7,
                  "the token is what stands behind the word");
    if (const auto parts = server::parse_api_key(*token)) {
        fuzz::promise(token->substr(0, token->size() - 44) == "dz_" + parts->id(), "a key is its parts");
        fuzz::promise(core::is_tenant_id(parts->tenant.text()), "of a tenant that there can be");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const Cursors cursors{core::KeyBytes(std::string(32, 'k'))};
    fuzz::Input input(data, size);
    try {
        switch (input.choice(3)) {
            case 0:
                read_query(input.rest(), cursors);
                break;
            case 1:
                seal_and_open(input, cursors);
                break;
            default:
                read_authorization(input.rest());
        }
    } catch (const server::api::Refusal& refusal) {
        fuzz::promise(refusal.status() == 400, "a refusal is the caller's to mend");
    }
    return 0;
}

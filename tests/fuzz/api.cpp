// What the API reads of a request: the query, cursors, the Authorization header, fields of a body.
#include "core/text/encoding.h"
#include "server/api/body.h"
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

void read_body(std::string_view text) {
    const server::api::Body body(text, {"account", "amount", "currency", "text", "day", "time", "number", "flag"},
                                 [](std::string_view part) { return std::string(part); });
    const auto money = body.money("amount");
    fuzz::promise(money.minor() >= 1 && money.minor() <= core::kMinorMax, "an amount within its bounds");
    fuzz::promise(body.text("text", 16).size() <= 16, "a text within its bounds");
    fuzz::promise(ledger::Account::from_name(body.account("account").name()).has_value(), "an account of the chart");
    fuzz::promise(core::parse_day(core::format_day(body.day("day"))) == body.day("day"), "a day that exists");
    const auto number = body.integer("number", 3, 5);
    fuzz::promise(number >= 3 && number <= 5, "a number within its bounds");
    (void)body.time("time");
    (void)body.flag("flag");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const Cursors cursors{core::KeyBytes(std::string(32, 'k'))};
    fuzz::Input input(data, size);
    try {
        switch (input.choice(4)) {
            case 0:
                read_query(input.rest(), cursors);
                break;
            case 1:
                seal_and_open(input, cursors);
                break;
            case 2:
                read_authorization(input.rest());
                break;
            default:
                read_body(input.rest());
        }
    } catch (const server::api::Refusal& refusal) {
        fuzz::promise(refusal.status() == 400, "a refusal is the caller's to mend");
    }
    return 0;
}

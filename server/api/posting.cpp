// POST /v1/entries and its reversal: what people enter in the books themselves.
#include <array>

#include "core/json/reader.h"
#include "ledger/entry_file.h"
#include "ledger/journal.h"
#include "server/api/entry_json.h"
#include "server/api/problem.h"
#include "server/api/route.h"

namespace server::api {

namespace {

constexpr std::size_t kDescriptionBytesMax = 512;

http::Response answer_with(core::db::TenantTransaction& transaction, core::EntryId id, bool is_new) {
    core::json::Writer json;
    write_entry(json, *ledger::find_entry(transaction, id));
    auto response = http::Response::json(is_new ? 201 : 200, json.text());
    response.headers.emplace_back("Location", "/v1/entries/" + std::to_string(id.number()));
    return response;
}

http::Response posted(core::db::TenantTransaction& transaction, const ledger::Entry& entry, core::Instant now) {
    if (const auto id = ledger::post_by_hand(transaction, entry, now)) {
        return answer_with(transaction, *id, true);
    }
    const auto stands = ledger::find_entry(transaction, entry.head().source_key);
    core::ensure(stands.has_value(), "what can't be posted for its source key stands already");
    if (!ledger::says_the_same(*stands, entry)) {
        throw Refusal(409, "entry-differs",
                      "entry " + std::to_string(stands->id.number()) +
                          " was posted under this key and says something else; give the new entry a key of its own",
                      "Idempotency-Key");
    }
    return answer_with(transaction, stands->id, false);
}

// The key is the entry's natural key too: an entry that `ledger post` posted under it is the same entry.
http::Response post_entry(const Call& call) {
    const auto key = idempotency_key(call);
    if (!key) {
        throw bad_field("Idempotency-Key", "is missing; an entry is posted once for each key");
    }
    return once(call, [&](auto& transaction) {
        const auto entry = ledger::read_entry(call.request.body, *key, call.now,
                                              [&](std::string_view text) { return call.redact(text); });
        return posted(transaction, entry, call.now);
    });
}

struct Reversal {
    std::string description;
    core::BusinessDay day;
};

Reversal read_reversal(const Call& call) {
    const auto body = core::json::parse(call.request.body);
    if (!body || !body->is_object()) {
        throw bad_field("", body ? "must be a JSON object" : std::string(core::json::describe(body.error())));
    }
    for (const auto& [name, value] : body->members()) {
        if (name != "description" && name != "business_date") {
            throw bad_field(call.redact(name), "unknown field; known are description, business_date");
        }
    }
    const auto description = body->string_at("description").value_or("");
    if (description.empty() || description.size() > kDescriptionBytesMax) {
        throw bad_field("description", "must say why, in 1 to " + std::to_string(kDescriptionBytesMax) + " bytes");
    }
    if (body->find("business_date") == nullptr) {
        return {call.redact(description), core::day_of(call.now, {"UTC", std::chrono::minutes(0)})};
    }
    const auto day = core::parse_day(body->string_at("business_date").value_or(""));
    if (!day) {
        throw bad_field("business_date", "must be a day that exists, YYYY-MM-DD");
    }
    return {call.redact(description), *day};
}

http::Response reverse_entry(const Call& call) {
    const auto id = entry_id(call.parameters[0]);
    return once(call, [&](auto& transaction) {
        const auto asked = read_reversal(call);
        const auto reversed = ledger::reverse(transaction, id, asked.description, call.now, asked.day);
        if (!reversed) {
            throw not_found();
        }
        return answer_with(transaction, reversed->reversal, reversed->is_new);
    });
}

}  // namespace

std::span<const Route> posting_routes() {
    static constexpr std::array<Route, 2> all = {{
        {"POST", "/v1/entries", Right::post_entries, post_entry},
        {"POST", "/v1/entries/{id}/reversal", Right::post_entries, reverse_entry},
    }};
    return all;
}

}  // namespace server::api

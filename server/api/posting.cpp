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

EntryAsked asked(const Call& call, std::optional<std::string> key) {
    return {call.id(),
            std::move(key),
            digest_of(call.request),
            call.now,
            {},
            nullptr,
            false,
            {call.caller, call.from()},
            std::string(call.act),
            {}};
}

// Read, or what is wrong with it, which is said unless its key was answered before.
template <typename Read>
EntryAsked with_entry(EntryAsked asked, const Read& read) {
    try {
        asked.entry = read();
    } catch (const core::InputError&) {
        asked.complaint = std::current_exception();
    }
    return asked;
}

// The key is the entry's natural key too: an entry that `ledger post` posted under it is the same entry.
EntryAsked post_entry(const Call& call) {
    const auto key = idempotency_key(call);
    if (!key) {
        throw bad_field("Idempotency-Key", "is missing; an entry is posted once for each key");
    }
    return with_entry(asked(call, key), [&] {
        return ledger::read_entry(call.request.body, *key, call.now,
                                  [&](std::string_view text) { return call.redact(text); });
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

// What is to be reversed never changes, so that it is read before, alone.
EntryAsked reverse_entry(const Call& call) {
    const auto id = entry_id(call.parameters[0]);
    auto reversal = asked(call, idempotency_key(call));
    reversal.stands_as_it_is = true;
    reversal.reversed = id;
    return with_entry(std::move(reversal), [&] {
        const auto wanted = read_reversal(call);
        core::db::TenantTransaction transaction(call.database, call.id());
        const auto stands = ledger::find_entry(transaction, id);
        if (!stands) {
            throw not_found();
        }
        return ledger::reversal_of(*stands, wanted.description, call.now, wanted.day);
    });
}

void post_later(const Call& call, EntryAsked asked, const Later& later) {
    call.entries.post(std::move(asked), {[later](EntryAnswer given) {
                                             later([&] {
                                                 if (given.refusal != nullptr) {
                                                     std::rethrow_exception(given.refusal);
                                                 }
                                                 return std::move(given.response);
                                             });
                                         },
                                         [later](const std::exception_ptr& failure) {
                                             later([&]() -> http::Response { std::rethrow_exception(failure); });
                                         }});
}

void begin_entry(const Call& call, const Later& later) { post_later(call, post_entry(call), later); }
void begin_reversal(const Call& call, const Later& later) { post_later(call, reverse_entry(call), later); }

}  // namespace

std::span<const Route> posting_routes() {
    static constexpr std::array<Route, 2> all = {{
        {"POST", "/v1/entries", Right::post_entries, nullptr, begin_entry, false, "entry.post"},
        {"POST", "/v1/entries/{id}/reversal", Right::post_entries, nullptr, begin_reversal, false, "entry.reverse"},
    }};
    return all;
}

}  // namespace server::api

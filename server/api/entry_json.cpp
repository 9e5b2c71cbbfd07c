#include "server/api/entry_json.h"

#include "server/api/problem.h"

namespace server::api {

core::EntryId entry_id(const std::string& text) {
    const auto number = core::minor_from_integer(text);
    if (!number || *number < 1) {
        throw not_found();
    }
    return core::EntryId(*number);
}

core::Money money_of(std::int64_t minor, const std::string& currency) {
    const auto known = core::Currency::from_code(currency);
    core::ensure(known.has_value(), "the books are in currencies we know");
    return {minor, *known};
}

void write_entry(core::json::Writer& json, const ledger::StoredEntry& entry) {
    json.begin_object()
        .member("entry", entry.id.number())
        .member("event", entry.event)
        .member("source_key", entry.source_key)
        .member("description", entry.description)
        .member("occurred_at", core::format_rfc3339(entry.occurred_at))
        .member("business_date", entry.business_date)
        .member("recorded_at", core::format_rfc3339(entry.recorded_at))
        .key("legs")
        .begin_array();
    for (const auto& leg : entry.legs) {
        json.begin_object()
            .member("account", leg.account)
            .member("amount", money_of(leg.amount_minor, leg.currency))
            .end_object();
    }
    json.end_array().end_object();
}

void write_account(core::json::Writer& json, const ledger::StoredAccount& account) {
    json.begin_object()
        .member("account", account.account)
        .member("kind", account.kind)
        .member("opened_at", core::format_rfc3339(account.opened_at))
        .end_object();
}

}  // namespace server::api

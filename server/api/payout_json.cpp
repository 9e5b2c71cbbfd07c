#include "server/api/payout_json.h"

#include "core/time.h"

namespace server::api {

void write_payout(core::json::Writer& json, const ledger::Payout& payout) {
    const auto& what = payout.what;
    json.begin_object()
        .member("payout", payout.number)
        .member("key", what.key)
        .member("state", ledger::name_of(payout.state()))
        .member("party", what.party.name())
        .member("bank", what.bank.name())
        .member("amount", what.amount)
        .member("description", what.description);
    if (const auto request_key = payout.request_key(); !request_key.empty()) {
        json.member("request_key", request_key).member("end_to_end_id", payout.end_to_end_id());
    }
    json.key("steps").begin_array();
    for (const auto& step : payout.steps) {
        json.begin_object()
            .member("state", ledger::name_of(step.state))
            .member("by", step.by)
            .member("at", core::format_rfc3339(step.at))
            .member("reason", step.reason);
        if (step.entry) {
            json.member("entry", step.entry->number());
        }
        json.end_object();
    }
    json.end_array().end_object();
}

}  // namespace server::api

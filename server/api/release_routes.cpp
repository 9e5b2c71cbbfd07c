// /v1/fulfilments and /v1/share-outs: what lets orders be shared out; /v1/splits/{name}/preview: what a split would do.
#include <algorithm>
#include <array>

#include "ledger/split.h"
#include "payments/release.h"
#include "server/api/body.h"
#include "server/api/entry_json.h"
#include "server/api/problem.h"
#include "server/api/route.h"

namespace server::api {
namespace {

constexpr std::size_t kOrderBytesMax = 64;
constexpr std::size_t kOrdersMax = 1000;  // looked at with one call
constexpr std::size_t kRefundsMax = 100;

Body body_of(const Call& call, std::initializer_list<std::string_view> known) {
    return {call.request.body, known, [&](std::string_view text) { return call.redact(text); }};
}

http::Response fulfil(const Call& call) {
    return once(call, [&](auto& transaction) {
        const auto body = body_of(call, {"merchant_order_id", "fulfilled_at"});
        const auto at = body.has("fulfilled_at") ? body.time("fulfilled_at") : call.now;
        if (at > call.now) {
            throw bad_field("fulfilled_at", "must be a time that has come");
        }
        const core::MerchantOrderId order(body.text("merchant_order_id", kOrderBytesMax));
        const auto outcome = payments::fulfil_orders(transaction, {{order, at}}).front();
        if (outcome == payments::FulfilmentOutcome::unknown_order) {
            throw Refusal(404, "", "this order is not registered; register it first, or correct its number",
                          "merchant_order_id");
        }
        const bool is_new = outcome == payments::FulfilmentOutcome::recorded;
        core::json::Writer json;
        json.begin_object().member("merchant_order_id", order.text()).member("already_there", !is_new).end_object();
        return http::Response::json(is_new ? 201 : 200, json.text());
    });
}

// Some orders with each call: it says where the next goes on.
http::Response share_out(const Call& call) {
    return once(call, [&](auto& transaction) {
        const auto body = body_of(call, {"after"});
        const auto after = body.has("after") ? body.text("after", kOrderBytesMax) : std::string();
        const auto round = payments::share_out_due(transaction, call.now, after, kOrdersMax);
        core::json::Writer json;
        json.begin_object().member("shared_out", round.shared_out).key("next_after");
        round.looked_up_to ? json.value(*round.looked_up_to) : json.null();
        return http::Response::json(200, json.end_object().text());
    });
}

// Of the amount's currency, in minor units, one after the other.
std::vector<std::int64_t> refunds_of(const Body& body, std::int64_t amount) {
    std::vector<std::int64_t> refunds;
    if (!body.has("refunds")) {
        return refunds;
    }
    const auto* list = body.find("refunds");
    if (!list->is_array() || list->items().size() > kRefundsMax) {
        throw bad_field("refunds", "must be a list of at most " + std::to_string(kRefundsMax) + " amounts");
    }
    for (const auto& item : list->items()) {
        const auto refund = item.integer();
        if (!refund || *refund < 1 || *refund > amount) {
            throw bad_field("refunds", "must be whole minor units above zero, together no more than the amount");
        }
        amount -= *refund;
        refunds.push_back(*refund);
    }
    return refunds;
}

void write_receivers(core::json::Writer& json, const std::vector<ledger::SplitReceiver>& receivers,
                     core::Currency currency) {
    json.key("receivers").begin_array();
    for (const auto& receiver : receivers) {
        json.begin_object()
            .member("account", receiver.account)
            .member("receives", core::Money(receiver.received, currency))
            .key("gives_back")
            .begin_array();
        for (const auto back : receiver.back) {
            json.value(core::Money(back, currency));
        }
        json.end_array().member("left", core::Money(receiver.left, currency)).end_object();
    }
    json.end_array();
}

// Books nothing.
http::Response preview(const Call& call) {
    const auto body = body_of(call, {"amount", "currency", "refunds"});
    const auto amount = body.money("amount");
    const auto refunds = refunds_of(body, amount.minor());
    const auto& splits = call.tenant.settings->splits;
    const auto policy = std::find_if(splits.begin(), splits.end(),
                                     [&](const config::SplitPolicy& one) { return one.name == call.parameters[0]; });
    if (policy == splits.end()) {
        throw not_found();
    }
    const auto parts = ledger::split(amount.minor(), policy->shares);
    core::json::Writer json;
    json.begin_object()
        .member("split", policy->name)
        .member("amount", amount)
        .member("when", config::text_of(policy->when))
        .member("shared_out", static_cast<bool>(parts));
    write_receivers(json, parts ? ledger::receivers_of(*parts, refunds) : std::vector<ledger::SplitReceiver>(),
                    amount.currency());
    return http::Response::json(200, json.end_object().text());
}

}  // namespace

std::span<const Route> release_routes() {
    static constexpr std::array<Route, 3> all = {{
        {"POST", "/v1/fulfilments", Right::register_orders, fulfil},
        {"POST", "/v1/share-outs", Right::post_entries, share_out, nullptr, false, "orders.share_out"},
        {"POST", "/v1/splits/{name}/preview", Right::read_orders, preview},
    }};
    return all;
}

}  // namespace server::api

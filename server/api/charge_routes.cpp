// /v1/charges: what customers use, against what they have prepaid; /v1/top-ups; /v1/usage-closes: the end of periods.
#include <algorithm>
#include <array>

#include "ledger/charge_file.h"
#include "ledger/journal.h"
#include "ledger/pricing.h"
#include "server/api/body.h"
#include "server/api/entry_json.h"
#include "server/api/page.h"
#include "server/api/problem.h"

namespace server::api {
namespace {

constexpr std::size_t kKeyBytesMax = 128;
constexpr std::size_t kDescriptionBytesMax = 512;
constexpr std::size_t kNameBytesMax = 128;
// Closed with one call: each is a transaction.
constexpr std::size_t kCustomersMax = 200;

Body body_of(const Call& call, std::initializer_list<std::string_view> known) {
    return {call.request.body, known, [&](std::string_view text) { return call.redact(text); }};
}

std::string required_key(const Call& call, const char* why) {
    const auto key = idempotency_key(call);
    if (!key || key->size() > kKeyBytesMax) {
        throw bad_field("Idempotency-Key", "must have 1 to " + std::to_string(kKeyBytesMax) + " bytes; " + why);
    }
    return *key;
}

[[noreturn]] void refuse(const ledger::ChargeAnswer& answer) {
    switch (answer.outcome) {
        case ledger::ChargeAnswer::Outcome::spent:
            throw Refusal(409, "balance-spent",
                          "it costs " + std::to_string(answer.amount_minor) + ", and " +
                              std::to_string(answer.left_minor) +
                              " can be taken from what was prepaid; top it up, or set a limit that lets it be owed");
        case ledger::ChargeAnswer::Outcome::key_taken:
            throw Refusal(409, "charge-differs",
                          "a charge of this key says something else; give the new one a key of its own",
                          "Idempotency-Key");
        case ledger::ChargeAnswer::Outcome::closed:
            throw Refusal(409, "period-closed", "its period was closed and takes no more; charge it in a later one",
                          "at");
        case ledger::ChargeAnswer::Outcome::out_of_range:
            throw bad_field("quantity", "is more than an amount or a period's volume may be");
        case ledger::ChargeAnswer::Outcome::charged:
        case ledger::ChargeAnswer::Outcome::already:
            break;
    }
    core::ensure(false, "what was charged is not refused");
    throw not_found();
}

// What it says is the same for ever: neither what is left now, nor whether it was charged before.
http::Response answer_of(const ledger::Charge& charge, const ledger::ChargeAnswer& answer) {
    if (!answer.is_charged()) {
        refuse(answer);
    }
    core::json::Writer json;
    json.begin_object()
        .member("source_key", charge.usage().source_key)
        .member("customer", charge.usage().customer)
        .member("plan", charge.plan().name)
        .member("event", charge.usage().event)
        .member("quantity", charge.usage().quantity)
        .member("amount", core::Money(answer.amount_minor, charge.plan().currency))
        .member("volume", answer.volume)
        .key("entry");
    answer.entry ? json.value(answer.entry->number()) : json.null();
    return http::Response::json(201, json.end_object().text());
}

// The key makes the charge, so that no other answer needs to be kept: asked again, the charge says what it came to.
void charge(const Call& call, const Later& later) {
    const auto key = required_key(call, "a charge is made once for each key");
    auto read = ledger::read_charge(call.request.body, key, call.id(), call.tenant.settings->plans, call.now,
                                    [&](std::string_view text) { return call.redact(text); });
    call.charges.charge(
        read, {[later, read](const ledger::ChargeAnswer& answer) { later([&] { return answer_of(read, answer); }); },
               [later](const std::exception_ptr& failure) {
                   later([&]() -> http::Response { std::rethrow_exception(failure); });
               }});
}

ledger::Account prepaid_of(const std::string& customer) {
    const auto account = ledger::prepaid_account(customer);
    if (!account) {
        throw bad_field("customer", "must be 1 to 64 of a-z, 0-9, - and _");
    }
    return *account;
}

http::Response top_up(const Call& call) {
    const auto key = required_key(call, "a top-up is booked once for each key");
    return once(call, [&](auto& transaction) {
        const auto body = body_of(call, {"customer", "from", "amount", "currency", "description"});
        const auto from = body.account("from");
        if (from.kind() != ledger::Account::Kind::asset) {
            throw bad_field("from", "must be an asset of the chart, e.g. bank:main or transit:funds:stripe");
        }
        const auto prepaid = prepaid_of(body.text("customer", kNameBytesMax));
        const auto amount = body.money("amount");
        const auto description =
            body.has("description") ? body.text("description", kDescriptionBytesMax) : std::string("prepaid");
        const auto entry = ledger::top_up(key, from, prepaid, amount, description, call.now);
        const bool is_new = ledger::post(transaction, entry).has_value();
        const auto stands = ledger::find_entry(transaction, entry.head().source_key);
        core::ensure(stands.has_value(), "a top-up stands in the books");
        if (!ledger::has_legs_of(*stands, entry)) {
            throw Refusal(409, "entry-differs",
                          "entry " + std::to_string(stands->id.number()) +
                              " has this key and says something else; give the new top-up a key of its own",
                          "Idempotency-Key");
        }
        core::json::Writer json;
        write_entry(json, *stands);
        auto response = http::Response::json(is_new ? 201 : 200, json.text());
        response.headers.emplace_back("Location", "/v1/entries/" + std::to_string(stands->id.number()));
        return response;
    });
}

struct PeriodToClose {
    const config::Plan* plan;
    core::BusinessDay first_day;
    std::string after;  // customers up to this one were looked at
};

PeriodToClose read_period(const Call& call) {
    const auto body = body_of(call, {"plan", "period", "after"});
    const auto first_day = body.day("period");
    const auto plan = ledger::plan_of_period(call.tenant.settings->plans, body.text("plan", kNameBytesMax), first_day);
    if (!plan && plan.error() == ledger::PeriodError::unknown_plan) {
        throw bad_field("plan", "no [[tenant.plan]] of this name is in force for that period");
    }
    if (!plan) {
        throw bad_field("period", "must be the first day of one of the plan's periods, YYYY-MM-DD");
    }
    const auto end = ledger::period_end(**plan, first_day);
    if (end > call.now) {
        throw bad_field("period", "ends at " + core::format_rfc3339(end) + "; it is closed afterwards");
    }
    return {*plan, first_day, body.has("after") ? body.text("after", kNameBytesMax) : std::string()};
}

// Some customers with each call: it says where the next goes on. Each is closed in a transaction of its own, and so has
// a record of its own: their charges wait for their own close alone, and what was closed stays when a later one fails.
http::Response close_period(const Call& call) {
    return once_in_parts(call, [&] {
        const auto asked = read_period(call);
        auto customers = [&] {
            core::db::TenantTransaction transaction(call.database, call.id());
            return ledger::customers_to_close(transaction, *asked.plan, asked.first_day);
        }();
        std::sort(customers.begin(), customers.end());
        customers.erase(customers.begin(), std::upper_bound(customers.begin(), customers.end(), asked.after));
        const bool is_last = customers.size() <= kCustomersMax;
        customers.resize(std::min(customers.size(), kCustomersMax));
        core::json::Writer json;
        json.begin_object()
            .member("plan", asked.plan->name)
            .member("period", core::format_day(asked.first_day))
            .key("customers")
            .begin_array();
        for (const auto& customer : customers) {
            core::db::TenantTransaction transaction(call.database, call.id());
            const auto answer = ledger::close_period(transaction, customer, *asked.plan, asked.first_day, call.now);
            call.record(transaction,
                        {std::string(call.act),
                         "customer " + customer + ", " + asked.plan->name + " of " + core::format_day(asked.first_day),
                         "null", "null", std::string(ledger::name_of(answer.outcome))});
            transaction.commit();
            json.begin_object()
                .member("customer", customer)
                .member("outcome", ledger::name_of(answer.outcome))
                .member("amount", core::Money(answer.amount_minor, asked.plan->currency))
                .end_object();
        }
        json.end_array().key("next_after");
        is_last ? json.null() : json.value(customers.back());
        return http::Response::json(200, json.end_object().text());
    });
}

void write_sum(core::json::Writer& json, const ledger::UsageSum& sum) {
    json.begin_object().member("period", sum.period).member("plan", sum.plan).key("event");
    sum.event.empty() ? json.null() : json.value(sum.event);
    json.member("charges", sum.charges)
        .member("quantity", sum.quantity)
        .member("amount", money_of(sum.amount_minor, sum.currency))
        .end_object();
}

// By periods, the latest first.
http::Response usage(const Call& call) {
    const Query query(call.request.head.query, {});
    const auto& customer = call.parameters[0];
    const auto account = ledger::prepaid_account(customer);
    const auto place = place_of(call, query);
    core::db::TenantTransaction transaction(call.database, call.id());
    if (!account || !ledger::has_account(transaction, account->name())) {
        throw not_found();
    }
    auto rows = ledger::usage_of(transaction, customer);
    const auto name_of = [](const ledger::UsageSum& sum) {
        return Place{sum.period, sum.plan, sum.event, sum.currency};
    };
    if (place) {
        const auto last =
            std::find_if(rows.begin(), rows.end(), [&](const ledger::UsageSum& sum) { return name_of(sum) == *place; });
        core::ensure(last != rows.end(), "what was charged stays");
        rows.erase(rows.begin(), last + 1);
    }
    return page(call, query, std::move(rows), write_sum, name_of);
}

}  // namespace

std::span<const Route> charge_routes() {
    static constexpr std::array<Route, 4> all = {{
        {"POST", "/v1/charges", Right::charge_usage, nullptr, charge, true},
        {"GET", "/v1/customers/{customer}/usage", Right::read_usage, usage},
        {"POST", "/v1/top-ups", Right::post_entries, top_up, nullptr, false, "top_up.post"},
        {"POST", "/v1/usage-closes", Right::post_entries, close_period, nullptr, false, "usage.close"},
    }};
    return all;
}

}  // namespace server::api

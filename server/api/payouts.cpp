// /v1/payouts: what is paid to parties, proposed, moved on and read.
#include <algorithm>
#include <array>

#include "core/json/reader.h"
#include "ledger/given_account.h"
#include "server/api/page.h"
#include "server/api/payout_json.h"
#include "server/api/problem.h"
#include "server/api/route.h"

namespace server::api {
namespace {

constexpr std::size_t kTextBytesMax = 512;
constexpr std::size_t kKeyBytesMax = 128;

core::json::Value object_of(const Call& call, std::initializer_list<std::string_view> known) {
    auto body = core::json::parse(call.request.body);
    if (!body || !body->is_object()) {
        throw bad_field("", body ? "must be a JSON object" : std::string(core::json::describe(body.error())));
    }
    for (const auto& [name, value] : body->members()) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            std::string words;
            for (const auto word : known) {
                words += (words.empty() ? "" : ", ") + std::string(word);
            }
            throw bad_field(call.redact(name), "unknown field; known are " + words);
        }
    }
    return *std::move(body);
}

ledger::Account account_at(const core::json::Value& body, const char* field, std::string_view prefix) {
    const std::string name(body.string_at(field).value_or(""));
    auto account = ledger::given_account(name);
    if (!account || !name.starts_with(prefix)) {
        throw bad_field(field,
                        "must be an account " + std::string(prefix) + "NAME of [a-z0-9:_-]" + ledger::kNoCardNames);
    }
    return *std::move(account);
}

core::Money amount_at(const core::json::Value& body) {
    const auto* amount = body.find("amount");
    const auto minor = amount == nullptr ? 0 : amount->integer_at("amount").value_or(0);
    const auto currency = core::Currency::from_code(
        amount == nullptr ? std::string() : std::string(amount->string_at("currency").value_or("")));
    if (minor < 1 || minor > core::kMinorMax || !currency || amount->members().size() != 2) {
        throw bad_field("amount", "must be {\"amount\": N, \"currency\": CODE}, of 1 to " +
                                      std::to_string(core::kMinorMax) + " minor units");
    }
    return {minor, *currency};
}

std::string text_at(const Call& call, const core::json::Value& body, const char* field, bool is_required) {
    const auto* value = body.find(field);
    if (value == nullptr && !is_required) {
        return {};
    }
    const auto text = body.string_at(field);
    if (!text || text->empty() || text->size() > kTextBytesMax) {
        throw bad_field(field, "must be a text of 1 to " + std::to_string(kTextBytesMax) + " bytes");
    }
    return call.redact(*text);
}

http::Response answer_with(const ledger::PayoutResult& result, int status) {
    if (!result) {
        const auto& refusal = result.error();
        throw Refusal(409, "payout-refused", refusal.describe());
    }
    core::json::Writer json;
    write_payout(json, result->payout);
    auto response = http::Response::json(result->already ? 200 : status, json.text());
    response.headers.emplace_back("Location", "/v1/payouts/" + std::to_string(result->payout.number));
    return response;
}

// The key is the payout's own, too: what `ledger payout propose` proposed under it is the same payout.
http::Response propose(const Call& call) {
    const auto key = idempotency_key(call);
    if (!key || key->size() > kKeyBytesMax) {
        throw bad_field("Idempotency-Key", "must be there, with at most " + std::to_string(kKeyBytesMax) +
                                               " bytes; a payout is paid once for each key");
    }
    return once(call, [&](auto& transaction) {
        const auto body = object_of(call, {"party", "bank", "amount", "description"});
        const ledger::NewPayout asked{*key, account_at(body, "party", "payable:"), account_at(body, "bank", "bank:"),
                                      amount_at(body), text_at(call, body, "description", true)};
        return answer_with(ledger::propose_payout(transaction, asked, call.caller, call.now), 201);
    });
}

std::int64_t payout_number(const Call& call) {
    const auto number = core::minor_from_integer(call.parameters[0]);
    if (!number || *number < 1) {
        throw not_found();
    }
    return *number;
}

ledger::NextStep step_of(const Call& call, const core::json::Value& body) {
    const auto state = ledger::payout_state_from_name(std::string(body.string_at("state").value_or("")));
    using enum ledger::PayoutState;
    if (!state || *state == proposed) {
        throw bad_field("state", "must be approved, rejected, sent, confirmed, failed or returned");
    }
    const bool undoes = *state == rejected || *state == failed || *state == returned;
    return {*state, call.caller, text_at(call, body, "reason", undoes)};
}

core::BusinessDay day_of(const Call& call, const core::json::Value& body) {
    if (body.find("business_date") == nullptr) {
        return core::day_of(call.now, {"UTC", std::chrono::minutes(0)});
    }
    const auto day = core::parse_day(body.string_at("business_date").value_or(""));
    if (!day) {
        throw bad_field("business_date", "must be a day that exists, YYYY-MM-DD");
    }
    return *day;
}

http::Response take_step(const Call& call) {
    const auto number = payout_number(call);
    return once(call, [&](auto& transaction) {
        const auto body = object_of(call, {"state", "reason", "business_date"});
        const auto step = step_of(call, body);
        const auto day = day_of(call, body);
        const auto payout = ledger::find_payout(transaction, number);
        if (!payout) {
            throw not_found();
        }
        return answer_with(ledger::take_step(transaction, payout->what.key, step, call.now, day), 201);
    });
}

http::Response one(const Call& call) {
    const auto number = payout_number(call);
    core::db::TenantTransaction transaction(call.database, call.id());
    const auto payout = ledger::find_payout(transaction, number);
    if (!payout) {
        throw not_found();
    }
    core::json::Writer json;
    write_payout(json, *payout);
    return http::Response::json(200, json.text());
}

http::Response list(const Call& call) {
    const Query query(call.request.head.query, {"party", "state"});
    ledger::PayoutsWanted wanted{query.text("party").value_or("")};
    if (const auto state =
            query.word("state", {"proposed", "approved", "rejected", "sent", "confirmed", "failed", "returned"})) {
        wanted.state = ledger::payout_state_from_name(*state);
    }
    if (const auto place = place_of(call, query)) {
        wanted.before = std::stoll(place->at(0));
    }
    wanted.limit = query.limit() + 1;
    core::db::TenantTransaction transaction(call.database, call.id());
    return page(call, query, ledger::payouts(transaction, wanted), write_payout,
                [](const ledger::Payout& last) { return Place{std::to_string(last.number)}; });
}

}  // namespace

std::span<const Route> payout_routes() {
    static constexpr std::array<Route, 4> all = {{
        {"POST", "/v1/payouts", Right::post_entries, propose, nullptr, false, "payout.propose"},
        {"GET", "/v1/payouts", Right::read_books, list},
        {"GET", "/v1/payouts/{id}", Right::read_books, one},
        {"POST", "/v1/payouts/{id}/steps", Right::post_entries, take_step, nullptr, false, "payout.step"},
    }};
    return all;
}

}  // namespace server::api

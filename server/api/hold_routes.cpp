// /v1/holds: amounts of accounts promised to others, and what becomes of them; /v1/limits: how far below zero accounts
// may go.
#include <algorithm>
#include <array>

#include "ledger/holds.h"
#include "ledger/journal.h"
#include "server/api/body.h"
#include "server/api/entry_json.h"
#include "server/api/page.h"
#include "server/api/problem.h"

namespace server::api {
namespace {

constexpr std::size_t kKeyBytesMax = 128;
constexpr std::size_t kTextBytesMax = 512;
constexpr std::int64_t kMinutes = 15;
constexpr std::int64_t kMinutesMax = 527'040;  // a year

Body body_of(const Call& call, std::initializer_list<std::string_view> known) {
    return {call.request.body, known, [&](std::string_view text) { return call.redact(text); }};
}

void write_hold(core::json::Writer& json, const ledger::Hold& hold) {
    const auto currency = hold.what.amount.currency();
    json.begin_object()
        .member("hold", hold.number)
        .member("key", hold.what.source_key)
        .member("state", ledger::name_of(hold.state))
        .member("account", hold.what.account.name())
        .member("to", hold.what.counter_account.name())
        .member("amount", hold.what.amount)
        .member("description", hold.what.description)
        .member("created_at", core::format_rfc3339(hold.created_at))
        .member("expires_at", core::format_rfc3339(hold.what.expires_at))
        .key("ended_at");
    hold.ended_at ? json.value(core::format_rfc3339(*hold.ended_at)) : json.null();
    json.member("posted", core::Money(hold.posted_minor, currency)).key("entry");
    hold.entry ? json.value(hold.entry->number()) : json.null();
    json.end_object();
}

// Where there was one before, it says what stands now.
[[noreturn]] void refuse(const ledger::HoldRefusal& refusal) {
    const auto words = refusal.describe();
    switch (refusal.reason) {
        case ledger::HoldError::insufficient:
            throw Refusal(409, "insufficient", words, "amount");
        case ledger::HoldError::already_expired:
            throw bad_field("expires_at", words);
        case ledger::HoldError::key_taken:
            throw Refusal(409, "hold-differs", words, "Idempotency-Key");
        case ledger::HoldError::unknown:
            throw not_found();
        case ledger::HoldError::more_than_held:
            throw bad_field("amount", words);
        case ledger::HoldError::is_posted:
        case ledger::HoldError::is_voided:
        case ledger::HoldError::is_expired:
            throw Refusal(409, "hold-ended", words);
    }
    throw not_found();
}

http::Response answer_with(const ledger::HoldResult& result, bool is_made = false) {
    if (!result) {
        refuse(result.error());
    }
    core::json::Writer json;
    write_hold(json, result->hold);
    auto response = http::Response::json(is_made && !result->already ? 201 : 200, json.text());
    if (is_made) {
        response.headers.emplace_back("Location", "/v1/holds/" + std::to_string(result->hold.number));
    }
    return response;
}

core::Instant expiry(const Body& body, core::Instant now) {
    if (!body.has("expires_at")) {
        return now + std::chrono::minutes(body.has("minutes") ? body.integer("minutes", 1, kMinutesMax) : kMinutes);
    }
    if (body.has("minutes")) {
        throw bad_field("minutes", "can't stand beside expires_at; give one of them");
    }
    return body.time("expires_at");
}

ledger::NewHold read_hold(const Call& call, const std::string& key) {
    const auto body = body_of(call, {"account", "to", "amount", "currency", "description", "expires_at", "minutes"});
    ledger::NewHold asked{key,
                          body.account("account"),
                          body.account("to"),
                          body.money("amount"),
                          expiry(body, call.now),
                          body.text("description", kTextBytesMax)};
    if (asked.account == asked.counter_account) {
        throw bad_field("to", "must be another account than the one held from");
    }
    return asked;
}

// The Idempotency-Key is the hold's own: what `ledger hold --key` held is the same hold.
http::Response hold(const Call& call) {
    const auto key = idempotency_key(call);
    if (!key || key->size() > kKeyBytesMax) {
        throw bad_field("Idempotency-Key", "must have 1 to " + std::to_string(kKeyBytesMax) +
                                               " bytes; an amount is held once for each key");
    }
    return once(call, [&](auto& transaction) {
        return answer_with(ledger::hold(transaction, read_hold(call, *key), call.now), true);
    });
}

ledger::Hold found(const Call& call, core::db::TenantTransaction& transaction) {
    const auto number = core::minor_from_integer(call.parameters[0]);
    const auto hold = number && *number > 0 ? ledger::find_hold(transaction, *number, call.now) : std::nullopt;
    if (!hold) {
        throw not_found();
    }
    return *hold;
}

http::Response commit(const Call& call) {
    return once(call, [&](auto& transaction) {
        const auto body = body_of(call, {"amount", "currency", "business_date"});
        const auto hold = found(call, transaction);
        const auto amount = body.has("amount") ? std::optional(body.money("amount")) : std::nullopt;
        if (amount && amount->currency() != hold.what.amount.currency()) {
            throw bad_field("amount.currency",
                            "must be the hold's, " + std::string(hold.what.amount.currency().code()));
        }
        const auto day = body.has("business_date") ? body.day("business_date")
                                                   : core::day_of(call.now, {"UTC", std::chrono::minutes(0)});
        return answer_with(ledger::commit_hold(transaction, hold.what.source_key,
                                               amount ? std::optional(amount->minor()) : std::nullopt, call.now, day));
    });
}

http::Response void_it(const Call& call) {
    return once(call, [&](auto& transaction) {
        const auto body = body_of(call, {});
        return answer_with(ledger::void_hold(transaction, found(call, transaction).what.source_key, call.now));
    });
}

http::Response one_hold(const Call& call) {
    core::db::TenantTransaction transaction(call.database, call.id());
    core::json::Writer json;
    write_hold(json, found(call, transaction));
    return http::Response::json(200, json.text());
}

http::Response list_holds(const Call& call) {
    const Query query(call.request.head.query, {"account", "state", "key"});
    ledger::HoldsWanted wanted;
    wanted.account = query.text("account").value_or("");
    if (const auto state = query.word("state", {"pending", "posted", "voided", "expired"})) {
        wanted.state = ledger::hold_state_from_name(*state);
    }
    if (const auto key = query.text("key")) {
        wanted.source_key = call.redact(*key);
    }
    if (const auto place = place_of(call, query)) {
        wanted.before = std::stoll(place->at(0));
    }
    wanted.limit = query.limit() + 1;
    core::db::TenantTransaction transaction(call.database, call.id());
    return page(call, query, ledger::holds(transaction, wanted, call.now), write_hold,
                [](const ledger::Hold& last) { return Place{std::to_string(last.number)}; });
}

void write_overdraft(core::json::Writer& json, std::optional<std::int64_t> minor, const std::string& currency) {
    json.key("overdraft");
    minor ? json.value(money_of(*minor, currency)) : json.null();
}

void write_limit(core::json::Writer& json, const ledger::Limit& limit) {
    json.begin_object().member("account", limit.account).member("currency", limit.currency);
    write_overdraft(json, limit.overdraft_minor, limit.currency);
    json.member("set_at", core::format_rfc3339(limit.set_at)).member("set_by", limit.set_by).end_object();
}

struct NewLimit {
    ledger::Account account;
    core::Currency currency;
    std::optional<std::int64_t> overdraft_minor;
};

NewLimit read_limit(const Call& call) {
    const auto body = body_of(call, {"account", "currency", "overdraft"});
    const auto account = body.account("account");
    if (body.find("overdraft") == nullptr) {
        throw bad_field("overdraft", "is missing; null for an account that isn't limited any more");
    }
    if (!body.has("overdraft")) {
        return {account, body.currency("currency"), std::nullopt};
    }
    const auto overdraft = body.money("overdraft", 0);
    if (body.has("currency") && body.currency("currency") != overdraft.currency()) {
        throw bad_field("currency", "must be the overdraft's, or be left out");
    }
    return {account, overdraft.currency(), overdraft.minor()};
}

http::Response set_limit(const Call& call) {
    return once(call, [&](auto& transaction) {
        const auto asked = read_limit(call);
        const auto by = "key " + call.caller;
        ledger::set_limit(transaction, asked.account, asked.currency, asked.overdraft_minor, call.now, by);
        const auto stands = ledger::available(transaction, asked.account, asked.currency, call.now);
        const std::string currency(asked.currency.code());
        core::json::Writer json;
        json.begin_object().member("account", asked.account.name()).member("currency", currency);
        write_overdraft(json, asked.overdraft_minor, currency);
        json.member("set_at", core::format_rfc3339(call.now))
            .member("set_by", by)
            .member("available", money_of(stands.available(), currency))
            .end_object();
        return http::Response::json(201, json.text());
    });
}

// By account and currency, the newest of each first.
http::Response list_limits(const Call& call) {
    const Query query(call.request.head.query, {"account"});
    const auto account = query.text("account");
    const auto place = place_of(call, query);
    const auto comes_before = [&](const ledger::Limit& limit) {
        const std::pair key(limit.account, limit.currency);
        const std::pair last(place->at(0), place->at(1));
        return key < last || (key == last && limit.number >= std::stoll(place->at(2)));
    };
    core::db::TenantTransaction transaction(call.database, call.id());
    auto rows = ledger::limits(transaction);
    std::erase_if(rows, [&](const ledger::Limit& limit) {
        return (account && limit.account != *account) || (place && comes_before(limit));
    });
    return page(call, query, std::move(rows), write_limit, [](const ledger::Limit& last) {
        return Place{last.account, last.currency, std::to_string(last.number)};
    });
}

// Posted, held and available, in each currency of the account; what is held is so now.
http::Response available(const Call& call) {
    const Query query(call.request.head.query, {});
    core::db::TenantTransaction transaction(call.database, call.id());
    const auto account = ledger::Account::from_name(call.parameters[0]);
    if (!account || !ledger::has_account(transaction, account->name())) {
        throw not_found();
    }
    core::json::Writer json;
    json.begin_object().member("account", account->name()).key("data").begin_array();
    for (const auto& row : ledger::account_balances(transaction, account->name())) {
        const auto stands =
            ledger::available(transaction, *account, *core::Currency::from_code(row.currency), call.now);
        json.begin_object()
            .member("posted", money_of(stands.posted, row.currency))
            .member("held", money_of(stands.held, row.currency))
            .member("available", money_of(stands.available(), row.currency));
        write_overdraft(json, stands.overdraft, row.currency);
        json.end_object();
    }
    json.end_array().end_object();
    return http::Response::json(200, json.text());
}

}  // namespace

std::span<const Route> hold_routes() {
    static constexpr std::array<Route, 8> all = {{
        {"POST", "/v1/holds", Right::post_entries, hold, nullptr, false, "hold.place"},
        {"GET", "/v1/holds", Right::read_books, list_holds},
        {"GET", "/v1/holds/{id}", Right::read_books, one_hold},
        {"POST", "/v1/holds/{id}/commit", Right::post_entries, commit, nullptr, false, "hold.commit"},
        {"POST", "/v1/holds/{id}/void", Right::post_entries, void_it, nullptr, false, "hold.void"},
        {"POST", "/v1/limits", Right::post_entries, set_limit, nullptr, false, "limit.set"},
        {"GET", "/v1/limits", Right::read_books, list_limits},
        {"GET", "/v1/accounts/{account}/available", Right::read_books, available},
    }};
    return all;
}

}  // namespace server::api

// /v1/transactions, /v1/entries, /v1/accounts, /v1/balances: the books, read.
#include <algorithm>
#include <array>

#include "ledger/journal.h"
#include "payments/lists.h"
#include "server/api/entry_json.h"
#include "server/api/movement_json.h"
#include "server/api/page.h"
#include "server/api/problem.h"

namespace server::api {
namespace {

// An identifier as it is stored.
std::optional<std::string> identifier(const Call& call, const Query& query, std::string_view name) {
    const auto text = query.text(name);
    return text ? std::optional(call.redact(*text)) : std::nullopt;
}

http::Response transactions(const Call& call) {
    const Query query(call.request.head.query,
                      {"channel", "type", "from", "until", "merchant_order_id", "channel_txn_id"});
    payments::MovementFilter filter;
    const auto channel = query.word("channel", channel_names());
    filter.channels = channel ? std::vector{*channel} : channel_names();
    filter.type = query.word("type", {"payment", "refund", "reversal", "dispute", "fee", "payout", "adjustment"});
    filter.from = query.day("from");
    filter.until = query.day("until");
    filter.merchant_order_id = identifier(call, query, "merchant_order_id");
    filter.channel_txn_id = identifier(call, query, "channel_txn_id");
    if (const auto place = place_of(call, query)) {
        filter.before = {place->at(0), place->at(1), place->at(2), place->at(3)};
    }
    core::db::TenantTransaction transaction(call.database, call.id());
    return page(call, query, payments::list_movements(transaction, filter, query.limit() + 1), write_movement,
                [](const payments::StoredMovement& last) {
                    return Place{last.business_date, last.channel, last.channel_txn_id, last.type};
                });
}

http::Response entries(const Call& call) {
    const Query query(call.request.head.query, {"event", "source_key", "from", "until"});
    ledger::EntryFilter filter;
    filter.event = query.text("event");
    filter.source_key = identifier(call, query, "source_key");
    filter.days = {query.day("from"), query.day("until")};
    if (const auto place = place_of(call, query)) {
        filter.before = core::EntryId(std::stoll(place->at(0)));
    }
    core::db::TenantTransaction transaction(call.database, call.id());
    return page(call, query, ledger::list_entries(transaction, filter, query.limit() + 1), write_entry,
                [](const ledger::StoredEntry& last) { return Place{std::to_string(last.id.number())}; });
}

http::Response one_entry(const Call& call) {
    const auto id = entry_id(call.parameters[0]);
    core::db::TenantTransaction transaction(call.database, call.id());
    const auto entry = ledger::find_entry(transaction, id);
    if (!entry) {
        throw not_found();
    }
    core::json::Writer json;
    write_entry(json, *entry);
    return http::Response::json(200, json.text());
}

http::Response accounts(const Call& call) {
    const Query query(call.request.head.query, {"prefix"});
    const auto place = place_of(call, query);
    core::db::TenantTransaction transaction(call.database, call.id());
    return page(call, query,
                ledger::list_accounts(transaction, query.text("prefix").value_or(""), place ? place->at(0) : "",
                                      query.limit() + 1),
                write_account, [](const ledger::StoredAccount& last) { return Place{last.account}; });
}

void write_line(core::json::Writer& json, const ledger::AccountLine& line) {
    json.begin_object()
        .member("entry", line.entry.number())
        .member("business_date", line.business_date)
        .member("event", line.event)
        .member("description", line.description)
        .member("amount", money_of(line.amount_minor, line.currency));
    if (!line.due_date.empty()) {
        json.member("due_date", line.due_date);
    }
    json.end_object();
}

// In the order posted. An entry's lines stay together, so a page may have some more than asked for.
http::Response lines(const Call& call) {
    const Query query(call.request.head.query, {});
    const auto place = place_of(call, query);
    core::db::TenantTransaction transaction(call.database, call.id());
    if (!ledger::has_account(transaction, call.parameters[0])) {
        throw not_found();
    }
    const std::int64_t after = place ? std::stoll(place->at(0)) : 0;
    const auto found = ledger::account_lines(transaction, call.parameters[0], after, query.limit());
    const bool is_last =
        found.empty() || ledger::account_lines(transaction, call.parameters[0], found.back().entry.number(), 1).empty();
    core::json::Writer json;
    json.begin_object().member("account", call.parameters[0]).key("data").begin_array();
    for (const auto& line : found) {
        write_line(json, line);
    }
    json.end_array().key("next_cursor");
    if (is_last) {
        json.null();
    } else {
        json.value(
            call.cursors.seal(call.id(), call.request.head.path, query, {std::to_string(found.back().entry.number())}));
    }
    return http::Response::json(200, json.end_object().text());
}

void write_balance(core::json::Writer& json, const ledger::AccountBalance& row) {
    json.begin_object()
        .member("account", row.account)
        .member("kind", row.kind)
        .member("debit", money_of(row.debit_minor, row.currency))
        .member("credit", money_of(row.credit_minor, row.currency))
        .member("balance", money_of(row.balance_minor(), row.currency))
        .end_object();
}

http::Response balances(const Call& call) {
    const Query query(call.request.head.query, {"account", "prefix", "until"});
    const auto account = query.text("account");
    const auto prefix = query.text("prefix").value_or("");
    const auto place = place_of(call, query);
    core::db::TenantTransaction transaction(call.database, call.id());
    auto rows = ledger::trial_balance(transaction, {query.day("until"), std::nullopt});
    std::erase_if(rows, [&](const ledger::AccountBalance& row) {
        return !row.account.starts_with(prefix) || (account && row.account != *account) ||
               (place && std::pair(row.account, row.currency) <= std::pair(place->at(0), place->at(1)));
    });
    return page(call, query, std::move(rows), write_balance, [](const ledger::AccountBalance& last) {
        return Place{last.account, last.currency};
    });
}

}  // namespace

std::span<const Route> book_routes() {
    static constexpr std::array<Route, 6> all = {{
        {"GET", "/v1/transactions", Right::read_books, transactions},
        {"GET", "/v1/entries", Right::read_books, entries},
        {"GET", "/v1/entries/{id}", Right::read_books, one_entry},
        {"GET", "/v1/accounts", Right::read_books, accounts},
        {"GET", "/v1/accounts/{account}/lines", Right::read_books, lines},
        {"GET", "/v1/balances", Right::read_books, balances},
    }};
    return all;
}

}  // namespace server::api

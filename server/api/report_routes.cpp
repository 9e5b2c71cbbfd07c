// /v1/trial-balance, /v1/ageing, /v1/accounts/{account}/statement: what the books said at the end of a day.
#include <algorithm>
#include <array>
#include <map>

#include "ledger/account_statement.h"
#include "ledger/ageing.h"
#include "ledger/journal.h"
#include "server/api/entry_json.h"
#include "server/api/page.h"
#include "server/api/problem.h"

namespace server::api {
namespace {

constexpr std::array<const char*, 5> kBuckets{"current", "days_1_to_30", "days_31_to_60", "days_61_to_90",
                                              "over_90_days"};

core::BusinessDay today(const Call& call) { return core::day_of(call.now, {"UTC", std::chrono::minutes(0)}); }

std::vector<std::string> accounts_of(const Query& query) {
    const auto account = query.text("account");
    return account ? std::vector{*account} : std::vector<std::string>{"payable:", "receivable:", "transit:"};
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

std::int64_t sum(std::int64_t one, std::int64_t other) {
    const auto both = core::checked_add(one, other);
    core::ensure(both.has_value(), "a currency's total fits 64 bits");
    return *both;
}

// {"as_of", "totals": [...]} before the page: of all accounts, whichever are on it.
std::string totals_of(const std::vector<ledger::AccountBalance>& rows, const std::string& as_of) {
    std::map<std::string, std::pair<std::int64_t, std::int64_t>> totals;
    for (const auto& row : rows) {
        auto& total = totals[row.currency];
        total = {sum(total.first, row.debit_minor), sum(total.second, row.credit_minor)};
    }
    core::json::Writer json;
    json.begin_object().member("as_of", as_of).key("totals").begin_array();
    for (const auto& [currency, total] : totals) {
        json.begin_object()
            .member("debit", money_of(total.first, currency))
            .member("credit", money_of(total.second, currency))
            .end_object();
    }
    return json.end_array().end_object().text();
}

// The members of one object put before those of a page.
http::Response with_head(const std::string& head, http::Response page) {
    page.body = head.substr(0, head.size() - 1) + "," + page.body.substr(1);
    return page;
}

std::optional<core::Instant> instant_of(const Query& query, std::string_view name) {
    const auto text = query.text(name);
    const auto instant = text ? core::parse_rfc3339(*text) : std::nullopt;
    if (text && !instant) {
        throw bad_field(std::string(name), "must be a time with its zone, 2026-11-30T09:00:00Z");
    }
    return instant;
}

http::Response trial_balance(const Call& call) {
    const Query query(call.request.head.query, {"until", "recorded"});
    const ledger::AsOf when{query.day("until"), instant_of(query, "recorded")};
    const auto place = place_of(call, query);
    core::db::TenantTransaction transaction(call.database, call.id());
    auto rows = ledger::trial_balance(transaction, when);
    const auto head = totals_of(
        rows, when.until ? core::format_day(*when.until) : core::format_rfc3339(when.recorded.value_or(call.now)));
    std::erase_if(rows, [&](const ledger::AccountBalance& row) {
        return place && std::pair(row.account, row.currency) <= std::pair(place->at(0), place->at(1));
    });
    return with_head(head, page(call, query, std::move(rows), write_balance, [](const ledger::AccountBalance& last) {
                         return Place{last.account, last.currency};
                     }));
}

using AgeingRow = std::pair<std::pair<std::string, std::string>, ledger::Buckets>;

void write_ageing(core::json::Writer& json, const AgeingRow& row) {
    const auto& [account, currency] = row.first;
    json.begin_object().member("account", account);
    for (std::size_t i = 0; i < kBuckets.size(); ++i) {
        json.member(kBuckets.at(i), money_of(row.second.at(i), currency));
    }
    json.member("balance", money_of(ledger::total_of(row.second), currency)).end_object();
}

std::string head_of(core::BusinessDay day) {
    core::json::Writer json;
    return json.begin_object().member("as_of", core::format_day(day)).end_object().text();
}

http::Response ageing(const Call& call) {
    const Query query(call.request.head.query, {"date", "account"});
    const auto day = query.day("date").value_or(today(call));
    const auto place = place_of(call, query);
    core::db::TenantTransaction transaction(call.database, call.id());
    ledger::Ageing ageing(day);
    ledger::read_open_items(transaction, {accounts_of(query), day},
                            [&](const ledger::OpenItem& item) { ageing.add(item); });
    std::vector<AgeingRow> rows(ageing.accounts().begin(), ageing.accounts().end());
    std::erase_if(rows,
                  [&](const AgeingRow& row) { return place && row.first <= std::pair(place->at(0), place->at(1)); });
    return with_head(head_of(day), page(call, query, std::move(rows), write_ageing, [](const AgeingRow& last) {
                         return Place{last.first.first, last.first.second};
                     }));
}

Place place_of_item(const ledger::OpenItem& item) {
    return {item.account, item.currency, core::format_day(item.since), item.group};
}

// In the order of account, currency, day, group. No more than a page is kept, whatever is open.
http::Response open_items(const Call& call) {
    const Query query(call.request.head.query, {"date", "account"});
    const auto day = query.day("date").value_or(today(call));
    const auto place = place_of(call, query);
    const auto wanted = static_cast<std::size_t>(query.limit()) + 1;
    core::db::TenantTransaction transaction(call.database, call.id());
    std::vector<ledger::OpenItem> rows;
    ledger::read_open_items(transaction, {accounts_of(query), day}, [&](const ledger::OpenItem& item) {
        if (rows.size() < wanted && (!place || place_of_item(item) > *place)) {
            rows.push_back(item);
        }
    });
    const ledger::Ageing ageing(day);
    const auto write = [&](core::json::Writer& json, const ledger::OpenItem& item) {
        json.begin_object().member("account", item.account).key("group");
        item.group.empty() ? json.null() : json.value(item.group);
        json.member("since", core::format_day(item.since))
            .member("days", ageing.days_open(item))
            .member("due_date", core::format_day(item.due))
            .member("days_past_due", ageing.days_past_due(item))
            .member("amount", money_of(item.amount_minor, item.currency))
            .end_object();
    };
    return with_head(head_of(day), page(call, query, std::move(rows), write, place_of_item));
}

void write_ends(core::json::Writer& json, const char* name, const std::map<std::string, std::int64_t>& ends) {
    json.key(name).begin_array();
    for (const auto& [currency, minor] : ends) {
        json.value(money_of(minor, currency));
    }
    json.end_array();
}

// A line and its place: which of the entry's lines on the account it is.
struct PlacedLine {
    ledger::StatementLine line;
    int of_entry;

    Place place() const {
        return {line.line.business_date, std::to_string(line.line.entry.number()), std::to_string(of_entry)};
    }
};

void write_line(core::json::Writer& json, const PlacedLine& placed) {
    const auto& [line, balance_minor] = placed.line;
    json.begin_object()
        .member("entry", line.entry.number())
        .member("business_date", line.business_date)
        .member("event", line.event)
        .member("description", line.description)
        .member("amount", money_of(line.amount_minor, line.currency))
        .member("balance", money_of(balance_minor, line.currency));
    if (!line.due_date.empty()) {
        json.member("due_date", line.due_date);
    }
    json.end_object();
}

http::Response statement(const Call& call) {
    const Query query(call.request.head.query, {"from", "until"});
    const ledger::DayRange range{query.day("from"), query.day("until")};
    if (range.from && range.until && *range.until < *range.from) {
        throw bad_field("until", "must not be before from");
    }
    const auto place = place_of(call, query);
    const auto wanted = static_cast<std::size_t>(query.limit()) + 1;
    core::db::TenantTransaction transaction(call.database, call.id());
    if (!ledger::has_account(transaction, call.parameters[0])) {
        throw not_found();
    }
    std::vector<PlacedLine> rows;
    bool is_behind = !place.has_value();
    std::int64_t last_entry = 0;
    int of_entry = 0;
    const auto ends =
        ledger::read_statement(transaction, call.parameters[0], range, [&](const ledger::StatementLine& line) {
            const auto entry = line.line.entry.number();
            of_entry = entry == last_entry ? of_entry + 1 : 1;
            last_entry = entry;
            const PlacedLine placed{line, of_entry};
            if (is_behind && rows.size() < wanted) {
                rows.push_back(placed);
            }
            is_behind = is_behind || placed.place() == *place;
        });
    core::json::Writer json;
    json.begin_object().member("account", call.parameters[0]);
    write_ends(json, "opening", ends.opening);
    write_ends(json, "closing", ends.closing);
    return with_head(json.end_object().text(), page(call, query, std::move(rows), write_line,
                                                    [](const PlacedLine& line) { return line.place(); }));
}

}  // namespace

std::span<const Route> report_routes() {
    static constexpr std::array<Route, 4> all = {{
        {"GET", "/v1/trial-balance", Right::read_books, trial_balance},
        {"GET", "/v1/ageing", Right::read_books, ageing},
        {"GET", "/v1/ageing/items", Right::read_books, open_items},
        {"GET", "/v1/accounts/{account}/statement", Right::read_books, statement},
    }};
    return all;
}

}  // namespace server::api

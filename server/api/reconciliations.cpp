// /v1/reconciliations, /v1/discrepancies, /v1/cases: what the nightly runs found and what is open, read.
#include <array>

#include "core/json/reader.h"
#include "reconciliation/bank.h"
#include "reconciliation/cases.h"
#include "reconciliation/discrepancy.h"
#include "reconciliation/runs.h"
#include "server/api/entry_json.h"
#include "server/api/page.h"
#include "server/api/problem.h"

namespace server::api {
namespace {

std::vector<std::string> kinds() {
    std::vector<std::string> names;
    for (const auto kind : reconciliation::all_discrepancy_kinds()) {
        names.emplace_back(reconciliation::name_of(kind));
    }
    return names;
}

// What was stored as JSON, as it stands there.
void write_value(core::json::Writer& json, const core::json::Value& value) {
    using Kind = core::json::Value::Kind;
    switch (value.kind()) {
        case Kind::null:
            json.null();
            return;
        case Kind::boolean:
            json.value(*value.boolean());
            return;
        case Kind::number:
            core::ensure(value.integer().has_value(), "a summary has whole numbers only");
            json.value(*value.integer());
            return;
        case Kind::string:
            json.value(*value.string());
            return;
        case Kind::array:
            json.begin_array();
            for (const auto& item : value.items()) {
                write_value(json, item);
            }
            json.end_array();
            return;
        case Kind::object:
            json.begin_object();
            for (const auto& [name, member] : value.members()) {
                json.key(name);
                write_value(json, member);
            }
            json.end_object();
            return;
    }
}

// Without its end.
void begin_run(core::json::Writer& json, const reconciliation::StoredRun& run) {
    const auto summary = core::json::parse(run.summary);
    core::ensure(static_cast<bool>(summary), "a run's summary is JSON");
    json.begin_object()
        .member("id", run.channel + ":" + run.business_date)
        .member("channel", run.channel)
        .member("business_date", run.business_date)
        .member("run_count", run.run_count)
        .member("totals_agree", run.totals_agree)
        .member("digest", run.digest)
        .member("started_at", core::format_rfc3339(run.started_at))
        .member("finished_at", core::format_rfc3339(run.finished_at))
        .key("summary");
    write_value(json, *summary);
}

void write_run(core::json::Writer& json, const reconciliation::StoredRun& run) {
    begin_run(json, run);
    json.end_object();
}

// A bank account's days are kept as runs of "bank-NAME".
std::vector<std::string> channels_and_banks(const config::TenantSettings& tenant) {
    auto names = channel_names();
    for (const auto& bank : tenant.banks) {
        names.push_back(reconciliation::bank_folder(bank));
    }
    return names;
}

reconciliation::RunFilter days_and_channel(const Call& call, const Query& query) {
    reconciliation::RunFilter filter;
    filter.channel = query.word("channel", channels_and_banks(*call.tenant.settings));
    filter.from = query.day("from");
    filter.until = query.day("until");
    return filter;
}

http::Response runs(const Call& call) {
    const Query query(call.request.head.query, {"channel", "from", "until"});
    auto filter = days_and_channel(call, query);
    if (const auto place = place_of(call, query)) {
        filter.before = {place->at(0), place->at(1), 0};
    }
    core::db::TenantTransaction transaction(call.database, call.id());
    return page(call, query, reconciliation::list_runs(transaction, filter, query.limit() + 1), write_run,
                [](const reconciliation::StoredRun& last) {
                    return Place{last.business_date, last.channel};
                });
}

// "stripe:2026-11-18"
http::Response one_run(const Call& call) {
    const auto& id = call.parameters[0];
    const auto colon = id.find(':');
    const auto day = core::parse_day(colon == std::string::npos ? "" : id.substr(colon + 1));
    if (!day) {
        throw not_found();
    }
    core::db::TenantTransaction transaction(call.database, call.id());
    const auto found = reconciliation::list_runs(transaction, {id.substr(0, colon), *day, *day, {}, {}}, 1);
    if (found.empty()) {
        throw not_found();
    }
    core::json::Writer json;
    begin_run(json, found.front());
    json.key("superseded").begin_array();
    for (const auto& run : reconciliation::list_superseded(transaction, found.front().channel, *day)) {
        json.begin_object()
            .member("run_count", run.run_count)
            .member("digest", run.digest)
            .member("finished_at", core::format_rfc3339(run.finished_at))
            .end_object();
    }
    json.end_array().end_object();
    return http::Response::json(200, json.text());
}

void write_money(core::json::Writer& json, std::string_view name, const std::optional<core::Money>& amount) {
    json.key(name);
    amount ? json.value(*amount) : json.null();
}

void write_subject(core::json::Writer& json, const reconciliation::StoredDiscrepancy::Subject& subject) {
    json.member("type", subject.type)
        .member("channel_txn_id", subject.channel_txn_id)
        .member("merchant_order_id", subject.merchant_order_id);
    write_money(json, "ledger_amount", subject.ledger_amount);
    write_money(json, "channel_amount", subject.channel_amount);
    write_money(json, "difference", subject.difference);
    json.member("status", subject.cleared_on ? "cleared" : "open");
    if (subject.cleared_on) {
        json.member("cleared_on", *subject.cleared_on);
    }
}

void write_discrepancy(core::json::Writer& json, const reconciliation::StoredDiscrepancy& row) {
    json.begin_object()
        .member("discrepancy_id", row.discrepancy_id)
        .member("kind", row.kind)
        .member("channel", row.channel)
        .member("business_date", row.business_date)
        .member("place", row.place)
        .member("age_days", row.age_days);
    if (row.subject) {
        write_subject(json, *row.subject);
    }
    if (row.told) {
        const auto told = core::json::parse(*row.told);
        core::ensure(static_cast<bool>(told), "what is told of a discrepancy is JSON");
        for (const char* name : {"evidence", "candidates"}) {
            json.key(name);
            write_value(json, *told->path(name));
        }
    }
    json.end_object();
}

http::Response discrepancies(const Call& call) {
    const Query query(call.request.head.query, {"kind", "channel", "business_date", "from", "until"});
    auto filter = days_and_channel(call, query);
    filter.kind = query.word("kind", kinds());
    if (const auto day = query.day("business_date")) {
        filter.from = filter.until = day;
    }
    if (const auto place = place_of(call, query)) {
        filter.before = {place->at(0), place->at(1), std::stoll(place->at(2))};
    }
    core::db::TenantTransaction transaction(call.database, call.id());
    return page(call, query, reconciliation::list_discrepancies(transaction, filter, query.limit() + 1),
                write_discrepancy, [](const reconciliation::StoredDiscrepancy& last) {
                    return Place{last.business_date, last.channel, std::to_string(last.place)};
                });
}

void write_case(core::json::Writer& json, const reconciliation::Case& one) {
    json.begin_object()
        .member("account", one.account)
        .member("channel", one.channel)
        .member("kind", one.kind)
        .member("reference", one.reference)
        .member("opened_on", core::format_day(one.opened_on))
        .member("amount", money_of(one.amount_minor, one.currency))
        .end_object();
}

http::Response cases(const Call& call) {
    const Query query(call.request.head.query, {"account", "channel", "kind"});
    reconciliation::CaseFilter filter{
        query.text("account"), query.text("channel"), query.word("kind", reconciliation::case_kinds()), {}};
    if (const auto place = place_of(call, query)) {
        filter.after = {place->at(0), place->at(1), place->at(2), place->at(3), place->at(4)};
    }
    core::db::TenantTransaction transaction(call.database, call.id());
    return page(call, query, reconciliation::list_cases(transaction, filter, query.limit() + 1), write_case,
                [](const reconciliation::Case& last) {
                    const auto at = reconciliation::place_of(last);
                    return Place{at.account, at.currency, at.opened_on, at.reference, at.kind};
                });
}

}  // namespace

std::span<const Route> reconciliation_routes() {
    static constexpr std::array<Route, 4> all = {{
        {"GET", "/v1/reconciliations", Right::read_books, runs},
        {"GET", "/v1/reconciliations/{id}", Right::read_books, one_run},
        {"GET", "/v1/discrepancies", Right::read_books, discrepancies},
        {"GET", "/v1/cases", Right::read_books, cases},
    }};
    return all;
}

}  // namespace server::api

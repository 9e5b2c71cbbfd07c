// /v1/closes and /v1/seals: business days that get no entry any more, and what was posted, signed.
#include <algorithm>
#include <array>
#include <mutex>

#include "server/api/body.h"
#include "server/api/page.h"
#include "server/api/problem.h"
#include "server/closing.h"

namespace server::api {
namespace {

constexpr std::size_t kReasonBytesMax = 512;

Body body_of(const Call& call, std::initializer_list<std::string_view> known) {
    return {call.request.body, known, [&](std::string_view text) { return call.redact(text); }};
}

// One at a time in this process: it reads whole books, and no more than one worker is to be busy with that.
class Turn {
public:
    Turn() : lock_(mutex(), std::try_to_lock) {
        if (!lock_.owns_lock()) {
            throw Refusal(409, "close-running", "books are being sealed or closed; send it again when that has ended");
        }
    }

private:
    static std::mutex& mutex() {
        static std::mutex one;
        return one;
    }
    std::unique_lock<std::mutex> lock_;
};

void write_close(core::json::Writer& json, const ledger::Close& close) {
    json.begin_object().member("closed_until", core::format_day(close.until)).key("after_day");
    close.after ? json.value(core::format_day(*close.after)) : json.null();
    json.member("until_entry", close.until_entry)
        .member("entries", close.entries)
        .member("accepted", close.accepted)
        .member("closed_at", core::format_rfc3339(close.closed_at))
        .member("digest", close.digest)
        .end_object();
}

void write_findings(core::json::Writer& json, const CloseAnswer& answer) {
    json.key("rests").begin_array();
    for (const auto& rest : answer.rests) {
        json.begin_object()
            .member("where", rest.where)
            .member("what", rest.what)
            .member("remedy", rest.remedy)
            .end_object();
    }
    json.end_array().key("breaches").begin_array();
    for (const auto& breach : answer.breaches) {
        json.value(breach);
    }
    json.end_array();
}

http::Response not_closed(const CloseAnswer& answer) {
    const bool is_broken = !answer.breaches.empty();
    core::json::Writer json;
    json.begin_object()
        .member("type", std::string("urn:duizhang:problem:") + (is_broken ? "books-broken" : "not-settled"))
        .member("title", http::reason_phrase(409))
        .member("status", 409)
        .member("detail", is_broken ? "the books don't hold; nothing was closed"
                                    : "something is open; settle it, or say in accept_open why it is accepted");
    write_findings(json, answer);
    return {409, {{"Content-Type", "application/problem+json"}}, json.end_object().text()};
}

CloseRequest read_close(const Call& call) {
    const auto body = body_of(call, {"until", "accept_open", "dry_run"});
    return {body.day("until"),
            body.has("accept_open") ? body.text("accept_open", kReasonBytesMax) : std::string(),
            {call.caller, call.from()},
            body.flag("dry_run")};
}

// What close_books() says of its options is said of the body's fields here.
CloseAnswer closed(const Call& call, const CloseRequest& request) {
    try {
        return close_books(call.application, call.clock, call.tenant, request);
    } catch (const core::UsageError& refused) {
        const std::string words = refused.what();
        const auto colon = words.find(": ");
        throw bad_field("until", colon == std::string::npos ? words : words.substr(colon + 2));
    }
}

http::Response close(const Call& call) {
    return once_in_parts(call, [&] {
        const auto request = read_close(call);
        const Turn turn;
        const auto answer = closed(call, request);
        const bool may_close = answer.breaches.empty() && (answer.rests.empty() || !request.accept_open.empty());
        if (!request.dry_run && !may_close) {
            return not_closed(answer);
        }
        core::json::Writer json;
        json.begin_object().member("closed", answer.close.has_value()).member("may_close", may_close);
        write_findings(json, answer);
        json.key("close");
        if (answer.close) {
            write_close(json, *answer.close);
        } else {
            json.null();
        }
        return http::Response::json(request.dry_run ? 200 : 201, json.end_object().text());
    });
}

// The latest first.
http::Response closes(const Call& call) {
    const Query query(call.request.head.query, {});
    const auto place = place_of(call, query);
    core::db::TenantTransaction transaction(call.database, call.id());
    auto rows = ledger::read_closes(transaction);
    std::reverse(rows.begin(), rows.end());
    std::erase_if(rows,
                  [&](const ledger::Close& close) { return place && core::format_day(close.until) >= place->at(0); });
    return page(call, query, std::move(rows), write_close,
                [](const ledger::Close& last) { return Place{core::format_day(last.until)}; });
}

http::Response seal(const Call& call) {
    return once_in_parts(call, [&] {
        (void)body_of(call, {});
        const Turn turn;
        const auto sealed = seal_books(call.application, call.clock, call.id(), {call.caller, call.from()});
        core::json::Writer json;
        json.begin_object().key("seals").begin_array();
        for (const auto& one : sealed.made) {
            json.begin_object()
                .member("seal", one.number)
                .member("after_entry", one.after_entry)
                .member("until_entry", one.until_entry)
                .member("entries", one.entries)
                .member("digest", one.digest)
                .end_object();
        }
        json.end_array().key("breaches").begin_array();
        for (const auto& breach : sealed.breaches) {
            json.value(breach);
        }
        return http::Response::json(201, json.end_array().end_object().text());
    });
}

}  // namespace

std::span<const Route> closing_routes() {
    static constexpr std::array<Route, 3> all = {{
        {"POST", "/v1/closes", Right::close_books, close, nullptr, false, "period.close"},
        {"GET", "/v1/closes", Right::read_books, closes},
        {"POST", "/v1/seals", Right::close_books, seal, nullptr, false, "seal.make"},
    }};
    return all;
}

}  // namespace server::api

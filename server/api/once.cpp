// A POST carried out once for each Idempotency-Key.
#include <algorithm>

#include "core/crypto/digest.h"
#include "server/api/answers.h"
#include "server/api/problem.h"
#include "server/api/route.h"

namespace server::api {
namespace {

constexpr std::size_t kKeyBytesMax = 255;

}  // namespace

std::string digest_of(const http::Request& request) {
    return core::crypto::sha256_hex(request.head.method + "\n" + request.head.path + "\n" + request.body);
}

http::Response again(const GivenAnswer& given, const std::string& request_sha256) {
    if (given.request_sha256 != request_sha256) {
        throw Refusal(409, "idempotency-key-reused",
                      "another request was answered under this key; send this one under a key of its own",
                      "Idempotency-Key");
    }
    auto response = http::Response::json(given.status, given.body);
    if (!given.location.empty()) {
        response.headers.emplace_back("Location", given.location);
    }
    return response;
}

GivenAnswer given(const http::Response& response, std::string request_sha256) {
    GivenAnswer answer{std::move(request_sha256), response.status, {}, response.body};
    for (const auto& [name, value] : response.headers) {
        if (name == "Location") {
            answer.location = value;
        }
    }
    return answer;
}

std::optional<std::string> idempotency_key(const Call& call) {
    constexpr std::string_view kName = "Idempotency-Key";
    const auto& headers = call.request.head.headers;
    const auto has_name = [&](const auto& header) {
        return std::equal(header.first.begin(), header.first.end(), kName.begin(), kName.end(),
                          [](char a, char b) { return (a | ' ') == (b | ' '); });
    };
    if (std::none_of(headers.begin(), headers.end(), has_name)) {
        return std::nullopt;
    }
    const auto key = call.request.head.header(kName);
    const bool is_visible = key && std::all_of(key->begin(), key->end(), [](char c) { return c > ' ' && c < '\x7F'; });
    if (!is_visible || key->empty() || key->size() > kKeyBytesMax) {
        throw bad_field(std::string(kName),
                        "must stand once, with 1 to " + std::to_string(kKeyBytesMax) + " visible ASCII characters");
    }
    return call.redact(*key);
}

namespace {

// Nobody else acts under the key until the transaction ends.
std::optional<http::Response> answered_before(const Call& call, core::db::TenantTransaction& transaction,
                                              const AnswerKey& key) {
    core::db::Trip trip(transaction);
    const AnswersQuestion question(trip, {key});
    trip.run();
    const auto before = question.given(trip);
    return before.empty() ? std::nullopt : std::optional(again(before.at(key), digest_of(call.request)));
}

void remember(const Call& call, core::db::TenantTransaction& transaction, const AnswerKey& key,
              const http::Response& response) {
    core::db::Trip trip(transaction);
    remember_answers(trip, {{key, given(response, digest_of(call.request)), call.now}});
    trip.run();
}

}  // namespace

// Of the route's act, where it has one: what is answered tells what stands afterwards.
void record_act(const Call& call, core::db::TenantTransaction& transaction, const http::Response& response) {
    constexpr std::size_t kToldMax = 16'384;
    if (!call.act.empty()) {
        call.record(transaction,
                    {std::string(call.act), call.request.head.method + " " + call.request.head.path, "null",
                     response.body.empty() || response.body.size() > kToldMax ? "null" : response.body, "done"});
    }
}

http::Response once(const Call& call, const std::function<http::Response(core::db::TenantTransaction&)>& act) {
    const auto name = idempotency_key(call);
    core::db::TenantTransaction transaction(call.database, call.id());
    if (!name) {
        auto response = act(transaction);
        record_act(call, transaction, response);
        transaction.commit();
        return response;
    }
    const AnswerKey key{call.id(), *name};
    if (auto before = answered_before(call, transaction, key)) {
        return *std::move(before);
    }
    auto response = act(transaction);
    record_act(call, transaction, response);
    remember(call, transaction, key, response);
    transaction.commit();
    return response;
}

http::Response once_in_parts(const Call& call, const std::function<http::Response()>& act) {
    const auto name = idempotency_key(call);
    if (!name) {
        return act();
    }
    const AnswerKey key{call.id(), *name};
    {
        core::db::TenantTransaction transaction(call.database, call.id());
        if (auto before = answered_before(call, transaction, key)) {
            return *std::move(before);
        }
    }
    auto response = act();
    if (response.status >= 400) {
        return response;
    }
    core::db::TenantTransaction transaction(call.database, call.id());
    if (auto before = answered_before(call, transaction, key)) {
        return *std::move(before);
    }
    remember(call, transaction, key, response);
    transaction.commit();
    return response;
}

}  // namespace server::api

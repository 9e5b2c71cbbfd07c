// A POST carried out once for each Idempotency-Key.
#include <algorithm>

#include "core/crypto/digest.h"
#include "server/api/answers.h"
#include "server/api/problem.h"
#include "server/api/route.h"

namespace server::api {
namespace {

constexpr std::size_t kKeyBytesMax = 255;

std::string digest_of(const http::Request& request) {
    return core::crypto::sha256_hex(request.head.method + "\n" + request.head.path + "\n" + request.body);
}

http::Response answer_of(const GivenAnswer& given) {
    auto response = http::Response::json(given.status, given.body);
    if (!given.location.empty()) {
        response.headers.emplace_back("Location", given.location);
    }
    return response;
}

GivenAnswer given(const http::Request& request, const http::Response& response) {
    GivenAnswer answer{digest_of(request), response.status, {}, response.body};
    for (const auto& [name, value] : response.headers) {
        if (name == "Location") {
            answer.location = value;
        }
    }
    return answer;
}

}  // namespace

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

http::Response once(const Call& call, const std::function<http::Response(core::db::TenantTransaction&)>& act) {
    const auto key = idempotency_key(call);
    core::db::TenantTransaction transaction(call.database, call.id());
    if (key) {
        if (const auto before = lock_and_find_answer(transaction, *key)) {
            if (before->request_sha256 != digest_of(call.request)) {
                throw Refusal(409, "idempotency-key-reused",
                              "another request was answered under this key; send this one under a key of its own",
                              "Idempotency-Key");
            }
            return answer_of(*before);
        }
    }
    auto response = act(transaction);
    if (key) {
        remember_answer(transaction, *key, given(call.request, response), call.now);
    }
    transaction.commit();
    return response;
}

}  // namespace server::api

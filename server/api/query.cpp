#include "server/api/query.h"

#include <algorithm>

#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/money.h"
#include "core/text/encoding.h"
#include "server/api/problem.h"

namespace server::api {
namespace {

constexpr std::int64_t kLimit = 100;
constexpr std::int64_t kLimitMax = 1000;
constexpr std::size_t kValueBytesMax = 1024;
constexpr std::size_t kCodeDigits = 32;

std::string bytes_of(const core::crypto::Sha256& digest) {
    std::string bytes;
    for (const auto byte : digest) {
        bytes.push_back(static_cast<char>(byte));
    }
    return bytes;
}

std::string list_of(std::initializer_list<std::string_view> names) {
    std::string text;
    for (const auto name : names) {
        text += std::string(name) + ", ";
    }
    return text;
}

}  // namespace

Query::Query(std::string_view raw, std::initializer_list<std::string_view> known) {
    const auto pairs = core::text::parse_form(raw);
    if (!pairs) {
        throw Refusal(400, "bad-field", "the query can't be read: a parameter stands twice, or has no '=' or value");
    }
    for (const auto& [name, value] : *pairs) {
        const bool is_known =
            name == "cursor" || name == "limit" || std::find(known.begin(), known.end(), name) != known.end();
        if (!is_known) {
            throw bad_field("query", "unknown parameter; known are " + list_of(known) + "limit and cursor");
        }
        if (value.empty() || value.size() > kValueBytesMax) {
            throw bad_field(name, "must have 1 to " + std::to_string(kValueBytesMax) + " bytes");
        }
        values_.emplace(name, value);
    }
}

std::optional<std::string> Query::text(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<core::BusinessDay> Query::day(std::string_view name) const {
    const auto text = this->text(name);
    if (!text) {
        return std::nullopt;
    }
    const auto day = core::parse_day(*text);
    if (!day) {
        throw bad_field(std::string(name), "must be a day that exists, YYYY-MM-DD");
    }
    return day;
}

std::optional<std::string> Query::word(std::string_view name, const std::vector<std::string>& known) const {
    auto text = this->text(name);
    if (text && std::find(known.begin(), known.end(), *text) == known.end()) {
        std::string words;
        for (const auto& word : known) {
            words += (words.empty() ? "" : ", ") + word;
        }
        throw bad_field(std::string(name), "must be one of " + words);
    }
    return text;
}

std::string Query::filters() const {
    std::string text;
    for (const auto& [name, value] : values_) {
        if (name != "cursor" && name != "limit") {
            text += name + "=" + core::text::form_encode(value) + "&";
        }
    }
    return text;
}

std::int64_t Query::limit() const {
    const auto text = this->text("limit");
    if (!text) {
        return kLimit;
    }
    const auto number = core::minor_from_integer(*text);
    if (!number || *number < 1 || *number > kLimitMax) {
        throw bad_field("limit", "must be a number from 1 to " + std::to_string(kLimitMax));
    }
    return *number;
}

Cursors::Cursors(const core::KeyBytes& master_key)
    : key_(bytes_of(core::crypto::hmac_sha256(master_key.reveal(), "duizhang API cursors 1"))) {}

std::string Cursors::code(const core::TenantId& tenant, std::string_view path, const Query& query,
                          const std::string& place) const {
    const std::string all =
        tenant.text() + "\n" + core::text::form_encode(path) + "\n" + query.filters() + "\n" + place;
    return core::crypto::hex_encode(bytes_of(core::crypto::hmac_sha256(key_.reveal(), all))).substr(0, kCodeDigits);
}

std::string Cursors::seal(const core::TenantId& tenant, std::string_view path, const Query& query,
                          const Place& place) const {
    std::string text;
    for (const auto& part : place) {
        text += core::text::form_encode(part) + "\n";
    }
    return core::crypto::hex_encode(text) + code(tenant, path, query, text);
}

std::optional<Place> Cursors::open(const core::TenantId& tenant, std::string_view path, const Query& query) const {
    const auto cursor = query.cursor();
    if (!cursor) {
        return std::nullopt;
    }
    const auto refuse = [] {
        return bad_field("cursor", "is none of this list with these filters; begin without one");
    };
    if (cursor->size() < kCodeDigits) {
        throw refuse();
    }
    const auto text = core::crypto::hex_decode(cursor->substr(0, cursor->size() - kCodeDigits));
    if (!text || !core::crypto::equal_in_constant_time(cursor->substr(cursor->size() - kCodeDigits),
                                                       code(tenant, path, query, *text))) {
        throw refuse();
    }
    Place place;
    for (std::size_t at = 0; at < text->size();) {
        const auto end = text->find('\n', at);
        const auto pair = core::text::parse_form("v=" + text->substr(at, end - at));
        place.push_back(pair->front().second);
        at = end + 1;
    }
    return place;
}

}  // namespace server::api

#include "server/login.h"

#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/crypto/random.h"
#include "core/money.h"

namespace server {
namespace {

using namespace std::chrono_literals;

constexpr auto kTokenLife = 1h;
constexpr auto kSessionLife = 12h;
constexpr auto kSessionIdle = 15min;
constexpr std::size_t kSessionsMax = 1000;

std::string mac_of(const core::KeyBytes& master_key, std::string_view text) {
    const auto mac = core::crypto::hmac_sha256(master_key.reveal(), "duizhang one-time login 1\n" + std::string(text));
    std::string bytes;
    for (const auto byte : mac) {
        bytes.push_back(static_cast<char>(byte));
    }
    return core::crypto::hex_encode(bytes);
}

std::int64_t seconds(core::Instant instant) {
    return std::chrono::duration_cast<std::chrono::seconds>(instant.time_since_epoch()).count();
}

}  // namespace

std::string make_login_token(const core::KeyBytes& master_key, core::Instant now) {
    const std::string head = std::to_string(seconds(now + kTokenLife)) + "." + core::crypto::random_token(24);
    return head + "." + mac_of(master_key, head);
}

std::string Sessions::log_in(std::string_view token, core::Instant now) {
    const auto first = token.find('.');
    const auto second = token.rfind('.');
    if (token.size() > 256 || first == std::string_view::npos || second <= first) {
        return {};
    }
    const auto head = token.substr(0, second);
    if (!core::crypto::equal_in_constant_time(mac_of(master_key_, head), token.substr(second + 1))) {
        return {};
    }
    const auto expiry = core::minor_from_integer(token.substr(0, first));
    if (!expiry || *expiry <= seconds(now)) {
        return {};
    }
    const std::lock_guard lock(mutex_);
    std::erase_if(used_, [&](const auto& item) { return item.second <= now; });
    std::erase_if(sessions_, [&](const auto& item) {
        return now - item.second.began > kSessionLife || now - item.second.seen > kSessionIdle;
    });
    const std::string nonce(token.substr(first + 1, second - first - 1));
    if (sessions_.size() >= kSessionsMax || !used_.emplace(nonce, now + kTokenLife).second) {
        return {};
    }
    std::string session = core::crypto::random_token(40);
    sessions_.emplace(core::crypto::sha256_hex(session), Session{now, now});
    return session;
}

bool Sessions::is_valid(std::string_view session, core::Instant now) {
    if (session.empty() || session.size() > 128) {
        return false;
    }
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(core::crypto::sha256_hex(session));
    if (found == sessions_.end() || now - found->second.began > kSessionLife ||
        now - found->second.seen > kSessionIdle) {
        return false;
    }
    found->second.seen = now;
    return true;
}

}  // namespace server

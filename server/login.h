// One-time logins and sessions for the pages, until there are users.
//
// A login token is EXPIRY.NONCE.MAC under a key derived from the master key, so any command on this machine can make
// one for the running service; each works once. A session lives in the service's memory and ends after 12 hours, or
// 15 minutes without a request.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "core/secret.h"
#include "core/time.h"

namespace server {

// Valid for an hour.
std::string make_login_token(const core::KeyBytes& master_key, core::Instant now);

class Sessions {
public:
    explicit Sessions(core::KeyBytes master_key) : master_key_(std::move(master_key)) {}

    // The new session's id for the cookie; empty when the token is wrong, stale or used.
    std::string log_in(std::string_view token, core::Instant now);
    bool is_valid(std::string_view session, core::Instant now);

private:
    struct Session {
        core::Instant began;
        core::Instant seen;
    };

    core::KeyBytes master_key_;
    std::mutex mutex_;
    std::map<std::string, core::Instant> used_;  // nonce -> expiry
    std::map<std::string, Session> sessions_;    // SHA-256 of the id
};

}  // namespace server

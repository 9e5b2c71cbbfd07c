// The master key in two shares, each as long as the key, which two people enter: neither has the key, nor has any file.
//
// A process of its own, ShareHolder, keeps the shares in locked memory and gives the key to programs of its own user.
// Who enters a share is who the kernel says is at the other end of its socket, so that nobody enters both.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "core/secret.h"

namespace core::keys {

// The texts of a new key's two shares: "NUMBER-64 HEX DIGITS-CHECK VALUE", the check value being the whole key's.
std::pair<KeyBytes, KeyBytes> split_into_shares(const KeyBytes& key);

class ShareHolder {
public:
    // Of what happened: "share_entered", "share_refused", "master_key_unlocked", "master_key_given"; who (a user's
    // number); and why, in words that quote nothing.
    using Log = std::function<void(std::string_view event, unsigned user, const std::string& why)>;

    // Listens at `socket`, which it makes; a first share is forgotten when the second hasn't come within `window`.
    // Throws UsageError when it can't.
    ShareHolder(std::filesystem::path socket, std::chrono::seconds window, Log log);
    ~ShareHolder();
    ShareHolder(const ShareHolder&) = delete;
    ShareHolder& operator=(const ShareHolder&) = delete;

    // Serves one caller, or none within that time.
    void serve_one(std::chrono::milliseconds patience);

private:
    struct Caller;
    std::string answer(const Caller& caller, std::string_view message);
    std::string take_share(const Caller& caller, std::string_view text);
    std::string give_key(const Caller& caller);

    std::filesystem::path path_;
    std::chrono::seconds window_;
    Log log_;
    int socket_ = -1;
    KeyBytes first_;  // the first share's text, until the second comes
    unsigned first_user_ = 0;
    std::chrono::steady_clock::time_point first_at_;
    KeyBytes key_;  // 64 hex digits, once both have come
};

// Hands a share to the holder at `socket`. What it says: "1 of 2", or that the key is unlocked. Throws UsageError with
// its reason when it refuses.
std::string enter_share(const std::filesystem::path& socket, const KeyBytes& share);
// The key, 64 hex digits, from the holder at `socket`. Throws UsageError while it is locked.
KeyBytes key_from_shares(const std::string& socket);

}  // namespace core::keys

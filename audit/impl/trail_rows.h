// Bytes and times as the trail's rows have them.
#pragma once

#include <cstring>
#include <string>
#include <utility>

#include "audit/merkle_tree.h"
#include "core/crypto/encoding.h"
#include "core/failure.h"
#include "core/time.h"

namespace audit::rows {

inline core::Instant instant(std::int64_t milliseconds) {
    return core::Instant(std::chrono::milliseconds(milliseconds));
}

inline std::string bytes_of_hex(const std::string& hex) {
    auto bytes = core::crypto::hex_decode(hex);
    core::ensure(bytes.has_value(), "the database writes bytes in hex");
    return *std::move(bytes);
}

inline TreeHash hash_of_hex(const std::string& hex) {
    const auto bytes = bytes_of_hex(hex);
    TreeHash hash{};
    core::ensure(bytes.size() == hash.size(), "a hash has 32 bytes");
    std::memcpy(hash.data(), bytes.data(), hash.size());
    return hash;
}

inline std::string hex(const TreeHash& hash) {
    return core::crypto::hex_encode({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

}  // namespace audit::rows

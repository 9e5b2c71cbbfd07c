// Envelopes (libsodium): a key wrapped by another, and a stream of chunks under a key of its own.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/secret.h"

namespace core::crypto {

inline constexpr std::size_t kEnvelopeKeyBytes = 32;

// 32 random bytes that were never anywhere but in locked memory.
KeyBytes random_key();

// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) with a random nonce: nonce (24), ciphertext, tag (16). Keys have 32
// bytes (core::ensure). unwrap_key() gives nothing when the tag doesn't hold or the length is wrong.
std::string wrap_key(const KeyBytes& wrapping, std::string_view associated_data, const KeyBytes& key);
std::optional<KeyBytes> unwrap_key(const KeyBytes& wrapping, std::string_view associated_data,
                                   std::string_view wrapped);

// What may be shown of a key, to tell it from others: 16 hex digits of an HMAC under it.
std::string key_check_value(const KeyBytes& key);

// XOR of two keys of equal length (core::ensure): how two full-length shares make one key.
KeyBytes combined(const KeyBytes& one, const KeyBytes& other);

// A stream of chunks (libsodium's secretstream): none can be changed, left out, moved or added, nor the end cut off.
// The key is to be of this stream alone. One thread at a time.
class ChunkSealer {
public:
    explicit ChunkSealer(const KeyBytes& key);

    const std::string& header() const { return header_; }
    // 17 bytes longer than the chunk. After the last one nothing may follow.
    std::string seal(std::string_view chunk, std::string_view associated_data, bool last);

private:
    KeyBytes state_;
    std::string header_;
};

class ChunkOpener {
public:
    // A header of a wrong length opens nothing.
    ChunkOpener(const KeyBytes& key, std::string_view header);

    struct Chunk {
        std::string bytes;
        bool last;
    };
    // Nothing when it isn't the next chunk of that stream as it was sealed, or stands behind the last.
    std::optional<Chunk> open(std::string_view sealed, std::string_view associated_data);

private:
    KeyBytes state_;
    bool is_open_ = false;
};

}  // namespace core::crypto

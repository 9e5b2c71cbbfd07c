#include "core/crypto/envelope.h"

#include <sodium.h>

#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/crypto/random.h"
#include "core/failure.h"

namespace core::crypto {
namespace {

using StreamState = crypto_secretstream_xchacha20poly1305_state;

constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == kEnvelopeKeyBytes);
static_assert(crypto_secretstream_xchacha20poly1305_KEYBYTES == kEnvelopeKeyBytes);

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// What a Secret holds may be written to by who made it, here alone.
unsigned char* room_of(const KeyBytes& secret) {
    return const_cast<unsigned char*>(bytes_of(secret.reveal()));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

KeyBytes room_for(std::size_t bytes) { return KeyBytes(std::string(bytes, '\0')); }

void require_key(const KeyBytes& key) {
    ensure(key.reveal().size() == kEnvelopeKeyBytes, "a key of an envelope has 32 bytes");
}

StreamState* state_of(const KeyBytes& room) { return reinterpret_cast<StreamState*>(room_of(room)); }

}  // namespace

KeyBytes random_key() {
    (void)random_bytes(1);  // starts the library, or throws
    auto key = room_for(kEnvelopeKeyBytes);
    randombytes_buf(room_of(key), kEnvelopeKeyBytes);
    return key;
}

std::string wrap_key(const KeyBytes& wrapping, std::string_view associated_data, const KeyBytes& key) {
    require_key(wrapping);
    const std::string nonce = random_bytes(kNonce);
    std::string wrapped = nonce + std::string(key.reveal().size() + kTag, '\0');
    crypto_aead_xchacha20poly1305_ietf_encrypt(bytes_of(wrapped) + kNonce, nullptr, bytes_of(key.reveal()),
                                               key.reveal().size(), bytes_of(associated_data), associated_data.size(),
                                               nullptr, bytes_of(std::string_view(nonce)), bytes_of(wrapping.reveal()));
    return wrapped;
}

std::optional<KeyBytes> unwrap_key(const KeyBytes& wrapping, std::string_view associated_data,
                                   std::string_view wrapped) {
    require_key(wrapping);
    if (wrapped.size() <= kNonce + kTag) {
        return std::nullopt;
    }
    const auto sealed = wrapped.substr(kNonce);
    auto key = room_for(sealed.size() - kTag);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(room_of(key), nullptr, nullptr, bytes_of(sealed), sealed.size(),
                                                   bytes_of(associated_data), associated_data.size(), bytes_of(wrapped),
                                                   bytes_of(wrapping.reveal())) != 0) {
        return std::nullopt;
    }
    return key;
}

std::string key_check_value(const KeyBytes& key) {
    constexpr std::size_t kShown = 8;
    const auto mac = hmac_sha256(key.reveal(), "duizhang key check value 1");
    return hex_encode({reinterpret_cast<const char*>(mac.data()), kShown});
}

KeyBytes combined(const KeyBytes& one, const KeyBytes& other) {
    const auto a = one.reveal();
    const auto b = other.reveal();
    ensure(a.size() == b.size() && !a.empty(), "shares are as long as the key");
    auto key = room_for(a.size());
    for (std::size_t at = 0; at < a.size(); ++at) {
        room_of(key)[at] = static_cast<unsigned char>(bytes_of(a)[at] ^ bytes_of(b)[at]);
    }
    return key;
}

ChunkSealer::ChunkSealer(const KeyBytes& key)
    : state_(room_for(sizeof(StreamState))), header_(crypto_secretstream_xchacha20poly1305_HEADERBYTES, '\0') {
    require_key(key);
    (void)random_bytes(1);  // starts the library, or throws
    crypto_secretstream_xchacha20poly1305_init_push(state_of(state_), bytes_of(header_), bytes_of(key.reveal()));
}

std::string ChunkSealer::seal(std::string_view chunk, std::string_view associated_data, bool last) {
    ensure(!state_.empty(), "nothing follows a stream's last chunk");
    std::string sealed(chunk.size() + crypto_secretstream_xchacha20poly1305_ABYTES, '\0');
    const auto tag = static_cast<unsigned char>(last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                                                     : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
    crypto_secretstream_xchacha20poly1305_push(state_of(state_), bytes_of(sealed), nullptr, bytes_of(chunk),
                                               chunk.size(), bytes_of(associated_data), associated_data.size(), tag);
    if (last) {
        state_ = KeyBytes();
    }
    return sealed;
}

ChunkOpener::ChunkOpener(const KeyBytes& key, std::string_view header) : state_(room_for(sizeof(StreamState))) {
    require_key(key);
    is_open_ = header.size() == crypto_secretstream_xchacha20poly1305_HEADERBYTES &&
               crypto_secretstream_xchacha20poly1305_init_pull(state_of(state_), bytes_of(header),
                                                               bytes_of(key.reveal())) == 0;
}

std::optional<ChunkOpener::Chunk> ChunkOpener::open(std::string_view sealed, std::string_view associated_data) {
    if (!is_open_ || sealed.size() < crypto_secretstream_xchacha20poly1305_ABYTES) {
        return std::nullopt;
    }
    Chunk chunk{std::string(sealed.size() - crypto_secretstream_xchacha20poly1305_ABYTES, '\0'), false};
    unsigned char tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(state_of(state_), bytes_of(chunk.bytes), nullptr, &tag,
                                                   bytes_of(sealed), sealed.size(), bytes_of(associated_data),
                                                   associated_data.size()) != 0) {
        is_open_ = false;
        return std::nullopt;
    }
    chunk.last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    is_open_ = !chunk.last;
    return chunk;
}

}  // namespace core::crypto

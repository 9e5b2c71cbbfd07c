#include "core/crypto/aead.h"

#include <limits>

#include "core/crypto/digest.h"
#include "core/crypto/impl/ghash.h"
#include "core/crypto/impl/openssl.h"
#include "core/failure.h"
#include "core/secret.h"

namespace core::crypto {

namespace {

constexpr std::size_t kAesKeyBytes = 32;
constexpr std::size_t kSm4KeyBytes = 16;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
// OpenSSL counts in int. Far below what GCM allows under one nonce (64 GiB), so the 32-bit counter never wraps.
constexpr std::size_t kTextBytesMax = std::numeric_limits<int>::max() - std::size_t{64};

int length_of(std::string_view text) { return static_cast<int>(text.size()); }

bool lengths_fit(std::string_view key, std::size_t key_bytes, std::string_view nonce, std::string_view associated_data,
                 std::string_view text) {
    return key.size() == key_bytes && nonce.size() == kNonceBytes && associated_data.size() <= kTextBytesMax &&
           text.size() <= kTextBytesMax;
}

CipherContext make_context() {
    CipherContext context(EVP_CIPHER_CTX_new());
    require(context != nullptr, "make a cipher context");
    return context;
}

// Opened text that its tag disowned is nobody's business.
void discard(std::string& plain) { wipe(plain.data(), plain.size()); }

// One run of SM4 in counter mode from the first counter block J0 (NIST SP 800-38D, 7.1): the first block of key
// stream masks the tag, the rest the text. The all-zero counter block gives the hash key.
struct Sm4Run {
    std::string tag_mask;
    std::string text;
};

Sm4Run run_sm4(std::string_view key, std::string_view counter_block, std::string_view text) {
    const CipherContext context = make_context();
    require(
        EVP_EncryptInit_ex2(context.get(), sm4_ctr_algorithm(), bytes_of(key), bytes_of(counter_block), nullptr) == 1,
        "begin SM4");
    Sm4Run run{std::string(kTagBytes, '\0'), std::string(text.size(), '\0')};
    const std::string zeros(kTagBytes, '\0');
    int length = 0;
    require(EVP_EncryptUpdate(context.get(), bytes_of(run.tag_mask), &length, bytes_of(zeros), length_of(zeros)) == 1 &&
                length == length_of(zeros),
            "run SM4");
    if (!text.empty()) {
        require(EVP_EncryptUpdate(context.get(), bytes_of(run.text), &length, bytes_of(text), length_of(text)) == 1 &&
                    length == length_of(text),
                "run SM4");
    }
    return run;
}

std::string first_counter_block(std::string_view nonce) { return std::string(nonce) + std::string("\0\0\0\1", 4); }

std::string sm4_tag(std::string_view key, std::string_view tag_mask, std::string_view associated_data,
                    std::string_view cipher_text) {
    std::string hash_key = run_sm4(key, std::string(kTagBytes, '\0'), {}).tag_mask;
    std::string tag = ghash(hash_key, associated_data, cipher_text);
    wipe(hash_key.data(), hash_key.size());
    for (std::size_t i = 0; i < tag.size(); ++i) {
        tag[i] = static_cast<char>(tag[i] ^ tag_mask[i]);
    }
    return tag;
}

}  // namespace

std::optional<std::string> aes_256_gcm_open(std::string_view key, std::string_view nonce,
                                            std::string_view associated_data, std::string_view sealed) {
    if (!lengths_fit(key, kAesKeyBytes, nonce, associated_data, sealed) || sealed.size() < kTagBytes) {
        return std::nullopt;
    }
    const QuietErrors quiet;
    const std::string_view cipher_text = sealed.substr(0, sealed.size() - kTagBytes);
    std::string tag(sealed.substr(cipher_text.size()));
    std::string plain(cipher_text.size(), '\0');
    const CipherContext context = make_context();
    int length = 0;
    const bool ready =
        EVP_DecryptInit_ex2(context.get(), aes_256_gcm_algorithm(), bytes_of(key), bytes_of(nonce), nullptr) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTagBytes), tag.data()) == 1 &&
        (associated_data.empty() || EVP_DecryptUpdate(context.get(), nullptr, &length, bytes_of(associated_data),
                                                      length_of(associated_data)) == 1) &&
        (plain.empty() || EVP_DecryptUpdate(context.get(), bytes_of(plain), &length, bytes_of(cipher_text),
                                            length_of(cipher_text)) == 1);
    require(ready, "open a sealed text");
    std::string rest(kTagBytes, '\0');
    if (EVP_DecryptFinal_ex(context.get(), bytes_of(rest), &length) != 1) {
        discard(plain);
        return std::nullopt;
    }
    return plain;
}

std::string aes_256_gcm_seal(std::string_view key, std::string_view nonce, std::string_view associated_data,
                             std::string_view plain) {
    ensure(lengths_fit(key, kAesKeyBytes, nonce, associated_data, plain),
           "AES-256-GCM seals with a key and nonce of its lengths");
    std::string sealed(plain.size() + kTagBytes, '\0');
    const CipherContext context = make_context();
    int length = 0;
    bool done =
        EVP_EncryptInit_ex2(context.get(), aes_256_gcm_algorithm(), bytes_of(key), bytes_of(nonce), nullptr) == 1 &&
        (associated_data.empty() || EVP_EncryptUpdate(context.get(), nullptr, &length, bytes_of(associated_data),
                                                      length_of(associated_data)) == 1) &&
        (plain.empty() ||
         EVP_EncryptUpdate(context.get(), bytes_of(sealed), &length, bytes_of(plain), length_of(plain)) == 1);
    unsigned char* const end_of_text = bytes_of(sealed) + plain.size();
    done = done && EVP_EncryptFinal_ex(context.get(), end_of_text, &length) == 1 && length == 0 &&
           EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTagBytes), end_of_text) == 1;
    require(done, "seal a text");
    return sealed;
}

std::optional<std::string> sm4_gcm_open(std::string_view key, std::string_view nonce, std::string_view associated_data,
                                        std::string_view sealed) {
    if (!lengths_fit(key, kSm4KeyBytes, nonce, associated_data, sealed) || sealed.size() < kTagBytes) {
        return std::nullopt;
    }
    const std::string_view cipher_text = sealed.substr(0, sealed.size() - kTagBytes);
    Sm4Run run = run_sm4(key, first_counter_block(nonce), cipher_text);
    const std::string tag = sm4_tag(key, run.tag_mask, associated_data, cipher_text);
    if (!equal_in_constant_time(tag, sealed.substr(cipher_text.size()))) {
        discard(run.text);
        return std::nullopt;
    }
    return std::move(run.text);
}

std::string sm4_gcm_seal(std::string_view key, std::string_view nonce, std::string_view associated_data,
                         std::string_view plain) {
    ensure(lengths_fit(key, kSm4KeyBytes, nonce, associated_data, plain),
           "SM4-GCM seals with a key and nonce of its lengths");
    Sm4Run run = run_sm4(key, first_counter_block(nonce), plain);
    return run.text + sm4_tag(key, run.tag_mask, associated_data, run.text);
}

}  // namespace core::crypto

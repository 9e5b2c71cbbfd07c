// Authenticated encryption: AES-256-GCM and SM4-GCM (OpenSSL 3.0 has no SM4-GCM: CTR and our own GHASH).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace core::crypto {

// `sealed` is ciphertext with the 16-byte tag at its end. Key 32 bytes, nonce 12 bytes.
// open() gives nothing when a length is wrong or the tag doesn't hold; seal() breaks a rule (core::ensure) when a
// length is wrong. A nonce must never be used twice under one key; who seals sees to that.
std::optional<std::string> aes_256_gcm_open(std::string_view key, std::string_view nonce,
                                            std::string_view associated_data, std::string_view sealed);
std::string aes_256_gcm_seal(std::string_view key, std::string_view nonce, std::string_view associated_data,
                             std::string_view plain);

// The same with SM4: key 16 bytes (WeChat Pay: the first 16 of SM3 over the API v3 key; specs: wechatpay,
// AEAD_SM4_GCM).
std::optional<std::string> sm4_gcm_open(std::string_view key, std::string_view nonce, std::string_view associated_data,
                                        std::string_view sealed);
std::string sm4_gcm_seal(std::string_view key, std::string_view nonce, std::string_view associated_data,
                         std::string_view plain);

}  // namespace core::crypto

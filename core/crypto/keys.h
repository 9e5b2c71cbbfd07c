// Asymmetric keys: RSA (PKCS#1 v1.5 with SHA-256 or SHA-1) and SM2 (with SM3).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/secret.h"

namespace core::crypto {

// A verification key. Cheap to copy, safe to share between threads.
class PublicKey {
public:
    // PEM SubjectPublicKeyInfo ("PUBLIC KEY"), white space around it allowed; nothing when it isn't exactly one, or is
    // RSA below 2048 or above 8192 bits, or neither RSA nor SM2.
    static std::optional<PublicKey> from_pem(std::string_view pem);

    bool verifies_rsa_sha256(std::string_view message, std::string_view signature) const;
    bool verifies_rsa_sha1(std::string_view message, std::string_view signature) const;  // UnionPay 5.0.0 only
    // DER signature; `signer_id` as GM/T 0009 has it ("1234567812345678").
    bool verifies_sm2_sm3(std::string_view message, std::string_view signature, std::string_view signer_id) const;

    bool is_rsa() const;
    bool is_sm2() const;
    std::string to_pem() const;

    struct Impl;
    explicit PublicKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    const Impl& impl() const { return *impl_; }

private:
    std::shared_ptr<const Impl> impl_;
};

// A signing key. The product's own (audit checkpoints, requests to channels) and the simulators'.
class PrivateKey {
public:
    static PrivateKey generate_rsa(int bits = 2048);  // 2048 to 8192
    static PrivateKey generate_sm2();
    // Unencrypted PKCS#8 ("PRIVATE KEY") or "RSA PRIVATE KEY"; the same keys are refused as in PublicKey::from_pem.
    static std::optional<PrivateKey> from_pem(std::string_view pem);

    // Each for the kind of key it names; anything else breaks a rule (core::ensure).
    std::string sign_rsa_sha256(std::string_view message) const;
    std::string sign_rsa_sha1(std::string_view message) const;  // simulators of UnionPay 5.0.0
    std::string sign_sm2_sm3(std::string_view message, std::string_view signer_id) const;  // DER
    PublicKey public_key() const;
    KeyBytes to_pem() const;  // PKCS#8

    struct Impl;
    explicit PrivateKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    const Impl& impl() const { return *impl_; }

private:
    std::shared_ptr<const Impl> impl_;
};

}  // namespace core::crypto

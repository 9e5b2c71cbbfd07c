// X.509 certificates: reading, chains against configured authorities, and issuing (simulators make their own).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/keys.h"
#include "core/result.h"
#include "core/time.h"

namespace core::crypto {

class Certificate {
public:
    // One PEM certificate; nothing for anything else (two of them, a key, trailing text other than white space), for
    // more than 64 KiB, and for a certificate whose public key PublicKey::from_pem would refuse.
    static std::optional<Certificate> from_pem(std::string_view pem);

    std::string serial_hex() const;      // upper case, whole bytes, no leading zero bytes ("4095BD02...")
    std::string serial_decimal() const;  // as UnionPay's certId has it
    // The subject's common name as UTF-8; nothing when there is none or more than one.
    std::optional<std::string> subject_common_name() const;
    Instant not_before() const;
    Instant not_after() const;
    PublicKey public_key() const;
    std::string to_pem() const;

    struct Impl;
    explicit Certificate(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    const Impl& impl() const { return *impl_; }

private:
    std::shared_ptr<const Impl> impl_;
};

enum class ChainError { not_yet_valid, expired, unknown_issuer, bad_chain };

// Is `leaf` issued through `intermediates` under one of `roots`, every certificate valid at `at`? Validity is counted
// in whole seconds and ends with not_after, which is outside. A root is self-signed; a leaf that is one itself is
// refused. Nothing is taken from the system's store or from the message. SHA-1 signatures on the configured authorities
// are accepted (CFCA's are; specs: UnionPay section 2.6), MD5 isn't, no purpose is demanded of the leaf. Authorities
// that share a name (an old key and its successor) may be configured together.
Result<Done, ChainError> verify_chain(const Certificate& leaf, const std::vector<Certificate>& intermediates,
                                      const std::vector<Certificate>& roots, Instant at);

struct CertificateRequest {
    std::string common_name;
    std::string organization;
    Instant not_before;
    Instant not_after;
    bool authority = false;
};

// Self-signed when `issuer` is nothing. RSA-SHA256, random serial.
struct Issuer {
    const Certificate& certificate;
    const PrivateKey& key;
};
Certificate issue_certificate(const CertificateRequest& request, const PrivateKey& subject_key, const Issuer* issuer);

}  // namespace core::crypto

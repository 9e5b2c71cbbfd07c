// Certificates and public keys: those that travel in messages, and those that an operator is sent.
#include "tests/fuzz/certificates.h"

#include <string>

#include "core/crypto/certificate.h"
#include "core/crypto/encoding.h"
#include "payments/channels/unionpay/signer_trust.h"
#include "payments/channels/wechatpay/options.h"
#include "tests/fuzz/fuzz_channel.h"

namespace {

using core::crypto::Certificate;
using core::crypto::PublicKey;

const std::string kSigner = "中国银联股份有限公司";
// Both are valid from 22 November 2026 for twenty years.
constexpr core::Instant kWithinValidity = fuzz::kNow + std::chrono::hours(24 * 30);

std::string pem_of(std::string_view der, const std::string& label) {
    const auto text = core::crypto::base64_encode(der);
    std::string lines;
    for (std::size_t at = 0; at < text.size(); at += 64) {
        lines += text.substr(at, 64) + "\n";
    }
    return "-----BEGIN " + label + "-----\n" + lines + "-----END " + label + "-----\n";
}

std::string der_of(std::string_view pem) {
    std::string base64;
    for (auto rest = pem.substr(pem.find('\n') + 1); !rest.starts_with('-'); rest.remove_prefix(1)) {
        base64 += rest.front() == '\n' ? "" : std::string(1, rest.front());
    }
    return *core::crypto::base64_decode(base64);
}

bool same(const Certificate& a, const Certificate& b) {
    return a.serial_hex() == b.serial_hex() && a.subject_common_name() == b.subject_common_name() &&
           a.not_before() == b.not_before() && a.not_after() == b.not_after() &&
           a.public_key().to_pem() == b.public_key().to_pem();
}

// Under the authority hangs what the authority has signed, and nothing else.
void check_trust(const Certificate& certificate, const std::string& pem) {
    static const auto root = *Certificate::from_pem(fuzz::kRootPem);
    static const auto signer = *Certificate::from_pem(fuzz::kSignerPem);
    static const payments::unionpay::SignerTrust trust({root}, {}, kSigner);
    const bool genuine = same(certificate, signer);
    if (core::crypto::verify_chain(certificate, {}, {root}, kWithinValidity)) {
        fuzz::promise(genuine, "only what the authority has signed hangs under it");
    }
    if (const auto key = trust.key_for(pem, kWithinValidity)) {
        fuzz::promise(genuine && key->to_pem() == signer.public_key().to_pem(), "only UnionPay's signer is trusted");
    }
    const auto itself = core::crypto::verify_chain(certificate, {certificate}, {certificate}, kWithinValidity);
    fuzz::promise(!itself || !same(certificate, root), "an authority is no leaf of its own");
}

void check_certificate(const std::string& pem) {
    const auto certificate = Certificate::from_pem(pem);
    if (!certificate) {
        return;
    }
    fuzz::promise(!certificate->serial_hex().empty() && !certificate->serial_decimal().empty(), "a serial number");
    if (const auto name = certificate->subject_common_name()) {
        fuzz::promise(core::text::is_valid_utf8(*name), "a name is UTF-8");
        payments::unionpay::names_signer(*name, kSigner);
    }
    const auto again = Certificate::from_pem(certificate->to_pem());
    fuzz::promise(again && same(*certificate, *again), "a certificate that was written reads as the same");
    payments::wechatpay::Verifier::from_certificate(*certificate);
    check_trust(*certificate, pem);
}

void check_key(const std::string& pem) {
    const auto key = PublicKey::from_pem(pem);
    if (!key) {
        return;
    }
    fuzz::promise(key->is_rsa() != key->is_sm2(), "a key is of one kind");
    const auto again = PublicKey::from_pem(key->to_pem());
    fuzz::promise(again && again->to_pem() == key->to_pem(), "a key that was written reads as the same");
    const std::string signature(256, '\x01');
    fuzz::promise(key->is_sm2() ? !key->verifies_sm2_sm3("message", signature, "1234567812345678")
                                : !key->verifies_rsa_sha256("message", signature) || key->to_pem().size() < 200,
                  "a made-up signature doesn't hold");
}

// The signer's certificate with bytes changed: two of the input say where, one says what.
std::string damaged(fuzz::Input input) {
    auto der = der_of(fuzz::kSignerPem);
    for (auto rest = input.rest(); rest.size() >= 3; rest.remove_prefix(3)) {
        const auto at = static_cast<unsigned char>(rest[0]) * 256U + static_cast<unsigned char>(rest[1]);
        der[at % der.size()] = rest[2];
    }
    return der;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    fuzz::Input input(data, size);
    switch (input.choice(4)) {
        case 0:
            check_certificate(std::string(input.rest()));
            check_key(std::string(input.rest()));
            break;
        case 1:
            check_certificate(pem_of(input.rest(), "CERTIFICATE"));
            break;
        case 2:
            check_certificate(pem_of(damaged(input), "CERTIFICATE"));
            break;
        default:
            check_key(pem_of(input.rest(), "PUBLIC KEY"));
    }
    return 0;
}

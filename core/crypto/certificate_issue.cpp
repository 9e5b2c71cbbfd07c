#include <openssl/x509v3.h>

#include <utility>

#include "core/crypto/certificate.h"
#include "core/crypto/impl/openssl.h"
#include "core/crypto/random.h"
#include "core/failure.h"

namespace core::crypto {

namespace {

using ExtensionHandle = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;

constexpr long kVersion3 = 2;  // counted from zero
constexpr std::size_t kSerialBytes = 16;

void add_name_part(X509_NAME* name, int part, const std::string& text) {
    if (!text.empty()) {
        ensure(X509_NAME_add_entry_by_NID(name, part, MBSTRING_UTF8, bytes_of(text), static_cast<int>(text.size()), -1,
                                          0) == 1,
               "a certificate's name is UTF-8 of at most 64 characters a part");
    }
}

// Positive and never shorter than it looks: the first byte is 0x40 to 0x7f.
void set_random_serial(X509* certificate) {
    std::string bytes = random_bytes(kSerialBytes);
    const auto first = static_cast<unsigned char>(bytes.front());
    bytes.front() = static_cast<char>((first & 0x3fU) | 0x40U);
    const NumberHandle serial(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
    require(serial != nullptr && BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr,
            "set a serial number");
}

void set_validity(X509* certificate, const CertificateRequest& request) {
    const auto seconds = [](Instant instant) {
        return std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(instant));
    };
    require(ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(request.not_before)) != nullptr &&
                ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(request.not_after)) != nullptr,
            "set a validity");
}

void add_extension(X509* certificate, X509V3_CTX* context, int kind, const char* value) {
    const ExtensionHandle extension(X509V3_EXT_nconf_nid(nullptr, context, kind, value));
    require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1, "add an extension");
}

void add_extensions(X509* certificate, X509* issuer, bool authority) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    add_extension(certificate, &context, NID_basic_constraints, authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    add_extension(certificate, &context, NID_key_usage,
                  authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature,nonRepudiation");
    add_extension(certificate, &context, NID_subject_key_identifier, "hash");
    add_extension(certificate, &context, NID_authority_key_identifier, "keyid");
}

}  // namespace

Certificate issue_certificate(const CertificateRequest& request, const PrivateKey& subject_key, const Issuer* issuer) {
    const QuietErrors quiet;
    CertificateHandle certificate(X509_new());
    require(certificate != nullptr && X509_set_version(certificate.get(), kVersion3) == 1, "make a certificate");
    set_random_serial(certificate.get());
    set_validity(certificate.get(), request);
    X509_NAME* subject = X509_get_subject_name(certificate.get());
    add_name_part(subject, NID_organizationName, request.organization);
    add_name_part(subject, NID_commonName, request.common_name);

    X509* issued_by = issuer != nullptr ? issuer->certificate.impl().certificate.get() : certificate.get();
    require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(issued_by)) == 1 &&
                X509_set_pubkey(certificate.get(), subject_key.public_key().impl().key.get()) == 1,
            "fill a certificate");
    add_extensions(certificate.get(), issued_by, request.authority);

    const PrivateKey& signer = issuer != nullptr ? issuer->key : subject_key;
    require(X509_sign(certificate.get(), signer.impl().key.get(), sha256_algorithm()) > 0, "sign a certificate");
    const Certificate made(std::make_shared<const Certificate::Impl>(
        Certificate::Impl{std::move(certificate), request.not_before, request.not_after}));
    // Read back, so that it is what anybody else would read.
    auto read_back = Certificate::from_pem(made.to_pem());
    ensure(read_back.has_value(), "an issued certificate can be read");
    return *std::move(read_back);
}

}  // namespace core::crypto

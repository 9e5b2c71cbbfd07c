#include "core/crypto/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <utility>

#include "core/crypto/impl/openssl.h"
#include "core/crypto/impl/pem.h"

namespace core::crypto {

namespace {

constexpr std::size_t kPemBytesMax = std::size_t{64} * 1024;

std::optional<Instant> instant_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
        return std::nullopt;
    }
    const date::sys_days day = date::year{parts.tm_year + 1900} / (parts.tm_mon + 1) / parts.tm_mday;
    return Instant(day + std::chrono::hours{parts.tm_hour} + std::chrono::minutes{parts.tm_min} +
                   std::chrono::seconds{parts.tm_sec});
}

CertificateHandle decoded_certificate(std::string_view der) {
    const unsigned char* at = bytes_of(der);
    CertificateHandle certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    return at == bytes_of(der) + der.size() ? std::move(certificate) : nullptr;
}

NumberHandle serial_of(const Certificate::Impl& impl) {
    NumberHandle serial(ASN1_INTEGER_to_BN(X509_get0_serialNumber(impl.certificate.get()), nullptr));
    require(serial != nullptr, "read a serial number");
    return serial;
}

std::string text_of(char* text) {
    require(text != nullptr, "write a serial number");
    std::string copy(text);
    OPENSSL_free(text);
    return copy;
}

// BMPString, PrintableString and the others become UTF-8; nothing when the bytes are not what their type says.
std::optional<std::string> utf8_of(const ASN1_STRING* text) {
    unsigned char* utf8 = nullptr;
    const int length = ASN1_STRING_to_UTF8(&utf8, text);
    if (length < 0) {
        return std::nullopt;
    }
    std::string copy(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length));
    OPENSSL_free(utf8);
    return copy;
}

}  // namespace

std::optional<Certificate> Certificate::from_pem(std::string_view pem) {
    if (pem.size() > kPemBytesMax) {
        return std::nullopt;
    }
    const QuietErrors quiet;
    const auto der = unwrap_pem(pem, "CERTIFICATE");
    auto certificate = der ? decoded_certificate(der->reveal()) : nullptr;
    if (certificate == nullptr || !is_accepted_key(X509_get0_pubkey(certificate.get()))) {
        return std::nullopt;
    }
    const auto begin = instant_of(X509_get0_notBefore(certificate.get()));
    const auto end = instant_of(X509_get0_notAfter(certificate.get()));
    if (!begin || !end) {
        return std::nullopt;
    }
    return Certificate(std::make_shared<const Impl>(Impl{std::move(certificate), *begin, *end}));
}

std::string Certificate::serial_hex() const {
    std::string hex = text_of(BN_bn2hex(serial_of(*impl_).get()));
    return hex == "0" ? "00" : hex;
}

std::string Certificate::serial_decimal() const { return text_of(BN_bn2dec(serial_of(*impl_).get())); }

std::optional<std::string> Certificate::subject_common_name() const {
    const QuietErrors quiet;
    const X509_NAME* subject = X509_get_subject_name(impl_->certificate.get());
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) {
        return std::nullopt;
    }
    return utf8_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

Instant Certificate::not_before() const { return impl_->not_before; }

Instant Certificate::not_after() const { return impl_->not_after; }

PublicKey Certificate::public_key() const {
    KeyHandle key(X509_get_pubkey(impl_->certificate.get()));
    require(key != nullptr, "read a certificate's key");
    return PublicKey(std::make_shared<const PublicKey::Impl>(PublicKey::Impl{std::move(key)}));
}

std::string Certificate::to_pem() const {
    const BioHandle memory(BIO_new(BIO_s_mem()));
    require(memory != nullptr && PEM_write_bio_X509(memory.get(), impl_->certificate.get()) == 1,
            "write a certificate");
    return std::string(written_to(memory.get()));
}

}  // namespace core::crypto

// UnionPay's notifications: what anybody may send, and what is signed in each of the ways a contract can have.
#include <array>

#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "payments/channels/unionpay/authenticity.h"
#include "payments/channels/unionpay/message.h"
#include "payments/channels/unionpay/unionpay.h"
#include "tests/fuzz/fuzz_channel.h"

namespace {

namespace unionpay = payments::unionpay;
namespace crypto = core::crypto;
using unionpay::Fields;
using unionpay::SignMethod;
using unionpay::Version;

const std::string kMerchant = "777290058110097";
const std::string kKey = "a shared key";

struct Signer {
    crypto::PrivateKey key = crypto::PrivateKey::generate_rsa();
    crypto::PrivateKey root_key = crypto::PrivateKey::generate_rsa();
    crypto::Certificate root = issued("Fuzzed root", true, root_key, nullptr);
    crypto::Certificate certificate = issued("041@8310000000083040@中国银联股份有限公司@00016495", false, key, this);

    static crypto::Certificate issued(const std::string& name, bool authority, const crypto::PrivateKey& key,
                                      const Signer* by) {
        const crypto::CertificateRequest request{name, "Test", fuzz::kNow - std::chrono::hours(24),
                                                 fuzz::kNow + std::chrono::hours(24), authority};
        if (by == nullptr) {
            return crypto::issue_certificate(request, key, nullptr);
        }
        const crypto::Issuer issuer{by->root, by->root_key};
        return crypto::issue_certificate(request, key, &issuer);
    }
};

const Signer& signer() {
    static const Signer made;
    return made;
}

struct Contract {
    Version version;
    SignMethod method;

    unionpay::Options options() const {
        unionpay::Options made;
        made.merchant_id = kMerchant;
        made.version = version;
        made.sign_method = method;
        if (method != SignMethod::certificate) {
            made.secure_key = core::KeyBytes(kKey);
        } else if (version == Version::v5_1_0) {
            made.roots.push_back(signer().root);
        } else {
            made.verify_certificates.push_back(signer().certificate);
        }
        return made;
    }

    std::string signature(const std::string& text) const {
        if (method != SignMethod::certificate) {
            const auto digest = method == SignMethod::sm3_key ? crypto::sm3_hex : crypto::sha256_hex;
            return digest(text + "&" + digest(kKey));
        }
        return crypto::base64_encode(version == Version::v5_1_0 ? signer().key.sign_rsa_sha256(crypto::sha256_hex(text))
                                                                : signer().key.sign_rsa_sha1(crypto::sha1_hex(text)));
    }

    Fields signed_fields(Fields fields) const {
        fields["version"] = unionpay::text_of(version);
        fields["signMethod"] = unionpay::code_of(method);
        fields["encoding"] = "UTF-8";
        if (method == SignMethod::certificate) {
            fields[version == Version::v5_1_0 ? "signPubKeyCert" : "certId"] =
                version == Version::v5_1_0 ? signer().certificate.to_pem() : signer().certificate.serial_decimal();
        }
        fields["signature"] = signature(unionpay::string_to_sign(fields));
        return fields;
    }
};

constexpr std::array<Contract, 4> kContracts{{{Version::v5_1_0, SignMethod::sha256_key},
                                              {Version::v5_1_0, SignMethod::sm3_key},
                                              {Version::v5_1_0, SignMethod::certificate},
                                              {Version::v5_0_0, SignMethod::certificate}}};

const payments::Channel& channel(std::size_t contract) {
    static const auto made = [] {
        std::vector<std::unique_ptr<payments::Channel>> all;
        for (const auto& one : kContracts) {
            all.push_back(unionpay::make_channel(one.options(), fuzz::context()));
        }
        return all;
    }();
    return *made.at(contract);
}

std::string form_of(const Fields& fields) {
    std::string body;
    for (const auto& [name, value] : fields) {
        body += (body.empty() ? "" : "&") + core::text::form_encode(name) + "=" + core::text::form_encode(value);
    }
    return body;
}

void check_signed(std::size_t contract, std::string_view body) {
    const auto fields = unionpay::fields_from_form(body);
    if (!fields) {
        return;
    }
    const auto complete = kContracts.at(contract).signed_fields(*fields);
    payments::CallbackRequest request{{}, form_of(complete), fuzz::kNow};
    fuzz::promise(unionpay::fields_from_form(request.body) == complete, "fields that were written read as the same");
    const auto reading = channel(contract).read_callback(request);
    fuzz::check_reading(reading);
    fuzz::promise(reading || reading.error().kind == payments::CallbackRefusal::Kind::bad_content,
                  "what is signed is authentic");
    request.body += "&added=1";
    const auto changed = channel(contract).read_callback(request);
    fuzz::promise(!changed, "a field that was added is not signed");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    fuzz::Input input(data, size);
    const auto variant = input.choice(8);
    if (variant >= kContracts.size()) {
        fuzz::check_unsigned(channel(variant - kContracts.size()).read_callback(fuzz::request_from(input)));
    } else {
        check_signed(variant, input.rest());
    }
    return 0;
}

// Keys are changed while callbacks come: none that is good is refused, and none under a retired key accepted.
#include "tests/e2e/service/rotation.h"

#include <array>

#include "core/crypto/certificate.h"
#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/crypto/random.h"
#include "core/text/encoding.h"
#include "payments/channels/unionpay/message.h"

namespace e2e {
namespace {

namespace crypto = core::crypto;
using test_support::write_text;

// An authority, or what one issued.
struct Issued {
    crypto::PrivateKey key = crypto::PrivateKey::generate_rsa();
    crypto::Certificate certificate;

    Issued(const std::string& name, bool authority, const Issued* by = nullptr)
        : certificate(issue(name, authority, key, by)) {}

private:
    static crypto::Certificate issue(const std::string& name, bool authority, const crypto::PrivateKey& key,
                                     const Issued* by) {
        const auto now = core::SystemClock().now();
        const crypto::CertificateRequest request{name, "Rotation", now - std::chrono::hours(1),
                                                 now + std::chrono::hours(24), authority};
        if (by == nullptr) {
            return crypto::issue_certificate(request, key, nullptr);
        }
        const crypto::Issuer issuer{by->certificate, by->key};
        return crypto::issue_certificate(request, key, &issuer);
    }
};

// The rest of the line that begins so.
std::string line_of(const std::filesystem::path& file, const std::string& beginning) {
    const auto text = test_support::text_of(file);
    const auto at = text.find("\n" + beginning) + 1;
    return text.substr(at, text.find('\n', at) - at);
}

class StripeRotation : public Rotation {
protected:
    StripeRotation() : Rotation("\"file:keys/" + rotating().channel("stripe").tenant + "/stripe.secret\"") {
        for (std::size_t i = 0; i < kSecrets.size(); ++i) {
            write_text(service_.place() / ("secret" + std::to_string(i)), kSecrets[i], 0600);
        }
    }

    int send(std::size_t secret) const {
        const auto& body = service_.callback("stripe").body;
        const auto now = unix_time_now();
        const auto mac = crypto::hmac_sha256(kSecrets.at(secret), now + "." + body);
        const auto signature = crypto::hex_encode(std::string(mac.begin(), mac.end()));
        return service_.client()
            .post(service_.path("stripe"),
                  {{"Content-Type", "application/json"}, {"Stripe-Signature", "t=" + now + ",v1=" + signature}}, body)
            .status;
    }

    static constexpr std::array<const char*, 2> kSecrets = {"whsec_the_old_one", "whsec_the_new_one"};
};

TEST_F(StripeRotation, OfAWebhookSecret) {
    rotate(2, 200, [this](std::size_t secret) { return send(secret); },
           {{"the old one", R"("file:secret0")", 0, {0}},
            {"both", R"("file:secret0", "file:secret1")", 1, {0, 1}},
            {"the new one", R"("file:secret1")", 1, {1}}});
}

// Two platform certificates and two public keys, told apart by serial number and PUB_KEY_ID.
class WeChatPayRotation : public Rotation {
protected:
    WeChatPayRotation() : Rotation(line_of(rotating().place() / "duizhang.toml", "verifiers = ")) {
        for (std::size_t i = 0; i < signers_.size(); ++i) {
            const auto& signer = signers_[i];
            write_text(service_.place() / ("signer" + std::to_string(i) + ".pem"),
                       i < 2 ? signer.certificate.to_pem() : signer.key.public_key().to_pem());
        }
    }

    int send(std::size_t signer) const {
        const auto& body = service_.callback("wechatpay").body;
        const auto now = unix_time_now();
        const std::string nonce = crypto::random_token(32);
        const auto signature = signers_.at(signer).key.sign_rsa_sha256(now + "\n" + nonce + "\n" + body + "\n");
        return service_.client()
            .post(service_.path("wechatpay"),
                  {{"Content-Type", "application/json"},
                   {"Wechatpay-Serial", id_of(signer)},
                   {"Wechatpay-Timestamp", now},
                   {"Wechatpay-Nonce", nonce},
                   {"Wechatpay-Signature", crypto::base64_encode(signature)}},
                  body)
            .status;
    }
    std::string id_of(std::size_t signer) const {
        return signer < 2 ? signers_.at(signer).certificate.serial_hex()
                          : "PUB_KEY_ID_011900000109202611220000000" + std::to_string(signer);
    }
    std::string verifiers(const std::vector<std::size_t>& signers) const {
        std::string list;
        for (const auto i : signers) {
            const std::string file = "\"signer" + std::to_string(i) + ".pem\"";
            list += list.empty() ? "" : ", ";
            list += i < 2 ? file : "{ id = \"" + id_of(i) + "\", public_key = " + file + " }";
        }
        return "verifiers = [" + list + "]";
    }
    Step step(const std::string& words, const std::vector<std::size_t>& signers, std::size_t used) const {
        return {words, verifiers(signers), used, signers};
    }

    const std::array<Issued, 4> signers_ = {Issued{"old platform", false}, Issued{"new platform", false},
                                            Issued{"public key", false}, Issued{"next public key", false}};
};

TEST_F(WeChatPayRotation, OfPlatformCertificatesAndPublicKeys) {
    rotate(
        4, 204, [this](std::size_t signer) { return send(signer); },
        {step("the old certificate", {0}, 0), step("both certificates", {0, 1}, 1), step("the new certificate", {1}, 1),
         step("with a public key", {1, 2}, 2), step("with the next one", {1, 2, 3}, 3),
         step("without certificates", {2, 3}, 3), step("the next public key", {3}, 3)});
}

// UnionPay's new signer hangs under a new authority.
class UnionPayRotation : public Rotation {
protected:
    struct Chain {
        Issued root{"ROTATION CS CA", true};
        Issued middle{"ROTATION OCA1", true, &root};
        Issued leaf{"041@8310000000083040@中国银联股份有限公司@00016495", false, &middle};
    };

    UnionPayRotation() : Rotation(authorities_in_force()) {
        for (std::size_t i = 0; i < chains_.size(); ++i) {
            write_text(service_.place() / ("root" + std::to_string(i) + ".pem"), chains_[i].root.certificate.to_pem());
            write_text(service_.place() / ("middle" + std::to_string(i) + ".pem"),
                       chains_[i].middle.certificate.to_pem());
        }
    }

    static std::string authorities_in_force() {
        const auto file = rotating().place() / "duizhang.toml";
        return line_of(file, "root_certificate = ") + "\n" + line_of(file, "intermediate_certificate = ");
    }

    int send(std::size_t chain) const {
        const auto& callback = service_.callback("unionpay");
        auto fields = payments::unionpay::fields_from_form(callback.body).value();
        const auto& leaf = chains_.at(chain).leaf;
        fields["signPubKeyCert"] = leaf.certificate.to_pem();
        const auto digest = crypto::sha256_hex(payments::unionpay::string_to_sign(fields));
        fields["signature"] = crypto::base64_encode(leaf.key.sign_rsa_sha256(digest));
        std::string body;
        for (const auto& [name, value] : fields) {
            body.append(body.empty() ? "" : "&").append(name).append("=").append(core::text::form_encode(value));
        }
        return service_.client().post(service_.path("unionpay"), callback.headers, body).status;
    }
    static std::string authorities(const std::vector<std::size_t>& chains) {
        std::string roots;
        std::string middles;
        for (const auto i : chains) {
            roots += (roots.empty() ? "\"root" : ", \"root") + std::to_string(i) + ".pem\"";
            middles += (middles.empty() ? "\"middle" : ", \"middle") + std::to_string(i) + ".pem\"";
        }
        return "root_certificates = [" + roots + "]\nintermediate_certificates = [" + middles + "]";
    }
    static Step step(const std::string& words, const std::vector<std::size_t>& chains, std::size_t used) {
        return {words, authorities(chains), used, chains};
    }

    const std::array<Chain, 2> chains_;
};

TEST_F(UnionPayRotation, OfTheSignersAuthorities) {
    rotate(2, 200, [this](std::size_t chain) { return send(chain); },
           {step("the old authority", {0}, 0), step("both authorities", {0, 1}, 1), step("the new authority", {1}, 1)});
}

// The tenants are as good as they were, and still the whole is refused: half a configuration is none.
TEST_F(StripeRotation, IsNotHalfDoneWhenTheCertificateIsRefused) {
    configure(R"("file:secret0")");
    auto text = configured(R"("file:secret1")");
    const std::string service = "[service]\n";
    text.insert(text.find(service) + service.size(),
                "tls_certificate = \"keys/master.key\"\ntls_key = \"file:keys/master.key\"\n");
    reload(text, "reload_refused");
    EXPECT_EQ(send(0), 200);
    EXPECT_EQ(send(1), 401);
}

}  // namespace
}  // namespace e2e

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "core/crypto/aead.h"
#include "core/crypto/certificate.h"
#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/crypto/random.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/json/writer.h"
#include "payments/channels/wechatpay/options.h"
#include "payments/channels/wechatpay/simulator_bill.h"
#include "payments/channels/wechatpay/wechatpay.h"

namespace payments::wechatpay {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kAlphanumerics = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
// How long the simulated platform's certificate is good: longer than any day that somebody will simulate.
constexpr std::chrono::sys_days kCertificateBegins{std::chrono::year{2015} / 1 / 1};
constexpr std::chrono::sys_days kCertificateEnds{std::chrono::year{2060} / 1 / 1};
constexpr const char* kOrderTotal = "order_total";

std::string characters(Random& random, std::string_view alphabet, std::size_t count) {
    std::string text;
    while (text.size() < count) {
        text += alphabet[static_cast<std::size_t>(random() % alphabet.size())];
    }
    return text;
}

core::Currency yuan() { return *core::Currency::from_code("CNY"); }

// "2026-11-18T07:01:04+08:00"
std::string beijing_time(core::Instant instant) {
    std::string text = core::format_local(instant, std::string(kZone));
    std::replace(text.begin(), text.end(), ' ', 'T');
    return text + "+08:00";
}

std::string compact_day(core::BusinessDay day) {
    std::string text = core::format_day(day);
    std::erase(text, '-');
    return text;
}

// Notifications of one movement have one id, however often they are sent.
std::string notification_id(const std::string& transaction_id) {
    const std::string hex = core::crypto::sha256_hex("notification/" + transaction_id);
    return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
           hex.substr(20, 12);
}

SimulatedMerchant make_merchant(const std::string& tenant, std::uint64_t seed) {
    // The tenant's name is in it, so that two tenants of one demo are two merchants.
    const auto digest = core::crypto::sha256(tenant + "/" + std::to_string(seed));
    std::uint64_t start = 0;
    for (std::size_t byte = 0; byte < sizeof(start); ++byte) {
        start = (start << 8U) | digest[byte];
    }
    Random random(start);
    return {"19" + characters(random, kDigits, 8), "wx" + characters(random, kHexDigits, 16), start};
}

// What WeChat Pay holds: the key of the platform certificate, the key of the public-key mode, and the shared secret.
struct Keys {
    core::crypto::PrivateKey certificate_key;
    core::crypto::Certificate certificate;
    core::crypto::PrivateKey public_mode_key;
    std::string public_mode_id;
    core::KeyBytes api_v3_key;
};

Keys make_keys(const SimulatedMerchant& merchant) {
    auto certificate_key = core::crypto::PrivateKey::generate_rsa();
    auto certificate = core::crypto::issue_certificate(
        {"Tenpay.com sign (simulated)", "Tenpay.com", kCertificateBegins, kCertificateEnds, false}, certificate_key,
        nullptr);
    return {std::move(certificate_key), std::move(certificate), core::crypto::PrivateKey::generate_rsa(),
            "PUB_KEY_ID_01" + merchant.merchant_id + "2026010100000000000000",
            core::KeyBytes(core::crypto::random_token(kApiV3KeyBytes))};
}

class Simulator final : public ChannelSimulator {
public:
    Simulator(const std::string& tenant, std::uint64_t seed) : merchant_(make_merchant(tenant, seed)) {}

    std::string_view channel() const override { return "wechatpay"; }
    core::DayCut day_cut() const override { return {std::string(kZone), std::chrono::minutes{0}}; }
    core::Currency currency() const override { return yuan(); }

    std::string write_configuration(const std::filesystem::path& config_folder,
                                    const std::filesystem::path& keys_folder) override {
        if (!keys_) {
            keys_.emplace(make_keys(merchant_));
        }
        const auto secret = keys_folder / "wechatpay-api-v3.key";
        const auto certificate = keys_folder / "wechatpay-platform-cert.pem";
        const auto public_key = keys_folder / "wechatpay-public.pem";
        std::filesystem::create_directories(keys_folder);
        core::write_file(secret, keys_->api_v3_key.reveal(), 0600);
        core::write_file(certificate, keys_->certificate.to_pem());
        core::write_file(public_key, keys_->public_mode_key.public_key().to_pem());
        const auto path = [&](const std::filesystem::path& file) {
            return file.lexically_relative(config_folder).generic_string();
        };
        return "[tenant.wechatpay]\nmerchant_id = \"" + merchant_.merchant_id + "\"\napp_id = \"" + merchant_.app_id +
               "\"\napi_v3_key = \"file:" + path(secret) + "\"\nverifiers = [\"" + path(certificate) + "\", { id = \"" +
               keys_->public_mode_id + "\", public_key = \"" + path(public_key) + "\" }]\n";
    }

    void assign_ids(SimulatedTransaction& transaction, const SimulatedTransaction* payment,
                    Random& random) const override {
        const std::string day = compact_day(core::day_of(transaction.occurred_at, day_cut()));
        if (transaction.type != TransactionType::refund) {
            transaction.channel_txn_id =
                "420000" + characters(random, kDigits, 4) + day + characters(random, kDigits, 10);
            return;
        }
        core::ensure(payment != nullptr, "a refund's ids need its payment");
        transaction.channel_txn_id = "503" + characters(random, kDigits, 5) + day + characters(random, kDigits, 13);
        transaction.related_txn_id = payment->channel_txn_id;
        transaction.attributes[kOrderTotal] = std::to_string(payment->amount.minor());
        if (transaction.own_order_id.empty()) {
            transaction.own_order_id = "R" + payment->merchant_order_id + characters(random, kDigits, 3);
        }
    }

    std::vector<SignedCallback> callbacks(const SimulatedTransaction& transaction, core::Instant signed_at,
                                          Random& random) const override {
        if (transaction.type == TransactionType::refund) {
            return {notification({"refund", "REFUND." + refund_status(transaction), "退款成功",
                                  notification_id(transaction.channel_txn_id), refund_resource(transaction)},
                                 transaction, signed_at, random)};
        }
        return {notification({"transaction", "TRANSACTION.SUCCESS", "支付成功",
                              notification_id(transaction.channel_txn_id), payment_resource(transaction)},
                             transaction, signed_at, random)};
    }

    // A payment's share that a receiver got, told by two names of the event, and what a complaint brings.
    std::vector<SignedCallback> further_callbacks(const SimulatedTransaction& transaction, core::Instant signed_at,
                                                  Random& random) const override {
        std::vector<SignedCallback> sent = {notification(
            {"complaint", "COMPLAINT.CREATE", "产生新投诉", notification_id("complaint/" + transaction.channel_txn_id),
             R"({"complaint_id":"200201820200101080076610000","action_type":"CREATE_COMPLAINT"})"},
            transaction, signed_at, random)};
        if (transaction.type == TransactionType::payment) {
            for (const char* event : {"TRANSACTION.SUCCESS", "PROFITSHARING.SUCCESS"}) {
                sent.push_back(notification(
                    {"profitsharing", event, "分账", notification_id(std::string(event) + transaction.channel_txn_id),
                     profit_sharing_resource(transaction)},
                    transaction, signed_at, random));
            }
        }
        return sent;
    }

    std::vector<StatementFile> statement(core::BusinessDay day, const std::vector<SimulatedTransaction>& transactions,
                                         const StatementFaults& faults, Random& random) const override {
        // A real bill is in no order that anybody could rely on.
        std::vector<SimulatedTransaction> rows = transactions;
        for (std::size_t left = rows.size(); left > 1; --left) {
            std::swap(rows[left - 1], rows[static_cast<std::size_t>(random() % left)]);
        }
        return {{merchant_.merchant_id + "All" + core::format_day(day) + ".csv",
                 write_trade_bill(merchant_, day, rows, faults)}};
    }

private:
    struct Notification {
        std::string kind;
        std::string event_type;
        std::string summary;
        std::string id;
        std::string plain;
    };

    SignedCallback notification(const Notification& told, const SimulatedTransaction& transaction,
                                core::Instant signed_at, Random& random) const {
        core::ensure(keys_.has_value(), "the simulator's keys are made before it signs");
        const std::string nonce = characters(random, kAlphanumerics, 12);
        core::json::Writer body;
        body.begin_object()
            .member("id", told.id)
            .member("create_time", beijing_time(transaction.occurred_at))
            .member("resource_type", "encrypt-resource")
            .member("event_type", told.event_type)
            .member("summary", told.summary)
            .key("resource")
            .begin_object()
            .member("original_type", told.kind)
            .member("algorithm", "AEAD_AES_256_GCM")
            .member("ciphertext", core::crypto::base64_encode(core::crypto::aes_256_gcm_seal(
                                      keys_->api_v3_key.reveal(), nonce, told.kind, told.plain)))
            .member("associated_data", told.kind)
            .member("nonce", nonce)
            .end_object()
            .end_object();
        return signed_callback(body.text(), signed_at, random);
    }

    // Bills have words of their own ("CHANGE"), which no notification has.
    static std::string refund_status(const SimulatedTransaction& refund) {
        const auto& word = refund.channel_status;
        return word == "ABNORMAL" || word == "CLOSED" ? word : "SUCCESS";
    }

    // A third of the payment to another merchant.
    std::string profit_sharing_resource(const SimulatedTransaction& payment) const {
        core::json::Writer writer;
        writer.begin_object()
            .member("mchid", merchant_.merchant_id)
            .member("transaction_id", payment.channel_txn_id)
            .member("order_id", "30" + payment.channel_txn_id)
            .member("out_order_no", "P" + payment.merchant_order_id)
            .key("receiver")
            .begin_object()
            .member("type", "MERCHANT_ID")
            .member("account", "1900000100")
            .member("amount", payment.amount.minor() / 3)
            .member("description", "分账")
            .end_object()
            .member("success_time", beijing_time(payment.occurred_at))
            .end_object();
        return writer.text();
    }

    std::string payment_resource(const SimulatedTransaction& transaction) const {
        const PaymentDetails details = details_of(merchant_.seed, transaction.channel_txn_id);
        const std::string currency(transaction.amount.currency().code());
        core::json::Writer writer;
        writer.begin_object()
            .member("mchid", merchant_.merchant_id)
            .member("appid", merchant_.app_id)
            .member("out_trade_no", transaction.merchant_order_id)
            .member("transaction_id", transaction.channel_txn_id)
            .member("trade_type", details.trade_type)
            .member("trade_state", "SUCCESS")
            .member("trade_state_desc", "支付成功")
            .member("bank_type", details.bank)
            .member("attach", transaction.remark.empty() ? details.attach : transaction.remark)
            .member("success_time", beijing_time(transaction.occurred_at))
            .key("payer")
            .begin_object()
            .member("openid", details.openid)
            .end_object()
            .key("amount")
            .begin_object()
            .member("total", transaction.amount.minor())
            .member("payer_total", transaction.amount.minor())
            .member("currency", currency)
            .member("payer_currency", currency)
            .end_object()
            .end_object();
        return writer.text();
    }

    std::string refund_resource(const SimulatedTransaction& transaction) const {
        const auto minor = transaction.amount.minor();
        const auto known = transaction.attributes.find(kOrderTotal);
        std::int64_t total = minor;
        if (known != transaction.attributes.end()) {
            if (const auto paid = core::minor_from_integer(known->second)) {
                total = *paid;
            }
        }
        core::json::Writer writer;
        writer.begin_object()
            .member("mchid", merchant_.merchant_id)
            .member("out_trade_no", transaction.merchant_order_id)
            .member("transaction_id", transaction.related_txn_id)
            .member("out_refund_no", transaction.own_order_id)
            .member("refund_id", transaction.channel_txn_id)
            .member("refund_status", refund_status(transaction))
            .member("success_time", beijing_time(transaction.occurred_at))
            .member("user_received_account", "支付用户零钱")
            .key("amount")
            .begin_object()
            .member("total", total)
            .member("refund", minor)
            .member("payer_total", total)
            .member("payer_refund", minor);
        // A refund in yuan names no currency.
        if (transaction.amount.currency() != yuan()) {
            writer.member("currency", transaction.amount.currency().code());
        }
        return writer.end_object().end_object().text();
    }

    SignedCallback signed_callback(const std::string& body, core::Instant signed_at, Random& random) const {
        // In the weeks in which a merchant moves to the public key, either of the two may sign.
        const bool public_mode = random() % 2 == 1;
        const auto& key = public_mode ? keys_->public_mode_key : keys_->certificate_key;
        const std::string timestamp =
            std::to_string(std::chrono::floor<std::chrono::seconds>(signed_at).time_since_epoch().count());
        const std::string nonce = characters(random, kAlphanumerics, 32);
        const std::string message = timestamp + "\n" + nonce + "\n" + body + "\n";
        return {{{"Content-Type", "application/json"},
                 {"Request-ID", characters(random, "0123456789ABCDEF", 32) + "-0"},
                 {"Wechatpay-Serial", public_mode ? keys_->public_mode_id : keys_->certificate.serial_hex()},
                 {"Wechatpay-Timestamp", timestamp},
                 {"Wechatpay-Nonce", nonce},
                 {"Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"},
                 {"Wechatpay-Signature", core::crypto::base64_encode(key.sign_rsa_sha256(message))}},
                body};
    }

    SimulatedMerchant merchant_;
    std::optional<Keys> keys_;
};

}  // namespace

std::unique_ptr<payments::ChannelSimulator> make_simulator(const std::string& tenant, std::uint64_t seed) {
    return std::make_unique<Simulator>(tenant, seed);
}

}  // namespace payments::wechatpay

// UnionPay 全渠道 (ACP): notifications, settlement files, and a simulator of both. README.md tells the module's words.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/section.h"
#include "core/crypto/certificate.h"
#include "core/secret.h"
#include "payments/channel.h"
#include "payments/simulator.h"

namespace payments::unionpay {

// How messages are signed (specification, section 2). It is the merchant's contract that says so, never the message:
// a sender who may choose chooses the weakest.
enum class SignMethod {
    certificate,  // "01": RSA under a certificate that travels in the message
    sha256_key,   // "11": SHA-256 with a shared key
    sm3_key,      // "12": SM3 with a shared key
};

enum class Version {
    v5_1_0,  // the signer's certificate travels in the message and is checked against the authorities below
    v5_0_0,  // legacy, SHA-1: the message names one of `verify_certificates` by its serial number
};

// What a channel is made from. What holds once check_options() has nothing to say:
//   O1  merchant_id is 1 to 15 letters and digits.
//   O2  5.1.0 with certificates has at least one root and a signer_common_name.
//   O3  The shared-key methods have a key and version 5.1.0.
//   O4  5.0.0 has at least one verification certificate.
struct Options {
    std::string merchant_id;  // merId; a message or file of another merchant is refused
    Version version = Version::v5_1_0;
    SignMethod sign_method = SignMethod::certificate;
    std::vector<core::crypto::Certificate> roots;          // several while UnionPay changes its authority
    std::vector<core::crypto::Certificate> intermediates;  // none when leaves hang under the root directly
    // The third of the four parts, split at '@', of the signer's common name. The test environment's is
    // "00040000:SIGN"; that name must never be accepted in production, so it is one or the other.
    std::string signer_common_name = "中国银联股份有限公司";
    std::vector<core::crypto::Certificate> verify_certificates;  // 5.0.0 only
    // Serial numbers in decimal, as certId has them, of certificates that sign no more although they are still valid.
    std::vector<std::string> retired_certificates;
    core::KeyBytes secure_key;  // sign methods 11 and 12 only
};

// What is wrong with the options, naming the configuration's key; empty when nothing is.
struct OptionsComplaint {
    std::string key;
    std::string what;
};
std::vector<OptionsComplaint> check_options(const Options& options);

// Throws core::BrokenRule when check_options() complains: the caller has asked it before.
std::unique_ptr<Channel> make_channel(Options options, const ChannelContext& context);

// From [tenant.unionpay]. Nothing when it complained. The fee tables in it are the caller's.
std::unique_ptr<Channel> make_channel(config::Section& section, const ChannelContext& context);

// Plays UnionPay with certificate authorities of its own. Ids, rows and the summary depend on tenant, seed and calls
// alone; keys and signatures are new each time.
std::unique_ptr<ChannelSimulator> make_simulator(const std::string& tenant, std::uint64_t seed);

}  // namespace payments::unionpay

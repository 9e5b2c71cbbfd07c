// SignerTrust: which certificates that travel in messages may sign for UnionPay (specification, section 2.6).
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/certificate.h"
#include "core/crypto/keys.h"
#include "core/result.h"
#include "core/time.h"

namespace payments::unionpay {

// A certificate in a message is a claim. It counts when it hangs, through the configured intermediates, under a
// configured root, everything valid at the time, and names UnionPay: nothing is ever taken from the message itself.
//
// Checked certificates are remembered by their text, for a while and few at a time: one certificate signs millions
// of messages. Only good ones are, so a flood of forgeries drives none out. Safe to share between threads.
class SignerTrust {
public:
    // `common_name` is compared with the third of the exactly four parts of the subject's, split at '@'; `retired` are
    // serial numbers in decimal.
    SignerTrust(std::vector<core::crypto::Certificate> roots, std::vector<core::crypto::Certificate> intermediates,
                std::string common_name, std::vector<std::string> retired = {});

    // The leaf's key, or why it isn't trusted: "certificate_malformed", "certificate_not_yet_valid",
    // "certificate_expired", "certificate_retired", "certificate_untrusted", "signer_name_differs".
    core::Result<core::crypto::PublicKey, std::string_view> key_for(std::string_view pem, core::Instant at) const;

private:
    struct Trusted {
        std::string pem_hash;
        core::crypto::PublicKey key;
        core::Instant from;  // good for instants in [from, until)
        core::Instant until;
    };

    core::Result<Trusted, std::string_view> checked(std::string_view pem, core::Instant at) const;
    void remember(Trusted trusted) const;

    std::vector<core::crypto::Certificate> roots_;
    std::vector<core::crypto::Certificate> intermediates_;
    std::string common_name_;
    std::vector<std::string> retired_;
    mutable std::mutex mutex_;
    mutable std::deque<Trusted> trusted_;
};

// "041@8310000000083040@中国银联股份有限公司@00016495" names "中国银联股份有限公司": exactly four parts, the third one.
bool names_signer(std::string_view subject_common_name, std::string_view expected);

}  // namespace payments::unionpay

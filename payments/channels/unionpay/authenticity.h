// Authenticity: did UnionPay sign this message, in the way this merchant has agreed on? (Specification, section 2.)
#pragma once

#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "payments/channels/unionpay/message.h"
#include "payments/channels/unionpay/signer_trust.h"
#include "payments/channels/unionpay/unionpay.h"

namespace payments::unionpay {

// Holds for notifications and for synchronous responses alike. Safe to share between threads.
class Authenticity {
public:
    explicit Authenticity(Options options);

    // `at`: when the message arrived; certificates must be valid then. The reason of a refusal is a constant word:
    // "version_differs", "sign_method_differs", "encoding_differs", "signature_missing", "signature_malformed",
    // "signature_wrong", "certificate_missing", "key_unknown", or one of SignerTrust's.
    core::Result<core::Done, std::string_view> check(const Fields& fields, core::Instant at) const;

    const Options& options() const { return options_; }

private:
    using Verdict = core::Result<core::Done, std::string_view>;

    Verdict check_pinned(const Fields& fields) const;
    Verdict check_travelling_certificate(const Fields& fields, std::string_view signature, core::Instant at) const;
    Verdict check_installed_certificate(const Fields& fields, std::string_view signature, core::Instant at) const;
    Verdict check_shared_key(const Fields& fields, std::string_view signature) const;

    Options options_;
    SignerTrust trust_;
};

// "01", "11", "12".
std::string_view code_of(SignMethod method);
// "5.1.0", "5.0.0".
std::string_view text_of(Version version);

}  // namespace payments::unionpay

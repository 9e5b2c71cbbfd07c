#include "payments/channels/unionpay/signer_trust.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/crypto/digest.h"

namespace payments::unionpay {

namespace {

constexpr std::size_t kTrustedMax = 16;
constexpr std::size_t kPemBytesMax = 16U << 10U;
// The authorities above the leaf can run out before it does, so a verdict is asked for anew after an hour.
constexpr std::chrono::hours kVerdictAgeMax{1};

std::string_view reason_of(core::crypto::ChainError error) {
    switch (error) {
        case core::crypto::ChainError::not_yet_valid:
            return "certificate_not_yet_valid";
        case core::crypto::ChainError::expired:
            return "certificate_expired";
        case core::crypto::ChainError::unknown_issuer:
        case core::crypto::ChainError::bad_chain:
            return "certificate_untrusted";
    }
    return "certificate_untrusted";
}

}  // namespace

bool names_signer(std::string_view subject_common_name, std::string_view expected) {
    constexpr std::size_t kParts = 4;
    constexpr std::size_t kNamePart = 2;
    std::vector<std::string_view> parts;
    std::size_t from = 0;
    for (auto at = subject_common_name.find('@'); at != std::string_view::npos;
         at = subject_common_name.find('@', from)) {
        parts.push_back(subject_common_name.substr(from, at - from));
        from = at + 1;
    }
    parts.push_back(subject_common_name.substr(from));
    return !expected.empty() && parts.size() == kParts && parts[kNamePart] == expected;
}

SignerTrust::SignerTrust(std::vector<core::crypto::Certificate> roots,
                         std::vector<core::crypto::Certificate> intermediates, std::string common_name,
                         std::vector<std::string> retired)
    : roots_(std::move(roots)),
      intermediates_(std::move(intermediates)),
      common_name_(std::move(common_name)),
      retired_(std::move(retired)) {}

core::Result<core::crypto::PublicKey, std::string_view> SignerTrust::key_for(std::string_view pem,
                                                                             core::Instant at) const {
    if (pem.size() > kPemBytesMax) {
        return core::Refused{std::string_view("certificate_malformed")};
    }
    const auto hash = core::crypto::sha256_hex(pem);
    {
        const std::scoped_lock lock(mutex_);
        const auto known =
            std::find_if(trusted_.begin(), trusted_.end(), [&](const Trusted& one) { return one.pem_hash == hash; });
        if (known != trusted_.end() && known->from <= at && at < known->until) {
            return known->key;
        }
    }
    auto trusted = checked(pem, at);
    if (!trusted) {
        return core::Refused{trusted.error()};
    }
    auto key = trusted->key;
    trusted->pem_hash = hash;
    remember(*std::move(trusted));
    return key;
}

core::Result<SignerTrust::Trusted, std::string_view> SignerTrust::checked(std::string_view pem,
                                                                          core::Instant at) const {
    const auto leaf = core::crypto::Certificate::from_pem(pem);
    if (!leaf || !leaf->public_key().is_rsa()) {
        return core::Refused{std::string_view("certificate_malformed")};
    }
    // Before the chain, which costs more and is asked of what anybody may send.
    const auto name = leaf->subject_common_name();
    if (!name || !names_signer(*name, common_name_)) {
        return core::Refused{std::string_view("signer_name_differs")};
    }
    if (std::find(retired_.begin(), retired_.end(), leaf->serial_decimal()) != retired_.end()) {
        return core::Refused{std::string_view("certificate_retired")};
    }
    const auto chain = core::crypto::verify_chain(*leaf, intermediates_, roots_, at);
    if (!chain) {
        return core::Refused{reason_of(chain.error())};
    }
    return Trusted{{}, leaf->public_key(), at, std::min(leaf->not_after(), at + kVerdictAgeMax)};
}

void SignerTrust::remember(Trusted trusted) const {
    const std::scoped_lock lock(mutex_);
    std::erase_if(trusted_, [&](const Trusted& one) { return one.pem_hash == trusted.pem_hash; });
    if (trusted_.size() >= kTrustedMax) {
        trusted_.pop_front();
    }
    trusted_.push_back(std::move(trusted));
}

}  // namespace payments::unionpay

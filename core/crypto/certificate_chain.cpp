#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

#include "core/crypto/certificate.h"
#include "core/crypto/impl/openssl.h"

namespace core::crypto {

namespace {

using StoreHandle = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>>;
using Candidates = std::vector<const Certificate*>;

void free_stack(STACK_OF(X509) * stack) { sk_X509_free(stack); }
using StackHandle = std::unique_ptr<STACK_OF(X509), FreeWith<free_stack>>;

X509* raw(const Certificate& certificate) { return certificate.impl().certificate.get(); }

StoreHandle store_of(const Certificate& root) {
    StoreHandle store(X509_STORE_new());
    require(store != nullptr && X509_STORE_add_cert(store.get(), raw(root)) == 1, "make a store of authorities");
    return store;
}

StackHandle stack_of(const Candidates& certificates) {
    StackHandle stack(sk_X509_new_null());
    require(stack != nullptr, "make a list of authorities");
    for (const Certificate* certificate : certificates) {
        require(sk_X509_push(stack.get(), raw(*certificate)) > 0, "make a list of authorities");
    }
    return stack;
}

// Nothing of the system's defaults decides: level 0 lets the SHA-1 of CFCA's authorities pass, and any purpose will
// do, since signers of messages carry the usages of clients and e-mail.
void set_rules(X509_STORE_CTX* context, Instant at) {
    X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_time(rules,
                               std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(at)));
    X509_VERIFY_PARAM_set_auth_level(rules, 0);
    const unsigned long flags = X509_VERIFY_PARAM_get_flags(rules);
    require(X509_VERIFY_PARAM_clear_flags(rules, flags & X509_V_FLAG_PARTIAL_CHAIN) == 1 &&
                X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_TRUSTED_FIRST) == 1 &&
                X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_ANY) == 1,
            "set the rules of a chain");
}

ChainError reason_of(int code) {
    switch (code) {
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return ChainError::not_yet_valid;
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return ChainError::expired;
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_CERT_UNTRUSTED:
            return ChainError::unknown_issuer;
        default:
            return ChainError::bad_chain;
    }
}

// Level 0 would let MD5 pass as well, whose collisions have forged certificates.
bool has_accepted_digest(X509* certificate) {
    int digest = NID_undef;
    if (X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr) != 1) {
        return false;
    }
    constexpr std::array kAccepted{NID_sha1, NID_sha256, NID_sha384, NID_sha512, NID_sm3};
    return std::find(kAccepted.begin(), kAccepted.end(), digest) != kAccepted.end();
}

// The library also takes roots that it only guesses to be authorities (by their key usage or age); ours say so.
bool is_authority(X509* certificate) { return X509_check_ca(certificate) == 1; }

// What the library leaves open, on the chain it built: leaf first, root last. The root's own signature proves nothing
// and is not looked at.
bool is_sound(const STACK_OF(X509) * chain) {
    const int length = sk_X509_num(chain);
    for (int i = 0; i < length; ++i) {
        X509* certificate = sk_X509_value(chain, i);
        const bool is_leaf = i == 0;
        const bool is_root = i == length - 1;
        if ((!is_leaf && !is_authority(certificate)) || (!is_root && !has_accepted_digest(certificate))) {
            return false;
        }
    }
    return length >= 2;
}

Result<Done, ChainError> verify_under(const Certificate& leaf, const Candidates& intermediates, const Certificate& root,
                                      Instant at) {
    const StoreHandle store = store_of(root);
    const StackHandle untrusted = stack_of(intermediates);
    const StoreContext context(X509_STORE_CTX_new());
    require(context != nullptr && X509_STORE_CTX_init(context.get(), store.get(), raw(leaf), untrusted.get()) == 1,
            "begin the verification of a chain");
    set_rules(context.get(), at);
    if (X509_verify_cert(context.get()) != 1) {
        return Refused{reason_of(X509_STORE_CTX_get_error(context.get()))};
    }
    if (!is_sound(X509_STORE_CTX_get0_chain(context.get()))) {
        return Refused{ChainError::bad_chain};
    }
    return Done{};
}

// All intermediates together first. Then each alone: the library picks an issuer by name and does not come back to a
// namesake when the signature turns out to be the other's.
std::vector<Candidates> selections_of(const std::vector<Certificate>& intermediates) {
    std::vector<Candidates> selections(1);
    for (const Certificate& intermediate : intermediates) {
        selections.front().push_back(&intermediate);
        if (intermediates.size() > 1) {
            selections.push_back({&intermediate});
        }
    }
    return selections;
}

// How near to a good chain an attempt came; the nearest is what the caller is told.
int nearness(ChainError error) {
    switch (error) {
        case ChainError::unknown_issuer:
            return 0;
        case ChainError::bad_chain:
            return 1;
        case ChainError::not_yet_valid:
        case ChainError::expired:
            return 2;
    }
    return 0;
}

}  // namespace

Result<Done, ChainError> verify_chain(const Certificate& leaf, const std::vector<Certificate>& intermediates,
                                      const std::vector<Certificate>& roots, Instant at) {
    const QuietErrors quiet;
    const auto selections = selections_of(intermediates);
    ChainError nearest = ChainError::unknown_issuer;
    for (const Certificate& root : roots) {
        for (const Candidates& selection : selections) {
            const auto verified = verify_under(leaf, selection, root, at);
            if (verified) {
                return verified;
            }
            nearest = nearness(verified.error()) > nearness(nearest) ? verified.error() : nearest;
        }
    }
    return Refused{nearest};
}

}  // namespace core::crypto

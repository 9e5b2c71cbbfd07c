// A master key that a token (PKCS#11: a hardware security module, a smart card) makes, and never gives away what it is
// made of.
#pragma once

#include <string>

#include "core/secret.h"

namespace core::keys {

// `uri` is an RFC 7512 URI without its scheme: "token=NAME;object=NAME?module-path=/PATH.so&pin-source=file:/PATH",
// with percent encoding where names need it. The object is a secret key that may sign by CKM_SHA256_HMAC and need not
// be extractable; the master key, 64 hex digits, is its code over a text of ours. Throws UsageError naming the part
// that is wrong, in words that quote neither PIN nor key.
KeyBytes key_from_token(const std::string& uri);

}  // namespace core::keys

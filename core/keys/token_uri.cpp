#include "core/keys/token_uri.h"

#include <map>

#include "core/crypto/encoding.h"
#include "core/failure.h"

namespace core::keys {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw UsageError("the token: its URI " + what); }

// "a%20b" is "a b".
std::string decoded(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        if (text.front() != '%') {
            plain += text.front();
            text.remove_prefix(1);
            continue;
        }
        const auto byte = crypto::hex_decode(text.substr(1, 2));
        if (!byte || byte->size() != 1) {
            refuse("has a % that two hex digits don't follow");
        }
        plain += *byte;
        text.remove_prefix(3);
    }
    // Whoever opens a file by its name reads no further: it would be another one than is said.
    if (plain.find('\0') != std::string::npos) {
        refuse("has a byte 0");
    }
    return plain;
}

// name=value pairs of the path (between ;) and of the query (between &).
std::map<std::string, std::string> parts_of(std::string_view uri) {
    std::map<std::string, std::string> parts;
    while (!uri.empty()) {
        const auto end = uri.find_first_of(";?&");
        const auto part = uri.substr(0, end);
        const auto equals = part.find('=');
        if (equals == std::string_view::npos) {
            refuse("must be token=NAME;object=NAME?module-path=/PATH.so&pin-source=file:/PATH");
        }
        if (!parts.emplace(part.substr(0, equals), decoded(part.substr(equals + 1))).second) {
            refuse("names a part twice");
        }
        uri.remove_prefix(end == std::string_view::npos ? uri.size() : end + 1);
    }
    return parts;
}

}  // namespace

TokenUri parse_token_uri(std::string_view uri) {
    constexpr std::string_view kFile = "file:";
    auto parts = parts_of(uri);
    for (const char* needed : {"token", "object", "module-path", "pin-source"}) {
        if (parts[needed].empty()) {
            refuse(std::string("names no ") + needed);
        }
    }
    const auto& pin = parts["pin-source"];
    if (!pin.starts_with(kFile) || pin.size() == kFile.size()) {
        throw UsageError("the token: its pin-source must be file:/PATH");
    }
    return {parts["token"], parts["object"], parts["module-path"], pin.substr(kFile.size())};
}

}  // namespace core::keys

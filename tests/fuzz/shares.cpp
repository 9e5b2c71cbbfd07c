// Two shares of the master key as people type them, a line each.
#include <algorithm>

#include "core/crypto/encoding.h"
#include "core/crypto/envelope.h"
#include "core/keys/share_text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/shares.h"

namespace {

namespace keys = core::keys;

std::string in_lower_case(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower;
}

std::optional<keys::Share> read(std::string_view text) {
    auto share = keys::parse_share(text);
    if (share) {
        const auto again = std::string(1, share->number) + "-" + core::crypto::hex_encode(share->part.reveal()) + "-" +
                           share->check_value;
        fuzz::promise(in_lower_case(again) == in_lower_case(text), "written again it is the same share");
    }
    return share;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    fuzz::Input input(data, size);
    const auto first_text = input.line();
    const auto second_text = input.line();
    const auto first = read(first_text);
    const auto second = read(second_text);
    if (!first || !second || !keys::are_of_one_key(*first, *second)) {
        return 0;
    }
    const auto key = keys::key_of(*first, *second);
    fuzz::promise(!key || core::crypto::key_check_value(*key) == first->check_value,
                  "a key has the check value that both shares say");
    const auto genuine = fuzz::genuine_shares();
    if (in_lower_case(first_text) == genuine.first) {
        fuzz::promise(key.has_value() == (second_text == genuine.second), "a share makes a key with its other alone");
    }
    return 0;
}

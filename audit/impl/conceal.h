// What else than card numbers in plain sight has no business in a text: encoded numbers, the rest of a magnetic stripe,
// verification codes, PINs, keys, tokens and passwords.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace audit::impl {

// A part of a text that must not stay in it.
struct Concealed {
    enum class Kind { card, track, code, secret, private_key };

    std::size_t begin;
    std::size_t end;
    Kind kind;
    std::string digits;  // of a card number, or of the one on the track; else empty
};

// In order of place, none over another.
std::vector<Concealed> find_concealed(std::string_view text);

// Values whose names say what they are: "pin": "1234", password=..., Authorization: Bearer ...
void find_named(std::string_view text, std::vector<Concealed>& found);

}  // namespace audit::impl

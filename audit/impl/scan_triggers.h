// The scanner's first stage: places in a text where a closer look may pay, found 64 bytes at a time.
//
// It may name places for nothing, but overlooks none of its kind. Of an ordinary log line it names none or one, so that
// what follows may take its time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace audit::impl {

enum class TriggerKind : std::uint8_t {
    piece,       // 13 to 19 digits with none beside them begin here
    group,       // what may be a separator, behind four digits and, if one character, before four
    singles,     // d-d-d-d: single digits with single separators
    pairs,       // dd-dd-dd-dd
    triples,     // ddd-ddd-ddd-ddd
    hex,         // 3d3d3d3d: digits' codes in hexadecimal
    base64,      // digits in base64: the quad of three digits begins here
    base64_mid,  // the same where no quad has three digits: a quad began one character before
    escape,      // % or backslash or &, before what may be a digit's code
    full_width,  // the first byte of a full-width digit in UTF-8
    scientific,  // E behind eight digits
    gzip,        // 1f 8b 08
    word,        // a word that secrets and verification codes come with
};

struct Trigger {
    std::size_t at;
    TriggerKind kind;
};

// How many bytes behind the end of a text must be readable (zeros serve) for find_triggers().
constexpr std::size_t kReadBehind = 192;

// Which of the machine's instructions are used. `fastest` is found out once, when the program runs.
enum class Lanes { plain, avx2 };
Lanes fastest_lanes();

// Appends the triggers in [from, until) of `text`, nearly in order of place, and returns the number of line feeds
// there. Judges with the bytes around, which are those of `text` and kReadBehind more.
std::size_t find_triggers(std::string_view text, std::size_t from, std::size_t until, std::vector<Trigger>& out,
                          Lanes lanes);

}  // namespace audit::impl

// Forms, GBK and the strict encodings.
#include <set>

#include "core/crypto/encoding.h"
#include "core/text/encoding.h"
#include "tests/fuzz/fuzz.h"

namespace {

void check_form(std::string_view text) {
    const auto pairs = core::text::parse_form(text);
    if (!pairs) {
        return;
    }
    std::set<std::string_view> names;
    std::string written;
    for (const auto& [name, value] : *pairs) {
        fuzz::promise(names.insert(name).second, "no name is there twice");
        for (const std::string_view part : {std::string_view(name), std::string_view(value)}) {
            fuzz::promise(core::text::is_valid_utf8(part) && part.find('\0') == std::string_view::npos,
                          "names and values are UTF-8 without NUL");
        }
        written += (written.empty() ? "" : "&") + core::text::form_encode(name) + "=" + core::text::form_encode(value);
    }
    fuzz::promise(core::text::parse_form(written) == pairs, "what was read and written reads as the same");
}

void check_gbk(std::string_view text) {
    if (const auto utf8 = core::text::utf8_from_gbk(text)) {
        fuzz::promise(core::text::is_valid_utf8(*utf8), "GBK becomes UTF-8");
        const auto back = core::text::gbk_from_utf8(*utf8);
        fuzz::promise(back && core::text::utf8_from_gbk(*back) == utf8, "every character has a form in GBK");
    }
    const bool valid = core::text::is_valid_utf8(text);
    if (const auto gbk = core::text::gbk_from_utf8(text)) {
        fuzz::promise(valid && core::text::utf8_from_gbk(*gbk) == std::string(text), "UTF-8 comes back from GBK");
    } else {
        fuzz::promise(!valid, "all of UTF-8 can be written in GBK");
    }
}

void check_base64_and_hex(std::string_view text) {
    if (const auto bytes = core::crypto::base64_decode(text)) {
        fuzz::promise(core::crypto::base64_encode(*bytes) == text, "base64 has one spelling");
    }
    if (const auto bytes = core::crypto::hex_decode(text)) {
        fuzz::promise(
            bytes->size() * 2 == text.size() && core::crypto::hex_decode(core::crypto::hex_encode(*bytes)) == bytes,
            "hex comes back");
    }
    fuzz::promise(core::crypto::base64_decode(core::crypto::base64_encode(text)) == std::string(text) &&
                      core::crypto::hex_decode(core::crypto::hex_encode(text)) == std::string(text),
                  "any bytes can be written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    fuzz::Input input(data, size);
    switch (input.choice(3)) {
        case 0:
            check_form(input.rest());
            break;
        case 1:
            check_gbk(input.rest());
            break;
        default:
            check_base64_and_hex(input.rest());
    }
    return 0;
}

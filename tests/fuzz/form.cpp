#include "core/text/encoding.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto pairs = core::text::parse_form(text);
    const auto utf8 = core::text::utf8_from_gbk(text);
    if (utf8 && !core::text::is_valid_utf8(*utf8)) {
        __builtin_trap();
    }
    return pairs && pairs->size() > size ? 1 : 0;
}

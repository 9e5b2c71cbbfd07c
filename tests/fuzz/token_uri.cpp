// A token's URI, as secrets.master_key has it behind "pkcs11:".
#include "core/keys/token_uri.h"

#include "core/failure.h"
#include "tests/fuzz/fuzz.h"

namespace {

std::string encoded(const std::string& text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string all;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        all += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string uri(reinterpret_cast<const char*>(data), size);
    try {
        const auto named = core::keys::parse_token_uri(uri);
        for (const auto* part : {&named.token, &named.object, &named.module_path, &named.pin_file}) {
            fuzz::promise(!part->empty() && part->find('\0') == std::string::npos, "each part is named, whole");
        }
        const auto again = core::keys::parse_token_uri(
            "pin-source=" + encoded("file:" + named.pin_file) + "&module-path=" + encoded(named.module_path) +
            ";object=" + encoded(named.object) + ";token=" + encoded(named.token));
        fuzz::promise(again.token == named.token && again.object == named.object &&
                          again.module_path == named.module_path && again.pin_file == named.pin_file,
                      "written again, in another order, it names the same");
    } catch (const core::UsageError& refused) {
        fuzz::promise(std::string_view(refused.what()).starts_with("the token: its "), "what is wrong is named");
    }
    return 0;
}

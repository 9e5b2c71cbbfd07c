#include "audit/redact.h"
#include "tests/fuzz/fuzz.h"

namespace {

// Digits in one piece, without any beside it, that are a card number: none is left.
void check_no_card_left(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && text[end] >= '0' && text[end] <= '9') {
            ++end;
        }
        const auto piece = text.substr(at, end - at);
        if (piece.size() >= 13 && piece.size() <= 19) {
            fuzz::promise(!(audit::looks_like_card(piece) && audit::passes_luhn(piece)), "no card number is left");
        }
        at = end + 1;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const audit::Redactor redactor{core::KeyBytes(std::string(32, 'k'))};
    const fuzz::Input input(data, size);
    const auto once = redactor.redact(input.rest());
    fuzz::promise(redactor.redact(once) == once, "redacting twice changes nothing");
    check_no_card_left(once);
    const auto masked = audit::masked_card(input.rest());
    fuzz::promise(masked.size() == input.rest().size(), "a masked number is as long as the number");
    return 0;
}

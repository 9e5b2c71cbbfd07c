// What the independent verifier reads: published seals and closes.
#include "audit/verifier/published.h"

#include "audit/verifier/digest.h"
#include "tests/fuzz/fuzz.h"

namespace {

using verifier::numbers_in;

void check_numbers(const std::vector<std::int64_t>& numbers) {
    std::string written = "{";
    for (const auto number : numbers) {
        written += std::to_string(number) + ",";
    }
    fuzz::promise(numbers_in(written + "}") == numbers, "numbers that are written are read again");
}

void check_bytes(const std::string& bytes) {
    fuzz::promise(verifier::from_hex(verifier::to_hex(bytes)) == bytes, "bytes that are written are read again");
}

void check_seal(const std::string& text) {
    const auto seal = verifier::seal_in(text, "shop");
    if (!seal) {
        return;
    }
    check_numbers(seal->entries);
    check_bytes(seal->leaves);
    check_bytes(seal->previous + seal->digest + seal->signature);
    fuzz::promise(verifier::seal_in(text, "shop") == seal, "the same text says the same");
    fuzz::promise(!verifier::seal_in(text, "another"), "a seal is of one tenant");
}

void check_close(const std::string& text) {
    const auto close = verifier::close_in(text, "shop");
    if (!close) {
        return;
    }
    check_bytes(close->entries_digest + close->trial_balance + close->digest);
    fuzz::promise(!verifier::close_in(text, "another"), "a close is of one tenant");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    fuzz::Input input(data, size);
    const auto variant = input.choice(3);
    const std::string text(input.rest());
    if (variant == 0) {
        check_seal(text);
    } else if (variant == 1) {
        check_close(text);
    } else {
        check_numbers(numbers_in(text));
        check_bytes(verifier::from_hex(text));
    }
    return 0;
}

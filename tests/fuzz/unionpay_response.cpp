// What UnionPay answers to requests: fields without any encoding, and the packed settlement file among them.
#include "core/archive.h"
#include "core/crypto/encoding.h"
#include "payments/channels/unionpay/file_content.h"
#include "payments/channels/unionpay/message.h"
#include "tests/fuzz/fuzz_channel.h"

namespace {

namespace unionpay = payments::unionpay;

void check_response(std::string_view text) {
    const auto fields = unionpay::fields_from_response(text);
    if (!fields) {
        return;
    }
    fuzz::promise(core::text::is_valid_utf8(text), "fields are UTF-8");
    std::string written;
    for (const auto& [name, value] : *fields) {
        fuzz::promise(!name.empty(), "a field has a name");
        written += (written.empty() ? "" : "&") + name + "=" + value;
        const auto told = unionpay::value_of(*fields, name);
        fuzz::promise(value.empty() ? !told : told == value, "an empty field counts as absent");
    }
    fuzz::promise(unionpay::fields_from_response(written) == fields, "fields that were written read as the same");
    fuzz::promise(
        unionpay::has_empty_value(*fields) ||
            unionpay::string_to_sign(*fields) == unionpay::string_to_sign(*fields, unionpay::EmptyValues::dropped),
        "without empty fields there is one text to sign");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    constexpr std::size_t kBytesMax = 1U << 20U;
    fuzz::Input input(data, size);
    switch (input.choice(3)) {
        case 0:
            check_response(input.rest());
            break;
        case 1:
            if (const auto bytes = unionpay::decode_file_content(input.rest(), kBytesMax)) {
                fuzz::promise(bytes->size() <= kBytesMax, "no more bytes than allowed");
            }
            break;
        default:
            const auto packed = core::crypto::base64_encode(core::zlib_deflate(input.rest()));
            const auto bytes = unionpay::decode_file_content(packed, kBytesMax);
            fuzz::promise(bytes && *bytes == input.rest(), "a file that was packed comes back");
    }
    return 0;
}

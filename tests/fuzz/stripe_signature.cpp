// The Stripe-Signature header. "$" and "%" in an input stand for the right signature under one of two secrets, "@" for
// the time.
#include <algorithm>
#include <string>

#include "payments/channels/stripe/signature.h"
#include "tests/fuzz/fuzz_channel.h"

namespace {

namespace stripe = payments::stripe;

constexpr std::string_view kBody = R"({"id":"evt_1"})";

std::vector<core::KeyBytes> secrets() {
    std::vector<core::KeyBytes> made;
    made.emplace_back("whsec_first");
    made.emplace_back("whsec_second");
    return made;
}

std::string right_signature(std::size_t secret) {
    const auto header = stripe::signature_header(kBody, secrets().at(secret), fuzz::kNow);
    return header.substr(header.find("v1=") + 3);
}

std::string replaced(std::string_view text) {
    static const std::string first = right_signature(0);
    static const std::string second = right_signature(1);
    static const std::string time = std::to_string(fuzz::kNow.time_since_epoch().count() / 1000);
    std::string out;
    for (const char c : text) {
        out += c == '$' ? first : c == '%' ? second : c == '@' ? time : std::string(1, c);
    }
    return out;
}

// The elements of a header that reads, by a way of our own.
struct Read {
    bool formed = true;
    std::vector<std::string> times;
    std::vector<std::string> signatures;
};

Read taken_apart(std::string_view header) {
    Read read;
    read.formed = !header.empty() && header.size() <= 4096;
    std::string rest(header);
    rest += ',';
    for (std::string element; !rest.empty(); rest.erase(0, element.size() + 1)) {
        element = rest.substr(0, rest.find(','));
        const auto equals = element.find('=');
        read.formed = read.formed && std::count(element.begin(), element.end(), '=') == 1 && equals != 0;
        const auto name = element.substr(0, std::min(equals, element.size()));
        if (name == "t" && equals != std::string::npos) {
            read.times.push_back(element.substr(2));
        } else if (name == "v1" && equals != std::string::npos) {
            read.signatures.push_back(element.substr(3));
        }
    }
    return read;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const fuzz::Input input(data, size);
    const auto header = replaced(input.rest());
    const auto verified = stripe::verify_signature(header, kBody, secrets(), fuzz::kNow);
    const auto read = taken_apart(header);
    const bool formed = read.formed && read.times.size() == 1 && !read.signatures.empty();
    if (verified) {
        const auto time = replaced("@");
        const bool fits = std::any_of(read.signatures.begin(), read.signatures.end(), [](const auto& signature) {
            return signature == replaced("$") || signature == replaced("%");
        });
        fuzz::promise(formed && read.times.front() == time && fits, "only a right signature over the time is believed");
        fuzz::promise(!stripe::verify_signature(header, std::string(kBody) + " ", secrets(), fuzz::kNow),
                      "another body is not believed");
        fuzz::promise(!stripe::verify_signature(header, kBody, secrets(), fuzz::kNow + std::chrono::seconds(301)) &&
                          !stripe::verify_signature(header, kBody, secrets(), fuzz::kNow - std::chrono::seconds(301)),
                      "a stale one is not believed");
    } else if (!formed) {
        fuzz::promise(verified.error() == stripe::SignatureError::malformed, "what doesn't read is malformed");
    }
    return 0;
}

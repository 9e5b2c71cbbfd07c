// Stripe's webhooks: what anybody may send, and what the endpoint's secret has signed.
#include "payments/channels/stripe/signature.h"
#include "payments/channels/stripe/stripe.h"
#include "tests/fuzz/fuzz_channel.h"

namespace {

const std::string kSecret = "whsec_fuzzed";

payments::stripe::Options options() {
    payments::stripe::Options made;
    made.account = "acct_1fuzzed";
    made.webhook_secrets.emplace_back(kSecret);
    return made;
}

payments::CallbackRequest signed_request(std::string_view body) {
    payments::CallbackRequest request;
    request.headers = {
        {"Stripe-Signature", payments::stripe::signature_header(body, core::KeyBytes(kSecret), fuzz::kNow)}};
    request.body = body;
    request.received_at = fuzz::kNow;
    return request;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const auto channel = payments::stripe::make_channel(options(), fuzz::context());
    fuzz::Input input(data, size);
    if (input.choice(2) == 0) {
        fuzz::check_unsigned(channel->read_callback(fuzz::request_from(input)));
        return 0;
    }
    auto request = signed_request(input.rest());
    const auto reading = channel->read_callback(request);
    fuzz::check_reading(reading);
    fuzz::promise(reading || reading.error().kind == payments::CallbackRefusal::Kind::bad_content,
                  "what is signed is authentic");
    const auto again = channel->read_callback(request);
    fuzz::promise(
        !reading || (again && again->event_id == reading->event_id && again->transactions == reading->transactions),
        "a message told again says the same");
    request.body += ' ';
    fuzz::check_unsigned(channel->read_callback(request));
    return 0;
}

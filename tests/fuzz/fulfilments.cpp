// Files of fulfilments, CSV and JSON lines.
#include <chrono>

#include "audit/redact.h"
#include "core/failure.h"
#include "payments/release.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const audit::Redactor redactor{core::KeyBytes(std::string(32, 'k'))};
    static const core::Instant now{std::chrono::seconds(1'800'000'000)};
    const auto redact = [](std::string_view text) { return redactor.redact(text); };
    const fuzz::Input input(data, size);
    try {
        for (const auto& fulfilment : payments::read_fulfilments("fulfilments", input.rest(), now, redact)) {
            const auto& id = fulfilment.order.text();
            fuzz::promise(!id.empty() && redact(id) == id, "no card number in an order's number");
            fuzz::promise(fulfilment.at <= now && core::is_in_calendar(fulfilment.at), "a time that has come");
        }
    } catch (const core::InputError& error) {
        fuzz::promise(std::string_view(error.what()).starts_with("fulfilments"), "an error names the file");
        fuzz::promise(redact(error.what()) == error.what(), "no card number in an error");
    }
    return 0;
}

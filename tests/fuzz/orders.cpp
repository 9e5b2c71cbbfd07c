#include "audit/redact.h"
#include "core/failure.h"
#include "payments/order.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const config::TenantSettings tenant{
        core::TenantId("fuzz"), "fuzz", *core::Currency::from_code("CNY"), {}, {}};
    static const audit::Redactor redactor{core::KeyBytes(std::string(32, 'k'))};
    const auto redact = [](std::string_view text) { return redactor.redact(text); };
    const fuzz::Input input(data, size);
    try {
        for (const auto& order : payments::read_orders("orders", input.rest(), tenant, redact)) {
            fuzz::promise(order.amount.minor() > 0 && order.amount.minor() <= core::kMinorMax, "an amount above zero");
            fuzz::promise(!order.id.text().empty() && redact(order.id.text()) == order.id.text() &&
                              redact(order.description) == order.description,
                          "no card number in an order");
        }
    } catch (const core::InputError& error) {
        fuzz::promise(std::string_view(error.what()).starts_with("orders"), "an error names the file");
        fuzz::promise(redact(error.what()) == error.what(), "no card number in an error");
    }
    return 0;
}

#include "audit/redact.h"
#include "core/field_error.h"
#include "payments/order.h"
#include "tests/fuzz/fuzz.h"

namespace {

void expect_order(const payments::Order& order, const audit::Redactor& redactor) {
    fuzz::promise(order.amount.minor() > 0 && order.amount.minor() <= core::kMinorMax, "an amount above zero");
    fuzz::promise(!order.id.text().empty() && redactor.redact(order.id.text()) == order.id.text() &&
                      redactor.redact(order.description) == order.description,
                  "no card number in an order");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const config::TenantSettings tenant{
        core::TenantId("fuzz"), "fuzz", *core::Currency::from_code("CNY"), {}, {}};
    static const audit::Redactor redactor{core::KeyBytes(std::string(32, 'k'))};
    const auto redact = [](std::string_view text) { return redactor.redact(text); };
    const fuzz::Input input(data, size);
    try {
        for (const auto& order : payments::read_orders("orders", input.rest(), tenant, redact)) {
            expect_order(order, redactor);
        }
    } catch (const core::InputError& error) {
        fuzz::promise(std::string_view(error.what()).starts_with("orders"), "an error names the file");
        fuzz::promise(redact(error.what()) == error.what(), "no card number in an error");
    }
    // One as a request's body.
    try {
        expect_order(payments::read_order(input.rest(), tenant, {}, redact), redactor);
    } catch (const core::FieldError& error) {
        fuzz::promise(redact(error.what()) == error.what() && redact(error.field()) == error.field() &&
                          redact(error.complaint()) == error.complaint(),
                      "no card number in an error");
    }
    return 0;
}

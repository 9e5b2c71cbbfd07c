#include "core/failure.h"
#include "payments/order.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const config::TenantSettings tenant{
        core::TenantId("fuzz"), "fuzz", *core::Currency::from_code("CNY"), {}, {}};
    try {
        const auto orders = payments::read_orders("orders", {reinterpret_cast<const char*>(data), size}, tenant,
                                                  [](std::string_view text) { return std::string(text); });
        for (const auto& order : orders) {
            if (order.amount.minor() <= 0) {
                __builtin_trap();
            }
        }
    } catch (const core::InputError&) {
        return 0;
    }
    return 0;
}

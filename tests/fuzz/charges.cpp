// What customers used, as JSON lines; one as a request's body.
#include "audit/redact.h"
#include "core/failure.h"
#include "ledger/charge_file.h"
#include "ledger/pricing.h"
#include "tests/fuzz/fuzz.h"

namespace {

std::vector<ledger::ChargeInFile> read(std::string_view text, const std::vector<config::Plan>& plans,
                                       const std::function<std::string(std::string_view)>& redact) {
    const core::TenantId tenant("seller");
    if (text.starts_with("{") && text.find("source_key") == std::string_view::npos) {
        return {{1, ledger::read_charge(text, "charge-1", tenant, plans, {}, redact)}};
    }
    return ledger::read_charges("charges", text, tenant, plans, {}, redact);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const audit::Redactor redactor{core::KeyBytes(std::string(32, 'k'))};
    static const std::vector<config::Plan> plans = {
        {.name = "api",
         .currency = *core::Currency::from_code("CNY"),
         .prices = {{"call", 100, {{10, 40}, {std::nullopt, 15}}}, {"report", 1, {{std::nullopt, 250}}}}}};
    const auto redact = [](std::string_view text) { return redactor.redact(text); };
    const fuzz::Input input(data, size);
    try {
        for (const auto& [line, charge] : read(input.rest(), plans, redact)) {
            const auto& usage = charge.usage();
            fuzz::promise(line > 0 && !usage.source_key.empty(), "a charge has a key");
            fuzz::promise(redact(usage.source_key) == usage.source_key && redact(usage.customer) == usage.customer,
                          "no card number in a charge");
            const auto& price = charge.price();
            const auto whole = ledger::price_of(price, charge.plan().rounding, usage.quantity);
            const auto half = ledger::price_of(price, charge.plan().rounding, usage.quantity / 2);
            const auto rest = ledger::price_of_next(price, charge.plan().rounding, usage.quantity / 2,
                                                    usage.quantity - usage.quantity / 2);
            fuzz::promise(!whole || (half && rest && *half + *rest == *whole), "two parts cost what the whole costs");
            fuzz::promise(ledger::period_end(charge.plan(), charge.period()) > usage.at, "it lies in its period");
        }
    } catch (const core::InputError& error) {
        fuzz::promise(std::string_view(error.what()).starts_with("charge"), "an error names the file");
        fuzz::promise(redact(error.what()) == error.what(), "no card number in an error");
    }
    return 0;
}

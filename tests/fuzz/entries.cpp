// Entries that people write, as JSON lines.
#include "audit/redact.h"
#include "core/field_error.h"
#include "ledger/entry_file.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const audit::Redactor redactor{core::KeyBytes(std::string(32, 'k'))};
    const auto redact = [](std::string_view text) { return redactor.redact(text); };
    const fuzz::Input input(data, size);
    try {
        for (const auto& [line, entry] : ledger::read_entries("entries", input.rest(), {}, redact)) {
            ledger::Balances sums;
            for (const auto& leg : entry.legs()) {
                fuzz::promise(leg.amount.minor() != 0, "no leg of zero");
                sums.add(*ledger::Account::from_name("bank:all"), leg.amount);
            }
            fuzz::promise(entry.legs().size() >= 2 && sums.empty(), "an entry balances");
            fuzz::promise(line > 0 && entry.head().source_key.starts_with("manual:"), "it is entered by hand");
            fuzz::promise(redact(entry.head().source_key) == entry.head().source_key &&
                              redact(entry.head().description) == entry.head().description,
                          "no card number in an entry");
        }
    } catch (const core::InputError& error) {
        fuzz::promise(std::string_view(error.what()).starts_with("entries"), "an error names the file");
        fuzz::promise(redact(error.what()) == error.what(), "no card number in an error");
    }
    // One as a request's body.
    try {
        const auto entry = ledger::read_entry(input.rest(), "a-key", {}, redact);
        fuzz::promise(entry.head().source_key == "manual:a-key" && entry.legs().size() >= 2,
                      "under the key it is given");
    } catch (const core::FieldError& error) {
        fuzz::promise(redact(error.what()) == error.what() && redact(error.field()) == error.field() &&
                          redact(error.complaint()) == error.complaint(),
                      "no card number in an error");
    }
    return 0;
}

#include "ledger/charge_file.h"

#include <map>
#include <utility>

#include "core/failure.h"
#include "ledger/impl/json_lines.h"

namespace ledger {
namespace {

constexpr std::size_t kBytesMax = 128;

Charge charge_of(const JsonLine& line, std::string_view text, const core::TenantId& tenant,
                 const std::vector<config::Plan>& plans, core::Instant now) {
    const auto object = line.object(text);
    line.check_names(object, {"source_key", "customer", "plan", "event", "quantity", "at"});
    const auto event = object.find("event") == nullptr ? std::string("call") : line.text(object, "event", kBytesMax);
    // What is there and no whole number becomes 0, which is refused below.
    const auto quantity = object.find("quantity") == nullptr ? 1 : object.integer_at("quantity").value_or(0);
    const auto plan = line.text(object, "plan", kBytesMax);
    auto charge =
        Charge::make({tenant, line.redacted_text(object, "source_key", kBytesMax),
                      line.redacted_text(object, "customer", kBytesMax), event, quantity, line.time(object, "at", now)},
                     plans, plan);
    if (!charge) {
        line.refuse("", std::string(describe(charge.error())));
    }
    return *std::move(charge);
}

}  // namespace

std::vector<ChargeInFile> read_charges(const std::string& shown_name, std::string_view text,
                                       const core::TenantId& tenant, const std::vector<config::Plan>& plans,
                                       core::Instant now, const std::function<std::string(std::string_view)>& redact) {
    std::vector<ChargeInFile> charges;
    std::map<std::string, std::uint64_t> seen;
    for_each_line(shown_name, text, redact, [&](const JsonLine& line, std::string_view row) {
        charges.push_back({line.number(), charge_of(line, row, tenant, plans, now)});
        const auto [at, fresh] = seen.emplace(charges.back().charge.usage().source_key, line.number());
        if (!fresh) {
            line.refuse("source_key", "stands in line " + std::to_string(at->second) + " already");
        }
    });
    if (charges.empty()) {
        throw core::InputError(shown_name + ": has no charge; a line is one, as JSON");
    }
    return charges;
}

}  // namespace ledger

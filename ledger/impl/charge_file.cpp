#include "ledger/charge_file.h"

#include <map>
#include <optional>
#include <utility>

#include "core/failure.h"
#include "ledger/impl/json_lines.h"

namespace ledger {
namespace {

constexpr std::size_t kBytesMax = 128;

// "quantity: must be ...": the field, and what it must be.
[[noreturn]] void refuse(const JsonLine& line, UsageError error) {
    const auto text = describe(error);
    const auto colon = text.find(": ");
    core::ensure(colon != std::string_view::npos, "what is wrong with a usage names its field");
    line.refuse(std::string(text.substr(0, colon)), std::string(text.substr(colon + 2)));
}

// Under the key it says itself, or the one given, beside which it may say none.
Charge charge_of(const JsonLine& line, std::string_view text, const core::TenantId& tenant,
                 const std::vector<config::Plan>& plans, core::Instant now,
                 const std::optional<std::string>& given_key = std::nullopt) {
    const auto object = line.object(text);
    std::vector<std::string_view> names = {"customer", "plan", "event", "quantity", "at"};
    if (!given_key) {
        names.insert(names.begin(), "source_key");
    }
    line.check_names(object, names);
    const auto event = object.find("event") == nullptr ? std::string("call") : line.text(object, "event", kBytesMax);
    // What is there and no whole number becomes 0, which is refused below.
    const auto quantity = object.find("quantity") == nullptr ? 1 : object.integer_at("quantity").value_or(0);
    const auto plan = line.text(object, "plan", kBytesMax);
    auto charge =
        Charge::make({tenant, given_key ? *given_key : line.redacted_text(object, "source_key", kBytesMax),
                      line.redacted_text(object, "customer", kBytesMax), event, quantity, line.time(object, "at", now)},
                     plans, plan);
    if (!charge) {
        refuse(line, charge.error());
    }
    return *std::move(charge);
}

}  // namespace

Charge read_charge(std::string_view json, const std::string& source_key, const core::TenantId& tenant,
                   const std::vector<config::Plan>& plans, core::Instant now,
                   const std::function<std::string(std::string_view)>& redact) {
    const std::string name = "charge";
    return charge_of(JsonLine(name, 1, redact), json, tenant, plans, now, redact(source_key));
}

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

// What customers used, in a file of JSON lines:
//
//     {"source_key": "call-8812", "customer": "c-17", "plan": "api", "event": "call", "quantity": 3,
//      "at": "2026-11-30T09:00:00Z"}
//
// `event` is "call", `quantity` 1 and `at` now when left out.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/charges.h"

namespace ledger {

struct ChargeInFile {
    std::uint64_t line;  // from 1
    Charge charge;       // refers to one of the plans
};

// Throws core::InputError naming file, line, field and remedy. What a key or an error would quote goes through
// `redact`.
std::vector<ChargeInFile> read_charges(const std::string& shown_name, std::string_view text,
                                       const core::TenantId& tenant, const std::vector<config::Plan>& plans,
                                       core::Instant now, const std::function<std::string(std::string_view)>& redact);

// One charge as a JSON object without a source key, under the one given (redacted). Throws core::FieldError.
Charge read_charge(std::string_view json, const std::string& source_key, const core::TenantId& tenant,
                   const std::vector<config::Plan>& plans, core::Instant now,
                   const std::function<std::string(std::string_view)>& redact);

}  // namespace ledger

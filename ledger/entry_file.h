// Entries that people write: a file of JSON lines, each a whole entry.
//
//     {"source_key": "rent-2026-11", "business_date": "2026-11-30", "description": "office rent",
//      "legs": [{"account": "expense:rent", "currency": "CNY", "amount": 880000},
//               {"account": "bank:main", "currency": "CNY", "amount": -880000}]}
//
// Amounts are minor units, debit above zero, credit below; a leg may also say {"account", "amount": {"amount",
// "currency"}}. `occurred_at` (RFC 3339) may be given.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/entry.h"

namespace ledger {

struct EntryInFile {
    std::uint64_t line;  // from 1
    Entry entry;         // event "manual", source key "manual:KEY", of no group
};

// Throws core::InputError naming file, line, field and remedy. What a key, a description or an error would quote goes
// through `redact`. `now` is when an entry happened that doesn't say.
std::vector<EntryInFile> read_entries(const std::string& shown_name, std::string_view text, core::Instant now,
                                      const std::function<std::string(std::string_view)>& redact);

// One entry as a JSON object without a source key, under the one given. Throws core::FieldError.
Entry read_entry(std::string_view json, const std::string& source_key, core::Instant now,
                 const std::function<std::string(std::string_view)>& redact);

}  // namespace ledger

// Journal entries and accounts as the API and the commands show them.
#pragma once

#include <string>

#include "core/json/writer.h"
#include "ledger/journal.h"

namespace server::api {

// The number in a path. Throws Refusal (404) for what can be none.
core::EntryId entry_id(const std::string& text);
core::Money money_of(std::int64_t minor, const std::string& currency);
void write_entry(core::json::Writer& json, const ledger::StoredEntry& entry);

void write_account(core::json::Writer& json, const ledger::StoredAccount& account);

}  // namespace server::api

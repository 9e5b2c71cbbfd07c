// What the migrations say the database has, read out of their own text: it is built into the program, where nobody who
// changes the database can change it too.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/db/migrations.h"

namespace core::db {

struct SchemaTexts {
    // The bodies of a function of this name ("ledger.enter_legs"); empty for one that is written as an expression.
    std::map<std::string, std::set<std::string>> functions;
    // trigger_purpose() by table and name ("ledger.entries entries_immutable").
    std::map<std::string, std::string> triggers;
};

// "before row update delete execute ledger.refuse_change" of "create trigger ...", however that is written.
std::string trigger_purpose(const std::string& definition);

// As it is after all of them.
SchemaTexts schema_texts(const std::vector<Migration>& migrations);

}  // namespace core::db

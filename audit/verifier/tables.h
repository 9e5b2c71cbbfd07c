// What the database keeps beside entries, held against them.
#pragma once

#include "audit/verifier/entries.h"

namespace verifier {

void check_accounts(Snapshot& snapshot, const std::string& tenant, Findings& findings);
// Legs on pages and those that wait for them; balances; source keys; movements that are booked.
void check_tables(Snapshot& snapshot, const std::string& tenant, const Sums& sums, Findings& findings);

}  // namespace verifier

// What the database must refuse by itself: triggers, constraints, row-level security.
#pragma once

#include "audit/verifier/database.h"
#include "audit/verifier/findings.h"

namespace verifier {

// What this program knows by name, present and enabled.
void check_schema(Snapshot& snapshot, Findings& findings);

// In hex, over every trigger, constraint, policy, index and function of ours, with its text: whoever noted it on the
// day of installation knows whether anything of it was changed.
std::string schema_digest(Snapshot& snapshot);

}  // namespace verifier

// Payouts to parties, held against their steps and their entries.
#pragma once

#include "audit/verifier/database.h"
#include "audit/verifier/findings.h"

namespace verifier {

void check_payouts(Snapshot& snapshot, const std::string& tenant, Findings& findings);

}  // namespace verifier

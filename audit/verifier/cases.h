// The clearing accounts: what is open on them adds up to what stands there.
#pragma once

#include <string>

#include "audit/verifier/database.h"
#include "audit/verifier/findings.h"

namespace verifier {

void check_cases(Snapshot& snapshot, const std::string& tenant, Findings& findings);

}  // namespace verifier

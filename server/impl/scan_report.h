// What the scanner found, as people, programs and code-scanning services read it.
#pragma once

#include <string>

#include "audit/scan.h"

namespace server {

std::string scan_json(const audit::ScanReport& report);
// SARIF 2.1.0 (OASIS).
std::string scan_sarif(const audit::ScanReport& report);
std::string scan_text(const audit::ScanReport& report);

}  // namespace server

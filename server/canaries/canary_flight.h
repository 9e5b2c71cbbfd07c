// The paths that canaries are sent on.
#pragma once

#include <vector>

#include "server/canaries/canary_report.h"
#include "server/canaries/canary_stage.h"

namespace server {

// Orders, callbacks (good, forged, malformed), headers, URLs, the API, pages, files, names of files, commands, a crash.
// The service is down at the end.
std::vector<CanaryPath> fly(CanaryStage& stage, CanarySet& canaries);

}  // namespace server

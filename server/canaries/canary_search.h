// The places where a canary could have stayed.
#pragma once

#include <filesystem>
#include <vector>

#include "core/db/embedded.h"
#include "server/canaries/canary_report.h"

namespace server {

// Dumps the database, takes a backup, and then reads every byte of every place. `folder` is the stage's; `data` the
// cluster's own folder. Throws core::OutsideFailure when a place can't be made or read: what wasn't searched is not
// clean.
std::vector<CanaryPlace> search_places(const core::db::EmbeddedCluster& cluster, const std::filesystem::path& folder,
                                       const CanarySet& canaries);

// Plants every canary in every way in a file of its own, and says how many there are and how many the search finds.
struct CanaryControl {
    std::size_t planted;
    std::size_t found;
};
CanaryControl try_search(const std::filesystem::path& folder, const CanarySet& canaries);

}  // namespace server

// Reading and writing zip archives in memory. Nobody outside core includes this.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/archive.h"

namespace core::impl {

Result<std::vector<ArchiveMember>, ArchiveError> unzip(std::string_view bytes, const ArchiveLimits& limits);

}  // namespace core::impl

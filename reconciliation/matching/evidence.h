// Evidence of a row: all lines and entries that it rests on.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "reconciliation/discrepancy.h"
#include "reconciliation/record.h"

namespace reconciliation::matching {

// The channel's lines first, then the books' entries, each by file and then by line as numbers ("f:9" before "f:10").
// Where the channel has no line, its statement's files stand for the lines that are not in them.
std::vector<std::string> evidence_of(const std::vector<Record>& ledger, std::span<const std::uint32_t> ledger_repeats,
                                     const std::vector<Record>& channel, std::span<const std::uint32_t> channel_repeats,
                                     const std::vector<std::string>& statement_files);

// Where the lines among the evidence stand, in its order.
std::vector<EvidenceBytes> evidence_bytes_of(const std::vector<Record>& channel,
                                             std::span<const std::uint32_t> channel_repeats,
                                             const std::vector<std::string>& evidence);

}  // namespace reconciliation::matching

#include "reconciliation/matching/evidence.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

namespace reconciliation::matching {

namespace {

// "FILE:LINE" in its two parts; without a number at the end, line 0.
std::pair<std::string_view, std::uint64_t> file_and_line(std::string_view evidence) {
    const auto colon = evidence.rfind(':');
    if (colon == std::string_view::npos) {
        return {evidence, 0};
    }
    std::uint64_t line = 0;
    const char* end = evidence.data() + evidence.size();
    const auto read = std::from_chars(evidence.data() + colon + 1, end, line);
    if (read.ec != std::errc{} || read.ptr != end) {
        return {evidence, 0};
    }
    return {evidence.substr(0, colon), line};
}

std::vector<std::string> lines_of(const std::vector<Record>& records, std::span<const std::uint32_t> repeats) {
    std::vector<std::string> lines;
    for (const std::uint32_t index : repeats) {
        if (!records[index].evidence.empty()) {
            lines.push_back(records[index].evidence);
        }
    }
    std::sort(lines.begin(), lines.end(), [](const std::string& a, const std::string& b) {
        return std::tuple(file_and_line(a), std::string_view(a)) < std::tuple(file_and_line(b), std::string_view(b));
    });
    lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    return lines;
}

}  // namespace

std::vector<std::string> evidence_of(const std::vector<Record>& ledger, std::span<const std::uint32_t> ledger_repeats,
                                     const std::vector<Record>& channel, std::span<const std::uint32_t> channel_repeats,
                                     const std::vector<std::string>& statement_files) {
    std::vector<std::string> evidence = lines_of(channel, channel_repeats);
    if (channel_repeats.empty()) {
        evidence = statement_files;
        std::sort(evidence.begin(), evidence.end());
    }
    const auto entries = lines_of(ledger, ledger_repeats);
    evidence.insert(evidence.end(), entries.begin(), entries.end());
    return evidence;
}

std::vector<EvidenceBytes> evidence_bytes_of(const std::vector<Record>& channel,
                                             std::span<const std::uint32_t> channel_repeats,
                                             const std::vector<std::string>& evidence) {
    std::map<std::string_view, const Record*> lines;
    for (const std::uint32_t index : channel_repeats) {
        if (channel[index].bytes > 0) {
            lines.emplace(channel[index].evidence, &channel[index]);
        }
    }
    std::vector<EvidenceBytes> ranges;
    for (const auto& place : evidence) {
        if (const auto line = lines.find(place); line != lines.end()) {
            ranges.push_back({place, line->second->begin, line->second->bytes});
        }
    }
    return ranges;
}

}  // namespace reconciliation::matching

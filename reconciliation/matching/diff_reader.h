// Reading one side of `diff`: a CSV file to records.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reconciliation/diff.h"
#include "reconciliation/matching/diff_layout.h"
#include "reconciliation/record.h"

namespace reconciliation::matching {

// Counts what the inputs hold of the memory that was allowed.
class MemoryMeter {
public:
    explicit MemoryMeter(std::optional<std::uint64_t> bytes_max) : bytes_max_(bytes_max) {}

    // Throws UsageError naming --memory and the file whose reading went over it.
    void take(std::uint64_t bytes, const std::string& file);
    void give_back(std::uint64_t bytes) { used_ -= bytes; }

private:
    std::optional<std::uint64_t> bytes_max_;
    std::uint64_t used_ = 0;
};

struct SideInput {
    DiffSide told;
    std::vector<Record> records;  // amounts in minor units with the currency's own exponent, signs as in the file
    bool has_negative_refunds = false;
    bool has_positive_refunds = false;
};

// `shown_name` is what messages and evidence call the file.
SideInput read_side(const std::filesystem::path& path, const std::string& shown_name, const SideMapping& mapping,
                    DiffUnits units, const std::function<std::string(std::string_view)>& redact, MemoryMeter& meter);

// An instant as files write it: RFC 3339, "YYYY-MM-DD hh:mm:ss" or "YYYY/MM/DD hh:mm:ss" or "YYYYMMDDhhmmss" in
// `zone`, a day alone (its beginning), or whole seconds since 1970 (10 digits). Nothing for anything else.
std::optional<core::Instant> instant_from_text(std::string_view text, const std::string& zone);

}  // namespace reconciliation::matching

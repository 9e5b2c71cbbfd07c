// One side of `diff`: its file, how it is laid out, and what its rows add up to.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "reconciliation/diff.h"
#include "reconciliation/engine/fingerprint.h"
#include "reconciliation/engine/partitions.h"
#include "reconciliation/matching/diff_row.h"
#include "reconciliation/matching/diff_source.h"

namespace reconciliation::matching {

__extension__ using Int128 = __int128;

// What is compared of two files, and by which name: decided by their headers before a row is read.
struct Comparison {
    // The engine may cancel by the channel's id where both files have it, by the order's number where one hasn't; not
    // where refunds have numbers of their own without the channel's id, since those are looked for first.
    enum class Name { channel_txn_id, merchant_order_id, none };
    Name name = Name::none;
    bool currency = false;
    bool fee = false;
    bool status = false;
};

// Sums over rows; those of several threads are added up.
struct DiffSums {
    std::uint64_t count = 0;
    std::map<std::pair<payments::TransactionType, std::string>, Int128> amounts;
    std::map<std::string, Int128> fees;
    std::uint64_t names = 0;   // of the fingerprints, modulo 2^64: the same in any order
    std::uint64_t wholes = 0;  // likewise
    bool has_negative_refunds = false;
    bool has_positive_refunds = false;

    void add(const Record& record);
    void add(const DiffSums& others);
};

class DiffFile {
public:
    DiffFile(const std::filesystem::path& path, const std::string& shown_name, const SideMapping& mapping,
             DiffUnits units, const Redact& redact, const std::filesystem::path& folder,
             std::function<void(std::uint64_t)> progress);

    DiffSource& source() { return source_; }
    const DiffSource& source() const { return source_; }
    const SideMapping& mapping() const { return mapping_; }
    const Layout& layout() const { return layout_; }
    const Redact& redact() const { return redact_; }
    DiffUnits units() const { return units_; }
    RowReader reader() const { return {mapping_, layout_, redact_, source_.name(), units_}; }
    // Does it say anything of the field?
    bool has(DiffField field) const;

    // Reads the row that begins at each of these places, which are sorted; one record each, in their order.
    std::vector<Record> records_at(const std::vector<std::uint64_t>& places) const;
    // Reads a part the exact way, for the InputError it is refused with.
    void refuse(std::size_t part) const;

    // What people are told, when all of it was read.
    DiffSide told(const DiffSums& sums);

private:
    const SideMapping& mapping_;
    const Redact& redact_;
    DiffUnits units_;
    DiffSource source_;
    Layout layout_;
};

}  // namespace reconciliation::matching

#include "reconciliation/diff.h"

#include <utility>

#include "core/failure.h"
#include "reconciliation/match.h"
#include "reconciliation/matching/diff_layout.h"
#include "reconciliation/matching/diff_reader.h"

namespace reconciliation {

namespace {

using matching::DiffMapping;
using matching::MemoryMeter;
using matching::SideInput;
using matching::SideMapping;
using payments::TransactionType;

DiffUnits units_of(const DiffOptions& options, const SideMapping& mapping, const std::string& side) {
    if (options.units && mapping.units && *options.units != *mapping.units) {
        throw core::UsageError("--units: the mapping says \"" + std::string(name_of(*mapping.units)) + "\" for " +
                               side + "; leave one of the two out");
    }
    return mapping.units.value_or(options.units.value_or(DiffUnits::minor));
}

bool has_currency(const DiffSide& side) {
    for (const DiffColumn& column : side.columns) {
        if (column.field == "currency") {
            return column.source != DiffColumn::Source::absent;
        }
    }
    return true;  // an empty file has nothing to be converted
}

// Minor and major units can only be held against each other where the number of decimals is known.
void check_units(const DiffSide& left, const DiffSide& right) {
    if (left.units == right.units) {
        return;
    }
    for (const DiffSide* side : {&left, &right}) {
        if (!has_currency(*side)) {
            throw core::InputError(side->file +
                                   ":1: currency: is needed where one file has minor units and the other major ones; "
                                   "name its column, or a constant, in the mapping");
        }
    }
}

// Some files write refunds below zero, others above. Where the two differ, the one below zero is turned round.
void align_refunds(SideInput& left, SideInput& right) {
    for (auto [negative, positive] : {std::pair(&left, &right), std::pair(&right, &left)}) {
        const bool differs = negative->has_negative_refunds && !negative->has_positive_refunds &&
                             positive->has_positive_refunds && !positive->has_negative_refunds;
        if (!differs) {
            continue;
        }
        for (Record& record : negative->records) {
            if (record.type == TransactionType::refund) {
                record.amount = -record.amount;
            }
        }
        negative->told.notes.emplace_back(
            "refunds are below zero here and above zero in the other file: compared and shown above zero");
        return;
    }
}

// Two files of one name in different folders are told apart by the paths they were given with; evidence names lines,
// so it has to be clear of which file.
std::pair<std::string, std::string> shown_names(const DiffOptions& options) {
    std::string left = options.left.filename().string();
    std::string right = options.right.filename().string();
    if (left == right) {
        return {options.left.string(), options.right.string()};
    }
    return {std::move(left), std::move(right)};
}

// Minor units stand in the output as in the input, without a point.
void show_in_units_of(const DiffResult& result, Discrepancy& row) {
    if (result.left.units == DiffUnits::minor) {
        row.ledger_exponent = 0;
    }
    if (result.right.units == DiffUnits::minor) {
        row.channel_exponent = 0;
    }
    if (!row.occurred_at) {
        row.occurred_at = row.channel_occurred_at;
    }
}

}  // namespace

std::string_view name_of(DiffUnits units) { return units == DiffUnits::minor ? "minor" : "major"; }

std::optional<DiffUnits> diff_units_from(std::string_view name) {
    if (name == "minor") {
        return DiffUnits::minor;
    }
    if (name == "major") {
        return DiffUnits::major;
    }
    return std::nullopt;
}

std::string_view name_of(DiffColumn::Source source) {
    switch (source) {
        case DiffColumn::Source::mapping:
            return "mapping";
        case DiffColumn::Source::name:
            return "name";
        case DiffColumn::Source::guess:
            return "guess";
        case DiffColumn::Source::constant:
            return "constant";
        case DiffColumn::Source::absent:
            return "absent";
    }
    return "";
}

DiffResult diff(const DiffOptions& options) {
    core::ensure(static_cast<bool>(options.redact), "diff never reads identifiers without a redactor");
    const DiffMapping mapping = options.mapping ? matching::read_mapping(*options.mapping) : DiffMapping{};
    const DiffUnits left_units = units_of(options, mapping.left, "left");
    const DiffUnits right_units = units_of(options, mapping.right, "right");
    MemoryMeter meter(options.memory_bytes_max);
    const auto [left_name, right_name] = shown_names(options);
    SideInput left = matching::read_side(options.left, left_name, mapping.left, left_units, options.redact, meter);
    SideInput right = matching::read_side(options.right, right_name, mapping.right, right_units, options.redact, meter);
    check_units(left.told, right.told);
    align_refunds(left, right);

    MatchOptions match_options;
    match_options.statement_files = {right.told.file};
    match_options.timing = false;
    match_options.compare_status_words = true;
    MatchResult matched = match(left.records, right.records, match_options);

    DiffResult result;
    result.left = std::move(left.told);
    result.right = std::move(right.told);
    result.discrepancies = std::move(matched.discrepancies);
    result.paired = matched.paired;
    result.matched = matched.matched;
    result.digest = std::move(matched.digest);
    for (Discrepancy& row : result.discrepancies) {
        show_in_units_of(result, row);
    }
    return result;
}

std::map<DiscrepancyKind, std::uint64_t> count_kinds(const DiffResult& result) {
    std::map<DiscrepancyKind, std::uint64_t> kinds;
    for (const Discrepancy& row : result.discrepancies) {
        ++kinds[row.kind];
    }
    return kinds;
}

}  // namespace reconciliation

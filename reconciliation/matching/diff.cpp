#include "reconciliation/diff.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <mutex>
#include <utility>

#include "core/crypto/digest.h"
#include "core/failure.h"
#include "core/memory.h"
#include "reconciliation/match.h"
#include "reconciliation/matching/diff_layout.h"
#include "reconciliation/matching/diff_side.h"
#include "reconciliation/matching/diff_stream.h"

namespace reconciliation {

namespace {

using matching::Comparison;
using matching::DiffField;
using matching::DiffFile;
using matching::DiffMapping;
using matching::DiffSums;
using matching::SideMapping;
using payments::TransactionType;

constexpr std::uint64_t kMemoryMin = std::uint64_t{128} << 20U;

DiffUnits units_of(const DiffOptions& options, const SideMapping& mapping, const std::string& side) {
    if (options.units && mapping.units && *options.units != *mapping.units) {
        throw core::UsageError("--units: the mapping says \"" + std::string(name_of(*mapping.units)) + "\" for " +
                               side + "; leave one of the two out");
    }
    return mapping.units.value_or(options.units.value_or(DiffUnits::minor));
}

// How far the two files are read, for whoever waits.
class Progress {
public:
    explicit Progress(const std::function<void(std::uint64_t, std::uint64_t)>& tell) : tell_(tell) {}

    void expect(std::uint64_t bytes) { expected_ = bytes; }
    std::function<void(std::uint64_t)> counter() {
        return [this](std::uint64_t bytes) {
            const std::lock_guard lock(mutex_);
            done_ += bytes;
            if (tell_) {
                tell_(std::min(done_, expected_), expected_);
            }
        };
    }

private:
    const std::function<void(std::uint64_t, std::uint64_t)>& tell_;
    std::mutex mutex_;
    std::uint64_t done_ = 0;
    std::uint64_t expected_ = 0;
};

// What of one side is left to be looked at closely.
struct MatchSide {
    DiffSide told;
    DiffSums sums;
    std::vector<Record> records;
};

// Rows that differ are all held in memory, with what is told of them.
void check_memory(const matching::Scanned& scanned, std::uint64_t memory_max) {
    constexpr std::uint64_t kRecordBytes = sizeof(Record) + sizeof(Discrepancy) + 512;
    const std::uint64_t rows = scanned.leftovers.ledger.size() + scanned.leftovers.channel.size();
    const std::uint64_t needed = rows * kRecordBytes;
    if (needed > memory_max) {
        throw core::UsageError("--memory: " + std::to_string(rows) +
                               " rows differ or can't be told apart, which takes " +
                               std::to_string((needed >> 20U) + 1) +
                               "M; allow more, or see whether the right columns are compared (--mapping)");
    }
}

MatchSide match_side(DiffFile& file, const DiffSums& sums, const std::vector<std::uint64_t>& leftovers) {
    std::vector<std::uint64_t> places;
    places.reserve(leftovers.size());
    std::transform(leftovers.begin(), leftovers.end(), std::back_inserter(places), engine::Entry::place_of);
    return {file.told(sums), sums, file.records_at(places)};
}

// Equal for equal rows, however they came: the sums of all fingerprints, and what the close look has found.
std::string digest_of(const DiffSums& left, const DiffSums& right, const std::string& closely) {
    std::string text = "diff,";
    for (const DiffSums* sums : {&left, &right}) {
        for (const std::uint64_t number : {sums->count, sums->names, sums->wholes}) {
            text += std::to_string(number) + ",";
        }
    }
    return core::crypto::sha256_hex(text + closely);
}

// Minor and major units can only be held against each other where the number of decimals is known.
void check_units(const DiffFile& left, const DiffFile& right) {
    if (left.units() == right.units()) {
        return;
    }
    for (const DiffFile* file : {&left, &right}) {
        if (file->source().header() && !file->has(DiffField::currency)) {
            throw core::InputError(file->source().name() +
                                   ":1: currency: is needed where one file has minor units and the other major ones; "
                                   "name its column, or a constant, in the mapping");
        }
    }
}

Comparison comparison_of(const DiffFile& left, const DiffFile& right, bool looks_at_all) {
    const auto both = [&](DiffField field) { return left.has(field) && right.has(field); };
    Comparison comparison;
    const bool own_numbers = left.has(DiffField::own_order_id) || right.has(DiffField::own_order_id);
    if (looks_at_all) {
        comparison.name = Comparison::Name::none;
    } else if (both(DiffField::channel_txn_id)) {
        comparison.name = Comparison::Name::channel_txn_id;
    } else if (both(DiffField::merchant_order_id) && !own_numbers) {
        comparison.name = Comparison::Name::merchant_order_id;
    }
    comparison.currency = both(DiffField::currency);
    comparison.fee = both(DiffField::fee);
    comparison.status = both(DiffField::status);
    return comparison;
}

// What came through a pipe is gone with the process that read it.
void require_files(const DiffFile& left, const DiffFile& right) {
    for (const DiffFile* file : {&left, &right}) {
        if (file->source().is_pipe()) {
            throw core::UsageError("--resume: " + file->source().name() +
                                   " is a pipe, which can't be read again; write it to a file first");
        }
    }
}

// Some files write refunds below zero, others above. Where the two differ, the one below zero is turned round.
void align_refunds(MatchSide& left, MatchSide& right) {
    for (auto [negative, positive] : {std::pair(&left, &right), std::pair(&right, &left)}) {
        const bool differs = negative->sums.has_negative_refunds && !negative->sums.has_positive_refunds &&
                             positive->sums.has_positive_refunds && !positive->sums.has_negative_refunds;
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

std::vector<config::MatchRule> rules_of(const DiffOptions& options, const DiffMapping& mapping) {
    if (!options.rules.empty() && !mapping.rules.empty()) {
        throw core::UsageError("--rules: the mapping file has [[rule]] too; put all of them into one of the two files");
    }
    return config::rules_in_force(options.rules.empty() ? mapping.rules : options.rules, date::year{9999} / 12 / 31);
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
    const auto rules = rules_of(options, mapping);
    const DiffUnits left_units = units_of(options, mapping.left, "left");
    const DiffUnits right_units = units_of(options, mapping.right, "right");
    if (options.memory_bytes_max < kMemoryMin) {
        throw core::UsageError("--memory: must be 128M or more");
    }
    const auto [left_name, right_name] = shown_names(options);
    const std::filesystem::path folder = std::filesystem::temp_directory_path();
    Progress progress(options.progress);
    std::unique_ptr<matching::DiffResume> resume;
    if (options.kept != nullptr) {
        resume = std::make_unique<matching::DiffResume>(options);
    }
    const matching::Redact& redact = resume ? resume->redact() : options.redact;
    DiffFile left_file(options.left, left_name, mapping.left, left_units, redact, folder, progress.counter());
    DiffFile right_file(options.right, right_name, mapping.right, right_units, redact, folder, progress.counter());
    progress.expect(left_file.source().size() + right_file.source().size());
    check_units(left_file, right_file);

    const Comparison comparison = comparison_of(left_file, right_file, options.looks_at_all);
    if (resume) {
        require_files(left_file, right_file);
        resume->bind(comparison);
    }
    const matching::Scanned scanned = matching::scan_both(left_file, right_file, comparison, options, resume.get());
    core::give_back_memory();
    check_memory(scanned, options.memory_bytes_max);
    MatchSide left = match_side(left_file, scanned.left, scanned.leftovers.ledger);
    MatchSide right = match_side(right_file, scanned.right, scanned.leftovers.channel);
    align_refunds(left, right);

    MatchOptions match_options;
    match_options.statement_files = {right.told.file};
    match_options.timing = false;
    match_options.compare_status_words = true;
    match_options.rules = rules;
    MatchResult matched = match(left.records, right.records, match_options);

    DiffResult result;
    result.digest = digest_of(left.sums, right.sums, matched.digest);
    result.left = std::move(left.told);
    result.right = std::move(right.told);
    result.discrepancies = std::move(matched.discrepancies);
    result.paired = matched.paired + scanned.leftovers.cancelled;
    result.matched = matched.matched + scanned.leftovers.cancelled;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        result.matched_by_rule[rules[i].name] += matched.by_rule[i];
    }
    for (Discrepancy& row : result.discrepancies) {
        show_in_units_of(result, row);
    }
    // They go before anything is made of the result.
    left = right = {};
    matched = {};
    core::give_back_memory();
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

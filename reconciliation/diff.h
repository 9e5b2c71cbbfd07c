// diff: the matching engine alone, on two CSV files, with no database. Contract section 5, "Diff without a database".
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/match_rule.h"
#include "payments/transaction.h"
#include "reconciliation/discrepancy.h"
#include "reconciliation/review_list.h"

namespace reconciliation {

namespace engine {
class KeptFolder;
}

// Where a comparison keeps what it has done, so that the same one goes on there after a kill: both files read, and each
// partition done. Outlives the comparison; whoever made the folder removes it when the result is safe.
struct DiffKept {
    engine::KeptFolder& folder;
    std::string bound_to;  // what else it depends on: the program, rules given beside the mapping
    std::function<void(const std::string&)> tell;  // what was taken over, for people
};

// How a file writes amounts: whole minor units ("12345"), or major units with decimals ("123.45").
enum class DiffUnits { minor, major };
std::string_view name_of(DiffUnits units);
std::optional<DiffUnits> diff_units_from(std::string_view name);

inline constexpr std::uint64_t kDiffMemory = std::uint64_t{4} << 30U;

struct DiffOptions {
    std::filesystem::path left;                    // the books
    std::filesystem::path right;                   // the channel
    std::optional<std::filesystem::path> mapping;  // see kDiffMappingHelp
    std::optional<DiffUnits> units;                // of both files; default minor, or what the mapping says of each
    // How much memory to take, in bytes, 128 MiB at least; what doesn't fit goes to a file in $TMPDIR. Rows that differ
    // are all held, 1 to 2 KiB each with what is told of them: UsageError naming --memory when they don't fit.
    std::uint64_t memory_bytes_max = kDiffMemory;
    unsigned threads = 0;  // 0: as many as there are cores
    // Of files, not pipes (UsageError). The result is the same to the byte, whatever was taken over.
    const DiffKept* kept = nullptr;
    // Cancel nothing, look at every row closely: takes more time and memory, and finds the same. For tests; the digest
    // is another one.
    bool looks_at_all = false;
    // Called now and then, from one thread at a time, with the bytes of both files read so far and in all.
    std::function<void(std::uint64_t, std::uint64_t)> progress;
    // What may differ or add up, instead of the mapping's. Of what holds from day to day, what holds for good: there is
    // no day here. Nor has a row a business day, so a rule with a date window lets nothing pass.
    std::vector<config::MatchRule> rules{};
    // Replaces card numbers in identifiers and words, the same for the same number, since matching goes by what it
    // gives (contract section 5, "Card numbers in identifiers"). It leaves alone what audit::may_hold_card() says no
    // to, and is called from several threads. Required.
    std::function<std::string(std::string_view)> redact;
};

// What a mapping file holds, for `diff --help`.
extern const std::string_view kDiffMappingHelp;

// Where one field of a file came from.
struct DiffColumn {
    enum class Source {
        mapping,   // the mapping names the column
        name,      // the column has the field's own name
        guess,     // the column has a name that usually means the field
        constant,  // the mapping gives one value for every row
        absent,    // the file doesn't have it
    };
    std::string field;   // "channel_txn_id"
    std::string column;  // the column's name, or the constant; empty when absent
    Source source = Source::absent;
};
std::string_view name_of(DiffColumn::Source source);

struct DiffSide {
    std::string file;    // name without folders
    std::string sha256;  // of the file as it lies there
    DiffUnits units = DiffUnits::minor;
    std::vector<DiffColumn> columns;
    std::uint64_t count = 0;                                        // rows as listed, repeats included
    std::map<payments::TransactionType, AmountByCurrency> amounts;  // minor units, with the signs of the file
    AmountByCurrency fee;                                           // minor units
    std::vector<std::string> notes;  // what was understood otherwise than written, for people
};

struct DiffResult {
    DiffSide left;
    DiffSide right;
    // In the order of a review list. Amounts and fees stand in the units of their file: with minor units the exponent
    // is 0, so that they read as in the input. In minor units and major ones mixed, a difference is in the right's.
    std::vector<Discrepancy> discrepancies;
    std::uint64_t paired = 0;                              // distinct transactions on both sides
    std::map<std::string, std::uint64_t> matched_by_rule;  // of `matched`
    std::uint64_t matched = 0;                             // of those: nothing to say about them, a repeat apart
    std::string digest;                                    // the same for any order of the rows
};

// Throws InputError ("FILE:LINE: field: what; remedy", never quoting what stands there), UsageError for the mapping
// ("FILE: key: what") and the memory limit.
DiffResult diff(const DiffOptions& options);

std::map<DiscrepancyKind, std::uint64_t> count_kinds(const DiffResult& result);

// diff.csv: a byte-order mark, then review.csv's columns from discrepancy_id on without tenant, channel,
// business_date and age_days, then further ones.
std::string diff_csv(const DiffResult& result);
// Totals in minor units; "matched", "discrepancies" and the two sides' totals as in a review list's summary.json.
std::string diff_summary_json(const DiffResult& result);
std::string diff_html(const DiffResult& result);
// For the terminal: a line for each discrepancy and one with the figures.
std::string diff_table(const DiffResult& result);
// Publishes diff.csv, diff.html and summary.json together (core/files.h).
void write_diff(const std::filesystem::path& folder, const DiffResult& result);

}  // namespace reconciliation

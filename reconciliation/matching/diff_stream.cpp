#include "reconciliation/matching/diff_stream.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include "core/failure.h"
#include "reconciliation/engine/packed.h"
#include "reconciliation/engine/workers.h"
#include "reconciliation/matching/diff_scan.h"

namespace reconciliation::matching {

namespace {

// Parts, marks and tables of one thread; the program itself, and some rows that differ.
constexpr std::uint64_t kThreadBytes = std::uint64_t{14} << 20U;
constexpr std::uint64_t kProgramBytes = std::uint64_t{48} << 20U;
constexpr std::uint64_t kUsualRowBytes = 96;

// One side while it is read.
struct Reading {
    Reading(DiffFile& of, engine::Spread& spread, const Comparison& comparison) : file(of), partitions(spread) {
        // Rows of one id are one transaction, whatever orders they name.
        if (comparison.name == Comparison::Name::merchant_order_id && of.has(DiffField::channel_txn_id)) {
            ids.emplace(spread);
        }
    }

    DiffFile& file;
    engine::Partitions partitions;
    std::optional<engine::Partitions> ids;
    std::mutex mutex;
    DiffSums sums;
    std::vector<std::uint64_t> nameless;
    std::optional<std::size_t> refused;  // the first part that has a row which can't be read
};

ReadState::Side given_over(Reading& reading) {
    ReadState::Side side{reading.file.source().give_over(), reading.sums, reading.nameless, reading.partitions.keep(),
                         std::nullopt};
    if (reading.ids) {
        side.ids = reading.ids->keep();
    }
    return side;
}

void take_over(ReadState::Side& side, Reading& reading) {
    reading.sums = std::move(side.sums);
    reading.nameless = std::move(side.nameless);
    reading.partitions.take_over(side.entries);
    engine::Unpacker::require(side.ids.has_value() == reading.ids.has_value());
    if (reading.ids) {
        reading.ids->take_over(*side.ids);
    }
}

void read_parts(Reading& reading, const Comparison& comparison) {
    DiffSource& source = reading.file.source();
    DiffScan scan(reading.file, comparison, reading.partitions, reading.ids ? &*reading.ids : nullptr);
    Part part;
    while (source.next(part)) {
        if (!scan.scan(source, part)) {
            const std::lock_guard lock(reading.mutex);
            reading.refused = std::min(reading.refused.value_or(part.number), part.number);
            source.stop();
        }
    }
    scan.finish();
    const std::lock_guard lock(reading.mutex);
    reading.sums.add(scan.sums());
    reading.nameless.insert(reading.nameless.end(), scan.nameless().begin(), scan.nameless().end());
}

void add_nameless(const std::vector<std::uint64_t>& nameless, std::vector<std::uint64_t>& leftovers) {
    if (!nameless.empty()) {
        leftovers.insert(leftovers.end(), nameless.begin(), nameless.end());
        std::sort(leftovers.begin(), leftovers.end());
    }
}

bool is_mixed(const DiffSums& sums) { return sums.has_negative_refunds && sums.has_positive_refunds; }

struct Workspace {
    unsigned threads;
    std::uint64_t memory;  // for entries
};

Workspace workspace_of(const DiffOptions& options, const DiffFile& left, const DiffFile& right) {
    const unsigned threads = options.threads == 0 ? engine::usual_workers() : options.threads;
    const std::uint64_t line_ends =
        (left.source().size() + right.source().size()) / LineEnds::kPage * sizeof(LineEnds::before_page.front());
    const std::uint64_t fixed = kProgramBytes + threads * kThreadBytes + line_ends;
    return {threads, options.memory_bytes_max - std::min(fixed, options.memory_bytes_max / 2)};
}

void read_both(Reading& ours, Reading& theirs, const Comparison& comparison, unsigned threads) {
    engine::run_workers(threads, [&](unsigned number) {
        // Each begins with another file and then helps with what is left of the other.
        read_parts(number % 2 == 0 ? ours : theirs, comparison);
        read_parts(number % 2 == 0 ? theirs : ours, comparison);
    });
    for (const Reading* reading : {&ours, &theirs}) {
        if (reading->refused) {
            reading->file.refuse(*reading->refused);
        }
    }
}

Scanned settle(Reading& ours, Reading& theirs, unsigned partitions, unsigned threads, DiffResume* resume) {
    using Pass = DiffResume::Pass;
    const auto pass = [&](Pass which) { return resume == nullptr ? nullptr : resume->pass(which); };
    Scanned scanned{ours.sums, theirs.sums, {}};
    engine::CancelOptions cancel;
    // Without signs of both kinds in one file, a refund's sign is that file's way of writing.
    cancel.marks_matter = is_mixed(ours.sums) || is_mixed(theirs.sums);
    if (ours.ids) {
        cancel.held_ledger = engine::repeated_places(*ours.ids, partitions, threads, pass(Pass::repeated_left));
    }
    if (theirs.ids) {
        cancel.held_channel = engine::repeated_places(*theirs.ids, partitions, threads, pass(Pass::repeated_right));
    }
    scanned.leftovers =
        engine::cancel_all(ours.partitions, theirs.partitions, partitions, threads, cancel, pass(Pass::cancelled));
    add_nameless(ours.nameless, scanned.leftovers.ledger);
    add_nameless(theirs.nameless, scanned.leftovers.channel);
    return scanned;
}

Scanned scan_once(DiffFile& left, DiffFile& right, const Comparison& comparison, const DiffOptions& options,
                  DiffResume* resume) {
    const auto [threads, memory] = workspace_of(options, left, right);
    engine::Spread spread((left.source().size() + right.source().size()) / 2 / kUsualRowBytes, memory, threads,
                          std::filesystem::temp_directory_path());
    if (resume != nullptr) {
        resume->begin(spread);
    }
    Reading ours(left, spread, comparison);
    Reading theirs(right, spread, comparison);
    read_both(ours, theirs, comparison, threads);
    if (resume != nullptr) {
        resume->keep({spread.shape(), given_over(ours), given_over(theirs)});
    }
    return settle(ours, theirs, spread.count(), threads, resume);
}

Scanned scan_on(ReadState& state, DiffFile& left, DiffFile& right, const Comparison& comparison,
                const DiffOptions& options, DiffResume& resume) {
    const auto [threads, memory] = workspace_of(options, left, right);
    const engine::KeptFolder& folder = options.kept->folder;
    engine::Spread spread(state.shape, memory, folder.entries(), folder.path());
    Reading ours(left, spread, comparison);
    Reading theirs(right, spread, comparison);
    take_over(state.left, ours);
    take_over(state.right, theirs);
    return settle(ours, theirs, spread.count(), threads, &resume);
}

}  // namespace

Scanned scan_both(DiffFile& left, DiffFile& right, const Comparison& comparison, const DiffOptions& options,
                  DiffResume* resume) {
    if (resume != nullptr) {
        if (auto state = resume->take_over(left, right)) {
            return scan_on(*state, left, right, comparison, options, *resume);
        }
    }
    while (true) {
        try {
            return scan_once(left, right, comparison, options, resume);
        } catch (const NotUtf8& found) {
            for (DiffFile* file : {&left, &right}) {
                if (&file->source() == found.source) {
                    file->source().transcode();
                } else {
                    file->source().begin();
                }
            }
        }
    }
}

}  // namespace reconciliation::matching

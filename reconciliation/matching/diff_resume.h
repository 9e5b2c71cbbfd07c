// Going on after a kill: what a scan of both files has done, kept in a folder and taken over from it.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reconciliation/engine/cancel.h"
#include "reconciliation/engine/kept_folder.h"
#include "reconciliation/matching/diff_side.h"

namespace reconciliation::matching {

// Both sides, read to the end.
struct ReadState {
    struct Side {
        DiffSource::Taken source;
        DiffSums sums;
        std::vector<std::uint64_t> nameless;
        std::vector<engine::Partitions::Kept> entries;
        std::optional<std::vector<engine::Partitions::Kept>> ids;
    };
    engine::Spread::Shape shape;
    Side left;
    Side right;
};

class DiffResume {
public:
    enum class Pass : std::uint32_t { repeated_left = 2, repeated_right = 3, cancelled = 4 };

    // The options outlive it, with what they point to.
    explicit DiffResume(const DiffOptions& options);
    // The options' redactor, for both files.
    const Redact& redact() const { return redact_; }
    void bind(const Comparison& comparison);
    ~DiffResume();

    // What the process before has read, once; nothing when it didn't come so far. Throws UsageError when its options
    // were others, or its files: the sources take over what belongs to them.
    std::optional<ReadState> take_over(DiffFile& left, DiffFile& right);
    // A file for entries, and nothing else kept.
    void begin(engine::Spread& spread);
    // Nothing when the redactor has replaced something since begin(): what stands for a card number is another text in
    // another process, and what could tell it there would tell the card number, too.
    void keep(const ReadState& state);
    // Nothing: nothing is kept.
    engine::KeptPass* pass(Pass which);

private:
    class JournalPass;

    std::string packed(const ReadState& state) const;
    ReadState unpacked(std::string_view bytes) const;
    void tell(const std::string& what) const;

    const DiffOptions& options_;
    engine::KeptFolder& folder_;
    std::string bound_to_;
    Redact redact_;
    std::atomic<bool> replaced_ = false;
    bool is_kept_ = false;
    std::map<Pass, std::unique_ptr<JournalPass>> passes_;
};

}  // namespace reconciliation::matching

#include "reconciliation/matching/diff_resume.h"

#include <algorithm>
#include <utility>

#include "core/crypto/digest.h"
#include "core/failure.h"
#include "core/files.h"
#include "reconciliation/engine/packed.h"
#include "reconciliation/engine/workers.h"

namespace reconciliation::matching {

namespace {

using engine::KeptFolder;
using engine::Leftovers;
using engine::Packer;
using engine::Unpacker;

constexpr std::uint32_t kRead = 1;  // the journal's first record; further ones are of a DiffResume::Pass
constexpr std::size_t kMappingBytesMax = 1U << 20U;

// Whatever of the options decides what is read and cancelled.
std::string bound_to(const DiffOptions& options, const Comparison& comparison) {
    Packer packer;
    packer.text(options.kept->bound_to);
    packer.text(options.mapping ? core::read_file(*options.mapping, kMappingBytesMax) : "");
    packer.number(options.units ? static_cast<int>(*options.units) : -1);
    packer.number(static_cast<int>(comparison.name));
    for (const bool compared : {comparison.currency, comparison.fee, comparison.status}) {
        packer.number(compared);
    }
    return core::crypto::sha256_hex(packer.take());
}

void pack(const DiffSums& sums, Packer& packer) {
    packer.number(sums.count);
    packer.number<std::uint64_t>(sums.amounts.size());
    for (const auto& [key, sum] : sums.amounts) {
        packer.number(key.first);
        packer.text(key.second);
        packer.number(sum);
    }
    packer.number<std::uint64_t>(sums.fees.size());
    for (const auto& [currency, sum] : sums.fees) {
        packer.text(currency);
        packer.number(sum);
    }
    packer.number(sums.names);
    packer.number(sums.wholes);
    packer.number<std::uint8_t>(sums.has_negative_refunds ? 1 : 0);
    packer.number<std::uint8_t>(sums.has_positive_refunds ? 1 : 0);
}

DiffSums unpack_sums(Unpacker& bytes) {
    DiffSums sums;
    sums.count = bytes.number<std::uint64_t>();
    for (auto left = bytes.number<std::uint64_t>(); left > 0; --left) {
        const auto type = bytes.number<payments::TransactionType>();
        std::string currency(bytes.text());
        sums.amounts[{type, std::move(currency)}] = bytes.number<Int128>();
    }
    for (auto left = bytes.number<std::uint64_t>(); left > 0; --left) {
        std::string currency(bytes.text());
        sums.fees[std::move(currency)] = bytes.number<Int128>();
    }
    sums.names = bytes.number<std::uint64_t>();
    sums.wholes = bytes.number<std::uint64_t>();
    sums.has_negative_refunds = bytes.number<std::uint8_t>() != 0;
    sums.has_positive_refunds = bytes.number<std::uint8_t>() != 0;
    return sums;
}

void pack(const ReadState::Side& side, Packer& packer) {
    packer.text(side.source.sha256);
    packer.number<std::uint8_t>(side.source.is_transcoded ? 1 : 0);
    packer.text(side.source.parts);
    pack(side.sums, packer);
    packer.numbers(side.nameless);
    packer.numbers(side.entries);
    packer.number<std::uint8_t>(side.ids ? 1 : 0);
    if (side.ids) {
        packer.numbers(*side.ids);
    }
}

ReadState::Side unpack_side(Unpacker& bytes) {
    ReadState::Side side;
    side.source.sha256 = bytes.text();
    side.source.is_transcoded = bytes.number<std::uint8_t>() != 0;
    side.source.parts = bytes.text();
    side.sums = unpack_sums(bytes);
    side.nameless = bytes.numbers<std::uint64_t>();
    side.entries = bytes.numbers<engine::Partitions::Kept>();
    if (bytes.number<std::uint8_t>() != 0) {
        side.ids = bytes.numbers<engine::Partitions::Kept>();
    }
    return side;
}

std::string packed_leftovers(const Leftovers& given) {
    Packer packer;
    packer.numbers(given.ledger);
    packer.numbers(given.channel);
    packer.number(given.cancelled);
    return packer.take();
}

Leftovers unpacked_leftovers(std::string_view bytes) {
    Unpacker from(bytes);
    Leftovers given;
    given.ledger = from.numbers<std::uint64_t>();
    given.channel = from.numbers<std::uint64_t>();
    given.cancelled = from.number<std::uint64_t>();
    from.end();
    return given;
}

}  // namespace

// What one pass over the partitions gave: before, from the journal; now, into it.
class DiffResume::JournalPass : public engine::KeptPass {
public:
    JournalPass(KeptFolder& folder, Pass which) : folder_(folder), which_(which) {}

    void take_over(std::uint32_t partition, Leftovers given) { before_[partition] = std::move(given); }
    std::size_t taken_over() const { return before_.size(); }
    const Leftovers* done_before(unsigned partition) const override {
        const auto found = before_.find(partition);
        return found == before_.end() ? nullptr : &found->second;
    }
    void done(unsigned partition, const Leftovers& given) override {
        folder_.add({static_cast<std::uint32_t>(which_), partition, packed_leftovers(given)});
    }

private:
    KeptFolder& folder_;
    Pass which_;
    std::map<std::uint32_t, Leftovers> before_;
};

DiffResume::DiffResume(const DiffOptions& options) : options_(options), folder_(options.kept->folder) {
    redact_ = [this](std::string_view text) {
        std::string shown = options_.redact(text);
        if (shown != text) {
            replaced_ = true;
        }
        return shown;
    };
    for (const Pass which : {Pass::repeated_left, Pass::repeated_right, Pass::cancelled}) {
        passes_[which] = std::make_unique<JournalPass>(folder_, which);
    }
}

DiffResume::~DiffResume() = default;

void DiffResume::bind(const Comparison& comparison) { bound_to_ = bound_to(options_, comparison); }

std::string DiffResume::packed(const ReadState& state) const {
    Packer packer;
    packer.text(bound_to_);
    packer.number(state.shape.bits);
    packer.number(state.shape.secret);
    pack(state.left, packer);
    pack(state.right, packer);
    return packer.take();
}

ReadState DiffResume::unpacked(std::string_view bytes) const {
    Unpacker from(bytes);
    if (from.text() != bound_to_) {
        throw core::UsageError("--resume: " + folder_.path().string() +
                               ": was begun with other options, another mapping, rules or program; run what it was "
                               "begun with, or remove the folder to begin anew");
    }
    ReadState state;
    state.shape.bits = from.number<std::uint32_t>();
    state.shape.secret = from.number<std::uint64_t>();
    state.left = unpack_side(from);
    state.right = unpack_side(from);
    from.end();
    return state;
}

std::optional<ReadState> DiffResume::take_over(DiffFile& left, DiffFile& right) {
    auto records = folder_.open_journal();
    if (records.empty()) {
        return std::nullopt;
    }
    Unpacker::require(records.front().kind == kRead);
    ReadState state = unpacked(records.front().bytes);
    Unpacker::require(state.shape.is_possible());
    engine::run_workers(2, [&](unsigned number) {
        DiffFile& file = number == 0 ? left : right;
        if (!file.source().take_over(number == 0 ? state.left.source : state.right.source)) {
            throw core::UsageError("--resume: " + folder_.path().string() + ": was begun when " + file.source().name() +
                                   " held something else; give the file it was begun with, or remove the folder to "
                                   "begin anew");
        }
    });
    for (std::size_t i = 1; i < records.size(); ++i) {
        const auto pass = passes_.find(static_cast<Pass>(records[i].kind));
        Unpacker::require(pass != passes_.end() && records[i].number >> state.shape.bits == 0);
        pass->second->take_over(records[i].number, unpacked_leftovers(records[i].bytes));
    }
    is_kept_ = true;
    tell("going on: " + std::to_string(state.left.sums.count) + " and " + std::to_string(state.right.sums.count) +
         " rows were read before, " + std::to_string(passes_.at(Pass::cancelled)->taken_over()) + " of " +
         std::to_string(1U << state.shape.bits) + " partitions done");
    return state;
}

void DiffResume::tell(const std::string& what) const {
    if (options_.kept->tell) {
        options_.kept->tell(folder_.path().string() + ": " + what);
    }
}

void DiffResume::begin(engine::Spread& spread) {
    folder_.forget();
    replaced_ = false;
    spread.keep_in(folder_.entries(), folder_.path());
}

void DiffResume::keep(const ReadState& state) {
    if (replaced_) {
        tell(
            "nothing is kept to go on from: the files hold card numbers, and what stands for them holds for this run "
            "alone");
        return;
    }
    folder_.begin_journal({kRead, 0, packed(state)});
    is_kept_ = true;
}

engine::KeptPass* DiffResume::pass(Pass which) { return is_kept_ ? passes_.at(which).get() : nullptr; }

}  // namespace reconciliation::matching

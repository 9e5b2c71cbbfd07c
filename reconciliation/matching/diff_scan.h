// Scanning: the parts of a file to fingerprints, as fast as its bytes come. What is not plain goes the exact way
// (RowReader), row by row, and gives the same.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconciliation/engine/fingerprint.h"
#include "reconciliation/engine/partitions.h"
#include "reconciliation/matching/diff_side.h"
#include "reconciliation/matching/marks.h"
#include "reconciliation/matching/memo.h"

namespace reconciliation::matching {

// What one thread has read of one side.
class DiffScan {
public:
    // All of them outlive it.
    // `ids`: entries by the channel's id, for a file that has it while rows are cancelled by order; else nullptr.
    DiffScan(const DiffFile& file, const Comparison& comparison, engine::Partitions& partitions,
             engine::Partitions* ids);

    // False: a row can't be read (DiffFile::refuse() says why). Throws NotUtf8.
    bool scan(DiffSource& source, const Part& part);
    void finish();

    const DiffSums& sums();
    // Places (Entry::at) of rows that have no name to cancel by.
    const std::vector<std::uint64_t>& nameless() const { return nameless_; }

private:
    using TransactionType = payments::TransactionType;
    static constexpr std::size_t kTypes = 16;

    struct Currency {
        std::string code;
        int exponent = 2;
        std::uint64_t unit = 0;
        std::array<Int128, kTypes> amounts{};
        std::array<std::uint64_t, kTypes> counts{};
        Int128 fees = 0;
        std::uint64_t fee_count = 0;
    };
    struct Cells;
    struct Source {
        static constexpr std::size_t kNoColumn = ~std::size_t{0};
        std::size_t column = kNoColumn;
        std::string_view constant;
    };

    bool scan_plain(DiffSource& source, const Part& part);
    bool scan_exactly(const Part& part, std::string_view text, std::size_t begin);
    bool scan_row(const Part& part, const Cells& cells);
    void add_record(const Record& record, std::uint64_t place);
    void flush();
    engine::Content& next_content() { return waiting_[waiting_count_].content; }
    // The row whose content is next_content().
    void enter(TransactionType type, std::string_view name, Currency& currency, std::uint64_t place);
    void enter_id(TransactionType type, std::string_view id, std::uint64_t place);
    std::string_view name_in(std::string_view cell);
    Currency* currency_of(std::string_view word);
    const TransactionType* type_of(std::string_view word);
    std::uint64_t state_of(std::string_view word, TransactionType type);
    std::uint64_t state_number(std::string_view shown, const std::optional<payments::TransactionStatus>& status) const;
    bool is_time(std::string_view text);

    const DiffFile& file_;
    const Comparison& comparison_;
    RowReader reader_;
    std::array<Source, kDiffFields> sources_;
    bool numbers_in_parts_ = true;
    engine::Fingerprints fingerprints_;
    engine::Partitions::Writer writer_;
    // Rows on their way to it, whose names stand in the part that is read.
    std::array<engine::Fingerprints::Named, engine::Fingerprints::kAtOnce> waiting_;
    std::array<std::uint64_t, engine::Fingerprints::kAtOnce> waiting_at_{};
    std::size_t waiting_count_ = 0;
    std::optional<engine::Partitions::Writer> ids_;
    DiffSums sums_;
    std::vector<std::uint64_t> nameless_;
    Marks marks_;
    std::vector<std::unique_ptr<Currency>> currencies_;
    Memo<Currency*> known_currencies_;
    Memo<TransactionType> known_types_;
    std::array<Memo<std::uint64_t, 16>, kTypes> known_states_;
    Memo<bool, 2048> known_times_;
    Memo<bool, 2048> known_times_utc_;
    std::string redacted_;
};

}  // namespace reconciliation::matching

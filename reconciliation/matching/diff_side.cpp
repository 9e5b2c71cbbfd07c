#include "reconciliation/matching/diff_side.h"

#include <algorithm>
#include <limits>

#include "core/failure.h"
#include "reconciliation/matching/marks.h"

namespace reconciliation::matching {

namespace {

// The rows of one part, the exact way.
class PartRows {
public:
    PartRows(const DiffFile& file, const Part& part, std::uint64_t first_line)
        : file_(file), first_line_(first_line), reader_(part.text(), file.source().separator(), kLimits) {}

    // The next row with its line in the file; nothing at the end.
    std::optional<core::text::CsvRow> next() {
        auto row = reader_.next();
        if (!row) {
            throw core::InputError(file_.source().name() + ":" + std::to_string(first_line_ + row.error().line - 1) +
                                   ": row: " + row.error().what + "; correct the row, or the separator in the mapping");
        }
        if (*row) {
            (*row)->line += first_line_ - 1;
        }
        return std::move(*row);
    }

private:
    static constexpr core::text::CsvReader::Limits kLimits{.skips_mark = false};

    const DiffFile& file_;
    std::uint64_t first_line_;
    core::text::CsvReader reader_;
};

// Reads the rows of one part that begin at `place` and after it; returns the first place behind the part.
using Places = std::vector<std::uint64_t>::const_iterator;
Places read_rows(const DiffFile& file, std::size_t number, std::uint64_t first_line, Places place, Places end,
                 std::vector<Record>& records) {
    const RowReader reader = file.reader();
    const std::uint64_t part_end = file.source().end_of(number);
    Part part;  // of the part, what holds the row
    std::uint64_t line = first_line;
    std::size_t counted = 0;
    for (; place != end && *place < part_end; ++place) {
        const bool is_there = part.offset + part.size == part_end ||
                              (*place < part.offset + part.size &&
                               part.text().find('\n', *place - part.offset) != std::string_view::npos);
        if (part.size == 0 || !is_there) {
            line = first_line + file.source().read_around(number, *place, part);
            counted = 0;
        }
        const std::size_t begin = *place - part.offset;
        line += count_line_ends(part.text().substr(counted, begin - counted));
        counted = begin;
        core::text::CsvReader row(part.text().substr(begin), file.source().separator(),
                                  core::text::CsvReader::Limits{.skips_mark = false});
        auto cells = row.next();
        core::ensure(cells && *cells, "a row that was read once can be read again");
        (*cells)->line = line;
        records.push_back(reader.read(**cells));
    }
    return place;
}

std::int64_t in_64_bits(const Int128& sum, const std::string& file, DiffField field) {
    if (sum > std::numeric_limits<std::int64_t>::max() || sum < std::numeric_limits<std::int64_t>::min()) {
        throw core::InputError(file + ": " + std::string(name_of(field)) +
                               ": the column's total is out of range; check the units");
    }
    return static_cast<std::int64_t>(sum);
}

}  // namespace

void DiffSums::add(const Record& record) {
    ++count;
    amounts[{record.type, record.currency}] += record.amount;
    if (record.fee) {
        fees[record.currency] += *record.fee;
    }
    if (record.type == payments::TransactionType::refund) {
        has_negative_refunds = has_negative_refunds || record.amount < 0;
        has_positive_refunds = has_positive_refunds || record.amount > 0;
    }
}

void DiffSums::add(const DiffSums& others) {
    count += others.count;
    for (const auto& [key, sum] : others.amounts) {
        amounts[key] += sum;
    }
    for (const auto& [currency, sum] : others.fees) {
        fees[currency] += sum;
    }
    names += others.names;
    wholes += others.wholes;
    has_negative_refunds = has_negative_refunds || others.has_negative_refunds;
    has_positive_refunds = has_positive_refunds || others.has_positive_refunds;
}

DiffFile::DiffFile(const std::filesystem::path& path, const std::string& shown_name, const SideMapping& mapping,
                   DiffUnits units, const Redact& redact, const std::filesystem::path& folder,
                   std::function<void(std::uint64_t)> progress)
    : mapping_(mapping),
      redact_(redact),
      units_(units),
      source_(path, shown_name, mapping.separator, folder, std::move(progress)) {
    if (const auto& header = source_.header()) {
        layout_ = find_columns(header->cells, mapping, source_.name(), header->line, redact);
    }
}

bool DiffFile::has(DiffField field) const {
    return layout_.columns[static_cast<std::size_t>(field)].has_value() || mapping_.constants.contains(field);
}

std::vector<Record> DiffFile::records_at(const std::vector<std::uint64_t>& places) const {
    std::vector<Record> records;
    records.reserve(places.size());
    auto place = places.begin();
    std::uint64_t first_line = source_.first_line_of(0);
    for (std::size_t number = 0; number < source_.parts() && place != places.end(); ++number) {
        place = read_rows(*this, number, first_line, place, places.end(), records);
        first_line += source_.line_ends_of(number);
    }
    core::ensure(place == places.end(), "each place is the beginning of a row");
    return records;
}

void DiffFile::refuse(std::size_t number) const {
    Part part;
    source_.read_again(number, part);
    PartRows rows(*this, part, source_.first_line_of(number));
    const RowReader reader = this->reader();
    while (const auto row = rows.next()) {
        reader.read(*row);
    }
    core::ensure(false, "a row that couldn't be read is refused for a reason");
}

DiffSide DiffFile::told(const DiffSums& sums) {
    DiffSide side;
    side.file = source_.name();
    side.sha256 = source_.sha256();
    side.units = units_;
    side.columns = layout_.told;
    side.count = sums.count;
    for (const auto& [key, sum] : sums.amounts) {
        side.amounts[key.first][key.second] = in_64_bits(sum, side.file, DiffField::amount);
    }
    for (const auto& [currency, sum] : sums.fees) {
        side.fee[currency] = in_64_bits(sum, side.file, DiffField::fee);
    }
    side.notes = source_.notes();
    return side;
}

}  // namespace reconciliation::matching

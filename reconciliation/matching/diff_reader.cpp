#include "reconciliation/matching/diff_reader.h"

#include <algorithm>

#include "core/crypto/digest.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/money.h"
#include "core/text/csv.h"
#include "core/text/encoding.h"
#include "reconciliation/matching/diff_words.h"

namespace reconciliation::matching {

namespace {

using payments::TransactionType;

// Per record, what the engine needs beside it: keys, arrangement, groups, pairs.
constexpr std::uint64_t kEngineBytesARecord = 96;
constexpr std::uint64_t kFileBytesMax = std::uint64_t{16} << 30U;

std::uint64_t heap_bytes(const std::string& text) {
    constexpr std::size_t kInPlace = 15;
    return text.capacity() > kInPlace ? text.capacity() + 1 : 0;
}

std::uint64_t heap_bytes(const Record& record) {
    return heap_bytes(record.channel_txn_id) + heap_bytes(record.merchant_order_id) + heap_bytes(record.own_order_id) +
           heap_bytes(record.currency) + heap_bytes(record.status_text) + heap_bytes(record.evidence);
}

// Spreadsheets' marks for "this is text" before a cell's value; channels write them too.
std::string_view bare(std::string_view cell) {
    std::string_view text = core::text::trimmed(cell);
    if (!text.empty() && (text.front() == '`' || text.front() == '\'')) {
        text = core::text::trimmed(text.substr(1));
    }
    return text;
}

class RowReader {
public:
    RowReader(const SideMapping& mapping, const Layout& layout,
              const std::function<std::string(std::string_view)>& redact, SideInput& side)
        : mapping_(mapping), layout_(layout), redact_(redact), side_(side) {}

    Record read(const core::text::CsvRow& row) {
        row_ = &row;
        if (row.cells.size() != layout_.width) {
            refuse("row", "has " + std::to_string(row.cells.size()) + " cells where the header has " +
                              std::to_string(layout_.width) + "; quote cells that hold the separator");
        }
        Record record;
        record.evidence = side_.told.file + ":" + std::to_string(row.line);
        record.position = row.line;
        read_names(record);
        read_money(record);
        read_state(record);
        add_up(record);
        return record;
    }

    [[noreturn]] void refuse(std::string_view field, const std::string& what) const {
        throw core::InputError(side_.told.file + ":" + std::to_string(row_->line) + ": " + std::string(field) + ": " +
                               what);
    }

private:
    [[noreturn]] void refuse(DiffField field, const std::string& what) const { refuse(name_of(field), what); }

    std::string_view text_of(DiffField field) const {
        const auto column = layout_.columns[static_cast<std::size_t>(field)];
        if (column) {
            return bare(row_->cells[*column]);
        }
        const auto constant = mapping_.constants.find(field);
        return constant == mapping_.constants.end() ? std::string_view() : std::string_view(constant->second);
    }

    void read_names(Record& record) const {
        record.channel_txn_id = redact_(text_of(DiffField::channel_txn_id));
        record.merchant_order_id = redact_(text_of(DiffField::merchant_order_id));
        record.own_order_id = redact_(text_of(DiffField::own_order_id));
        if (record.channel_txn_id.empty() && record.merchant_order_id.empty() && record.own_order_id.empty()) {
            refuse(DiffField::channel_txn_id, "is empty, and merchant_order_id too; a row needs one of them");
        }
        const std::string_view word = text_of(DiffField::type);
        if (word.empty() && !layout_.columns[static_cast<std::size_t>(DiffField::type)]) {
            return;  // a file without types is one of payments
        }
        const auto own = mapping_.types.find(normalised_word(word));
        const auto type = own != mapping_.types.end() ? std::optional(own->second) : type_from_word(word);
        if (!type) {
            refuse(DiffField::type, word.empty() ? "is empty; say payment, refund ..."
                                                 : "is a word that isn't known; translate it in the mapping's [types]");
        }
        record.type = *type;
    }

    std::int64_t minor_from(DiffField field, std::string_view text, int exponent) const {
        const bool major = side_.told.units == DiffUnits::major;
        const auto minor = major ? core::minor_from_decimal(text, exponent) : core::minor_from_integer(text);
        if (!minor) {
            refuse(field, std::string(core::describe(minor.error())) +
                              (major ? "; write it in major units such as 123.45"
                                     : "; write whole minor units, or say --units major"));
        }
        if (*minor > core::kMinorMax || *minor < -core::kMinorMax) {
            refuse(field, "is larger than any amount this product takes; check the units");
        }
        return *minor;
    }

    void read_money(Record& record) const {
        const std::string_view code = text_of(DiffField::currency);
        if (!code.empty()) {
            const auto currency = currency_from_word(code);
            if (!currency) {
                refuse(DiffField::currency, "is no currency; write its ISO code such as CNY");
            }
            record.currency = *currency;
        }
        record.exponent = display_exponent(record.currency);
        record.amount = minor_from(DiffField::amount, text_of(DiffField::amount), record.exponent);
        const std::string_view fee = text_of(DiffField::fee);
        if (!fee.empty()) {
            record.fee = minor_from(DiffField::fee, fee, record.exponent);
        }
    }

    void read_state(Record& record) const {
        const std::string_view word = text_of(DiffField::status);
        record.status_text = redact_(word);
        if (!word.empty()) {
            const auto own = mapping_.statuses.find(normalised_word(word));
            record.status =
                own != mapping_.statuses.end() ? std::optional(own->second) : status_from_word(word, record.type);
        }
        const std::string_view time = text_of(DiffField::occurred_at);
        if (!time.empty()) {
            record.occurred_at = instant_from_text(time, mapping_.time_zone);
            if (!record.occurred_at) {
                refuse(DiffField::occurred_at,
                       "is no time such as 2026-11-18T07:01:04Z or 2026-11-18 15:01:04; or take the column out with "
                       "occurred_at = \"\" in the mapping");
            }
        }
    }

    void add(AmountByCurrency& sums, const std::string& currency, std::int64_t minor, DiffField field) const {
        auto& sum = sums[currency];
        const auto next = core::checked_add(sum, minor);
        if (!next) {
            refuse(field, "takes the column's total out of range; check the units");
        }
        sum = *next;
    }

    void add_up(const Record& record) {
        ++side_.told.count;
        add(side_.told.amounts[record.type], record.currency, record.amount, DiffField::amount);
        if (record.fee) {
            add(side_.told.fee, record.currency, *record.fee, DiffField::fee);
        }
        if (record.type == TransactionType::refund) {
            side_.has_negative_refunds = side_.has_negative_refunds || record.amount < 0;
            side_.has_positive_refunds = side_.has_positive_refunds || record.amount > 0;
        }
    }

    const SideMapping& mapping_;
    const Layout& layout_;
    const std::function<std::string(std::string_view)>& redact_;
    SideInput& side_;
    const core::text::CsvRow* row_ = nullptr;
};

std::string utf8_text(std::string bytes, DiffSide& told) {
    if (core::text::is_valid_utf8(bytes)) {
        return bytes;
    }
    auto text = core::text::utf8_from_gbk(bytes);
    if (!text) {
        throw core::InputError(told.file + ":1: encoding: the file is neither UTF-8 nor GB18030; save it as UTF-8");
    }
    told.notes.emplace_back("read as GB18030, since it isn't UTF-8");
    return std::move(*text);
}

// The next row, or nothing at the end.
std::optional<core::text::CsvRow> next_row(core::text::CsvReader& reader, const std::string& file) {
    auto row = reader.next();
    if (!row) {
        throw core::InputError(file + ":" + std::to_string(row.error().line) + ": row: " + row.error().what +
                               "; correct the row, or the separator in the mapping");
    }
    return std::move(*row);
}

void read_rows(std::string_view text, const SideMapping& mapping,
               const std::function<std::string(std::string_view)>& redact, MemoryMeter& meter, SideInput& side) {
    const std::string& file = side.told.file;
    core::text::CsvReader reader(text, mapping.separator.value_or(guess_separator(text)));
    const auto header = next_row(reader, file);
    if (!header) {
        side.told.notes.emplace_back("is empty");
        return;
    }
    const Layout layout = find_columns(header->cells, mapping, file, header->line, redact);
    side.told.columns = layout.told;
    // Room for all rows at once: growing by and by would hold everything twice at times.
    const auto rows_max = static_cast<std::uint64_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }));
    meter.take((rows_max + 1) * (sizeof(Record) + kEngineBytesARecord), file);
    side.records.reserve(rows_max + 1);
    RowReader rows(mapping, layout, redact, side);
    while (const auto row = next_row(reader, file)) {
        side.records.push_back(rows.read(*row));
        meter.take(heap_bytes(side.records.back()), file);
    }
}

}  // namespace

void MemoryMeter::take(std::uint64_t bytes, const std::string& file) {
    used_ += bytes;
    if (bytes_max_ && used_ > *bytes_max_) {
        throw core::UsageError("--memory: the two files need more than the " + std::to_string(*bytes_max_) +
                               " bytes allowed (it was too little at " + file +
                               "); allow more, or split both files, by day say");
    }
}

SideInput read_side(const std::filesystem::path& path, const std::string& shown_name, const SideMapping& mapping,
                    DiffUnits units, const std::function<std::string(std::string_view)>& redact, MemoryMeter& meter) {
    SideInput side;
    side.told.file = shown_name;
    side.told.units = units;
    std::error_code unknown_size;
    const auto size = std::filesystem::file_size(path, unknown_size);
    if (!unknown_size) {
        meter.take(size, side.told.file);
    }
    std::string bytes = core::read_file(path, std::min(kFileBytesMax, std::uint64_t{SIZE_MAX}));
    side.told.sha256 = core::crypto::sha256_hex(bytes);
    const std::string text = utf8_text(std::move(bytes), side.told);
    read_rows(text, mapping, redact, meter, side);
    if (!unknown_size) {
        meter.give_back(size);
    }
    return side;
}

std::optional<core::Instant> instant_from_text(std::string_view text, const std::string& zone) {
    if (const auto instant = core::parse_rfc3339(text)) {
        return instant;
    }
    std::string local(text);
    std::replace(local.begin(), local.end(), '/', '-');
    if (local.size() == 19 && local[10] == 'T') {
        local[10] = ' ';
    }
    if (local.size() == 10 && local.find_first_not_of("0123456789") == std::string::npos) {
        return core::Instant(std::chrono::seconds(std::stoll(local)));
    }
    if (local.size() == 10) {
        local += " 00:00:00";
    }
    if (const auto instant = core::parse_local(local, zone)) {
        return instant;
    }
    return core::parse_local_compact(local, zone);
}

}  // namespace reconciliation::matching

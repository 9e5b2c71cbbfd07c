#include "reconciliation/matching/diff_row.h"

#include <algorithm>

#include "core/failure.h"
#include "core/money.h"
#include "core/text/encoding.h"
#include "reconciliation/matching/diff_words.h"
#include "reconciliation/matching/written_number.h"

namespace reconciliation::matching {

using payments::TransactionStatus;
using payments::TransactionType;

std::string_view bare(std::string_view cell) {
    std::string_view text = core::text::trimmed(cell);
    if (!text.empty() && (text.front() == '`' || text.front() == '\'')) {
        text = core::text::trimmed(text.substr(1));
    }
    return text;
}

// One row on its way to a record.
class RowReader::Row {
public:
    Row(const RowReader& reader, const core::text::CsvRow& row) : reader_(reader), row_(row) {}

    Record record() const {
        if (row_.cells.size() != reader_.layout_.width) {
            refuse("row", "has " + std::to_string(row_.cells.size()) + " cells where the header has " +
                              std::to_string(reader_.layout_.width) + "; quote cells that hold the separator");
        }
        Record record;
        record.evidence = reader_.file_ + ":" + std::to_string(row_.line);
        record.position = row_.line;
        read_names(record);
        read_money(record);
        read_state(record);
        return record;
    }

private:
    [[noreturn]] void refuse(std::string_view field, const std::string& what) const {
        throw core::InputError(reader_.file_ + ":" + std::to_string(row_.line) + ": " + std::string(field) + ": " +
                               what);
    }
    [[noreturn]] void refuse(DiffField field, const std::string& what) const { refuse(name_of(field), what); }

    std::string_view text_of(DiffField field) const {
        const auto column = reader_.layout_.columns[static_cast<std::size_t>(field)];
        if (column) {
            return bare(row_.cells[*column]);
        }
        const auto constant = reader_.mapping_.constants.find(field);
        return constant == reader_.mapping_.constants.end() ? std::string_view() : std::string_view(constant->second);
    }

    void read_names(Record& record) const {
        record.channel_txn_id = reader_.redact_(text_of(DiffField::channel_txn_id));
        record.merchant_order_id = reader_.redact_(text_of(DiffField::merchant_order_id));
        record.own_order_id = reader_.redact_(text_of(DiffField::own_order_id));
        if (record.channel_txn_id.empty() && record.merchant_order_id.empty() && record.own_order_id.empty()) {
            refuse(DiffField::channel_txn_id, "is empty, and merchant_order_id too; a row needs one of them");
        }
        const std::string_view word = text_of(DiffField::type);
        if (word.empty() && !reader_.layout_.columns[static_cast<std::size_t>(DiffField::type)]) {
            return;  // a file without types is one of payments
        }
        const auto type = reader_.type_of(word);
        if (!type) {
            refuse(DiffField::type, word.empty() ? "is empty; say payment, refund ..."
                                                 : "is a word that isn't known; translate it in the mapping's [types]");
        }
        record.type = *type;
    }

    core::Result<std::int64_t, core::DecimalError> major_units(std::string_view text, int exponent) const {
        const char decimal = reader_.mapping_.decimal;
        auto minor = core::minor_from_decimal(text, exponent);
        if (decimal != '.' || (!minor && minor.error() == core::DecimalError::not_a_number)) {
            const auto plain = plainly_written(text, decimal);
            minor = plain ? core::minor_from_decimal(*plain, exponent)
                          : core::Refused{text.empty() ? core::DecimalError::empty : core::DecimalError::not_a_number};
        }
        return minor;
    }

    std::int64_t minor_from(DiffField field, std::string_view text, int exponent) const {
        const bool major = reader_.units_ == DiffUnits::major;
        const auto minor = major ? major_units(text, exponent) : core::minor_from_integer(text);
        if (!minor) {
            refuse(field, std::string(core::describe(minor.error())) +
                              (!major ? "; write whole minor units, or say --units major"
                               : reader_.mapping_.decimal == '.' && plainly_written(text, ',')
                                   ? "; write it in major units such as 123.45, or say decimal = \",\" in the mapping"
                                   : "; write it in major units such as 123.45"));
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
        record.status_text = reader_.redact_(word);
        record.status = reader_.status_of(word, record.type);
        const std::string_view time = text_of(DiffField::occurred_at);
        if (!time.empty()) {
            record.occurred_at = instant_from_text(time, reader_.mapping_.time_zone);
            if (!record.occurred_at) {
                refuse(DiffField::occurred_at,
                       "is no time such as 2026-11-18T07:01:04Z or 2026-11-18 15:01:04; or take the column out with "
                       "occurred_at = \"\" in the mapping");
            }
        }
    }

    const RowReader& reader_;
    const core::text::CsvRow& row_;
};

Record RowReader::read(const core::text::CsvRow& row) const { return Row(*this, row).record(); }

std::optional<TransactionType> RowReader::type_of(std::string_view word) const {
    const auto own = mapping_.types.find(normalised_word(word));
    return own != mapping_.types.end() ? std::optional(own->second) : type_from_word(word);
}

std::optional<TransactionStatus> RowReader::status_of(std::string_view word, TransactionType type) const {
    if (word.empty()) {
        return std::nullopt;
    }
    const auto own = mapping_.statuses.find(normalised_word(word));
    return own != mapping_.statuses.end() ? std::optional(own->second) : status_from_word(word, type);
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

#include <algorithm>
#include <map>

#include "core/text/csv.h"
#include "core/text/encoding.h"
#include "payments/bank/formats.h"

namespace payments::bank {
namespace {

using core::text::CsvRow;
using Refusal = core::Refused<StatementRefusal>;

// A column that the configuration names, and where it stands.
class Column {
public:
    Column() = default;
    Column(std::string name, std::size_t at) : name_(std::move(name)), at_(at) {}

    bool there() const { return !name_.empty(); }
    const std::string& name() const { return name_; }
    // Spreadsheets' banks keep long numbers as text by a tab or an apostrophe.
    std::string_view of(const CsvRow& row) const {
        auto cell = core::text::trimmed(row.cells[at_]);
        while (cell.starts_with('\'') || cell.starts_with('`')) {
            cell.remove_prefix(1);
        }
        return core::text::trimmed(cell);
    }

private:
    std::string name_;
    std::size_t at_ = 0;
};

struct Columns {
    Column booked, value, amount, credit, debit, balance, reference, counterparty, description, account;
    std::size_t cells = 0;
};

core::Result<Columns, StatementRefusal> columns_of(const CsvRow& header, const config::BankCsv& csv) {
    Columns columns;
    columns.cells = header.cells.size();
    for (const auto& [name, column] :
         {std::pair{&csv.booked, &columns.booked}, std::pair{&csv.value, &columns.value},
          std::pair{&csv.amount, &columns.amount}, std::pair{&csv.credit, &columns.credit},
          std::pair{&csv.debit, &columns.debit}, std::pair{&csv.balance, &columns.balance},
          std::pair{&csv.reference, &columns.reference}, std::pair{&csv.counterparty, &columns.counterparty},
          std::pair{&csv.description, &columns.description}, std::pair{&csv.account, &columns.account}}) {
        if (name->empty()) {
            continue;
        }
        const auto is_it = [&wanted = *name](const std::string& cell) { return core::text::trimmed(cell) == wanted; };
        const auto found = std::find_if(header.cells.begin(), header.cells.end(), is_it);
        if (found == header.cells.end() || std::find_if(found + 1, header.cells.end(), is_it) != header.cells.end()) {
            return refused(header.line, *name,
                           found == header.cells.end() ? "the column is missing" : "is a column twice",
                           "say in [tenant.bank.csv] what the columns are called");
        }
        *column = Column(*name, static_cast<std::size_t>(found - header.cells.begin()));
    }
    return columns;
}

// "19.11.2026" by "DD.MM.YYYY"; what stands behind it, a time of day, is left out.
std::optional<core::BusinessDay> day_from(std::string_view text, const std::string& format) {
    if (text.size() < format.size()) {
        return std::nullopt;
    }
    const bool ends = text.size() == format.size() || text[format.size()] == ' ' || text[format.size()] == 'T';
    std::map<char, std::string> parts;
    for (std::size_t i = 0; i < format.size(); ++i) {
        const bool is_part = format[i] == 'Y' || format[i] == 'M' || format[i] == 'D';
        if (!ends || (!is_part && text[i] != format[i])) {
            return std::nullopt;
        }
        if (is_part) {
            parts[format[i]] += text[i];
        }
    }
    return core::parse_day(parts['Y'] + "-" + parts['M'] + "-" + parts['D']);
}

class Table {
public:
    Table(const Context& context, Columns columns)
        : context_(context), csv_(context.bank.csv), columns_(std::move(columns)) {}

    std::optional<StatementRefusal> take(const CsvRow& row) {
        if (row.cells.size() != columns_.cells) {
            return at(
                row, "",
                "has " + std::to_string(row.cells.size()) + " cells, the header has " + std::to_string(columns_.cells));
        }
        if (rows_.size() >= kEntriesMax) {
            return at(row, "", "is one of more than a million");
        }
        Row taken;
        auto& entry = taken.entry;
        entry.line = row.line;
        if (auto wrong = take_days(row, entry)) {
            return wrong;
        }
        if (auto wrong = take_amounts(row, taken)) {
            return wrong;
        }
        const auto text = [&](const Column& column) {
            return column.there() ? context_.redact(tidy(column.of(row))) : std::string();
        };
        entry.reference = text(columns_.reference);
        entry.counterparty = text(columns_.counterparty);
        entry.description = text(columns_.description);
        if (columns_.account.there()) {
            const auto account = plain_number(columns_.account.of(row));
            if (!rows_.empty() && account != account_) {
                return at(row, columns_.account.name(), "is another account's number than the row before has");
            }
            account_ = account;
        }
        rows_.push_back(std::move(taken));
        return std::nullopt;
    }

    RawReading finish() && {
        if (csv_.newest_first) {
            std::reverse(rows_.begin(), rows_.end());
        }
        Raw raw{account_, "", 1, true, {.line = 1, .currency = context_.bank.currency}};
        for (auto& row : rows_) {
            auto& statement = raw.statement;
            if (row.balance) {
                const auto before = core::checked_subtract(*row.balance, row.entry.amount_minor);
                if (!before || (statement.closing && statement.closing->minor != *before)) {
                    return refused(
                        row.entry.line, columns_.balance.name(),
                        "isn't the balance before it and its amount; entries are missing, or stand in another order",
                        "say order = \"newest\" when the newest stands first, or fetch it again");
                }
                if (!statement.opening) {
                    statement.opening = Balance{*before, row.entry.booked};
                }
                statement.closing = Balance{*row.balance, row.entry.booked};
            }
            statement.entries.push_back(std::move(row.entry));
        }
        return std::vector<Raw>{std::move(raw)};
    }

private:
    struct Row {
        Entry entry;
        std::optional<std::int64_t> balance;
    };

    static StatementRefusal at(const CsvRow& row, const std::string& field, const std::string& what) {
        return {"", row.line, field, what, "fetch the statement again, or mend [tenant.bank.csv]"};
    }

    std::optional<StatementRefusal> take_days(const CsvRow& row, Entry& entry) const {
        const auto booked = day_from(columns_.booked.of(row), csv_.date_format);
        if (!booked) {
            return at(row, columns_.booked.name(), "is no day as " + csv_.date_format);
        }
        entry.booked = *booked;
        if (columns_.value.there() && !columns_.value.of(row).empty()) {
            entry.value = day_from(columns_.value.of(row), csv_.date_format);
            if (!entry.value) {
                return at(row, columns_.value.name(), "is no day as " + csv_.date_format);
            }
        }
        return std::nullopt;
    }

    // Nothing where it is no amount. An empty cell is zero.
    std::optional<std::int64_t> minor_of(std::string_view text) const {
        std::string digits;
        for (const char c : text) {
            digits += csv_.thousands.find(c) != std::string::npos ? std::string() : std::string(1, c);
        }
        if (digits.empty()) {
            return 0;
        }
        const auto minor = core::minor_from_decimal(digits, context_.bank.currency.exponent());
        return minor ? std::optional(*minor) : std::nullopt;
    }

    std::optional<StatementRefusal> take_amounts(const CsvRow& row, Row& taken) const {
        const auto cell = [&](const Column& column) { return column.there() ? minor_of(column.of(row)) : 0; };
        const auto amount = cell(columns_.amount);
        const auto credit = cell(columns_.credit);
        const auto debit = cell(columns_.debit);
        for (const auto& [minor, column] : {std::pair{&amount, &columns_.amount}, std::pair{&credit, &columns_.credit},
                                            std::pair{&debit, &columns_.debit}}) {
            const bool is_signed = column == &columns_.amount;
            if (!*minor || (!is_signed && **minor < 0) || **minor > core::kMinorMax || **minor < -core::kMinorMax) {
                return at(row, column->name(), "is no amount in major units");
            }
        }
        if (columns_.amount.there() && columns_.amount.of(row).empty()) {
            return at(row, columns_.amount.name(), "is missing");
        }
        if (*credit != 0 && *debit != 0) {
            return at(row, columns_.credit.name(), "stands beside a debit");
        }
        taken.entry.amount_minor = (csv_.credit_positive ? *amount : -*amount) + *credit - *debit;
        if (columns_.balance.there()) {
            taken.balance = columns_.balance.of(row).empty() ? std::nullopt : minor_of(columns_.balance.of(row));
            if (!taken.balance) {
                return at(row, columns_.balance.name(), "is no amount in major units");
            }
        }
        return std::nullopt;
    }

    const Context& context_;
    const config::BankCsv& csv_;
    Columns columns_;
    std::string account_;
    std::vector<Row> rows_;
};

// The text from behind so many lines on, and how many they were.
std::string_view without_head(std::string_view text, std::int64_t lines) {
    for (; lines > 0 && !text.empty(); --lines) {
        const auto end = text.find('\n');
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return text;
}

}  // namespace

RawReading read_csv(std::string_view text, const Context& context) {
    const auto& csv = context.bank.csv;
    std::string converted;
    if (csv.gb18030) {
        auto utf8 = core::text::utf8_from_gbk(text);
        if (!utf8) {
            return refused(0, "", "is not GB18030", "mend encoding in [tenant.bank.csv]");
        }
        converted = std::move(*utf8);
        text = converted;
    } else if (!core::text::is_valid_utf8(text)) {
        return refused(0, "", "is not UTF-8",
                       "say encoding = \"gb18030\" in [tenant.bank.csv] where the bank writes so");
    }
    const auto skipped = static_cast<std::uint64_t>(csv.skip_lines);
    core::text::CsvReader reader(without_head(text, csv.skip_lines), csv.separator);
    std::optional<Table> table;
    while (true) {
        auto row = reader.next();
        if (!row) {
            return refused(row.error().line + skipped, "", row.error().what, "fetch the statement again");
        }
        if (!*row) {
            break;
        }
        (*row)->line += skipped;
        if (!table) {
            auto columns = columns_of(**row, csv);
            if (!columns) {
                return Refusal{columns.error()};
            }
            table.emplace(context, std::move(*columns));
        } else if (auto wrong = table->take(**row)) {
            return Refusal{*wrong};
        }
    }
    return table ? std::move(*table).finish() : RawReading(refused(0, "", "is empty", "fetch the statement again"));
}

}  // namespace payments::bank

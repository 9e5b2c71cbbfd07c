#include "payments/channels/stripe/itemized.h"

#include <algorithm>
#include <utility>

#include "payments/channels/stripe/amounts.h"
#include "payments/channels/stripe/categories.h"
#include "payments/channels/stripe/report_table.h"

namespace payments::stripe {
namespace {

using core::text::CsvRow;
using Refusal = core::Refused<StatementRefusal>;

constexpr std::size_t kDoubledRowsMin = 6;

struct Columns {
    std::size_t transaction, currency, gross, fee, net, category;
    std::optional<std::size_t> created_utc, created, source, charge, intent, order, presented_amount,
        presented_currency, payout;
};

core::Result<Columns, StatementRefusal> find_columns(const ReportTable& table, const std::string& order_key) {
    const auto missing =
        table.missing({"balance_transaction_id", "currency", "gross", "fee", "net", "reporting_category"});
    if (missing) {
        return Refusal{report_refusal(1, *missing, "the column is missing, so this is no itemized report",
                                      "run balance_change_from_activity.itemized with its default columns and "
                                      "source_id, charge_id, customer_facing_amount, customer_facing_currency")};
    }
    Columns at{*table.column("balance_transaction_id"),
               *table.column("currency"),
               *table.column("gross"),
               *table.column("fee"),
               *table.column("net"),
               *table.column("reporting_category"),
               table.column("created_utc"),
               table.column("created"),
               table.column("source_id"),
               table.column("charge_id"),
               table.column("payment_intent_id"),
               table.column("payment_metadata[" + order_key + "]"),
               table.column("customer_facing_amount"),
               table.column("customer_facing_currency"),
               table.column("automatic_payout_id")};
    if (!at.created_utc && !at.created) {
        return Refusal{report_refusal(1, "created", "the column is missing, and created_utc too",
                                      "run the report with the column created_utc")};
    }
    return at;
}

// Reads the rows of one report.
class Rows {
public:
    Rows(const Columns& at, const ItemizedReading& reading) : at_(at), reading_(reading) {}

    // The line, and the day it belongs to.
    core::Result<std::pair<StatementLine, core::BusinessDay>, StatementRefusal> read(const CsvRow& row) const;

private:
    struct Settled {
        core::Money gross;
        core::Money fee;
    };
    struct Dated {
        std::optional<core::Instant> at;
        core::BusinessDay day;
    };

    const std::string& cell(const CsvRow& row, std::optional<std::size_t> column) const;
    core::Result<core::Money, StatementRefusal> amount(const CsvRow& row, const char* field, const std::string& text,
                                                       const std::string& currency) const;
    core::Result<Settled, StatementRefusal> settled(const CsvRow& row) const;
    core::Result<core::Money, StatementRefusal> booked(const CsvRow& row, const Category& category,
                                                       const core::Money& gross) const;
    core::Result<Dated, StatementRefusal> dated(const CsvRow& row) const;
    void identify(StatementLine& line, const CsvRow& row, const Category& category) const;
    void attribute(StatementLine& line, const CsvRow& row, const core::Money& gross) const;

    const Columns& at_;
    const ItemizedReading& reading_;
    std::string empty_;
};

const std::string& Rows::cell(const CsvRow& row, std::optional<std::size_t> column) const {
    return column ? row.cells[*column] : empty_;
}

core::Result<core::Money, StatementRefusal> Rows::amount(const CsvRow& row, const char* field, const std::string& text,
                                                         const std::string& currency) const {
    const auto known = core::Currency::from_code(currency);
    if (!known) {
        return Refusal{report_refusal(row.line, "currency", "is not a currency", "download the report again")};
    }
    const auto money = money_from_report(text, *known);
    if (!money) {
        return Refusal{report_refusal(row.line, field, "is no amount: " + std::string(core::describe(money.error())),
                                      "run the report with the default decimal_separator")};
    }
    return *money;
}

core::Result<Rows::Settled, StatementRefusal> Rows::settled(const CsvRow& row) const {
    const auto& currency = row.cells[at_.currency];
    const auto gross = amount(row, "gross", row.cells[at_.gross], currency);
    if (!gross) {
        return Refusal{gross.error()};
    }
    const auto fee = amount(row, "fee", row.cells[at_.fee], currency);
    if (!fee) {
        return Refusal{fee.error()};
    }
    const auto net = amount(row, "net", row.cells[at_.net], currency);
    if (!net) {
        return Refusal{net.error()};
    }
    const auto expected = gross->minus(*fee);
    if (!expected || *expected != *net) {
        return Refusal{report_refusal(row.line, "net", "is not gross less fee", "download the report again")};
    }
    return Settled{*gross, *fee};
}

// The customer's amount where the category is compared in it, else what the balance changed by. The report's own
// column may come without a sign, so gross lends it.
core::Result<core::Money, StatementRefusal> Rows::booked(const CsvRow& row, const Category& category,
                                                         const core::Money& gross) const {
    const auto& text = cell(row, at_.presented_amount);
    const auto& currency = cell(row, at_.presented_currency);
    if (!category.presented || (text.empty() && currency.empty())) {
        return gross;
    }
    const auto presented = amount(row, "customer_facing_amount", text, currency);
    if (!presented) {
        return Refusal{presented.error()};
    }
    const bool against = (presented->minor() < 0) != (gross.minor() < 0);
    return against && !gross.is_zero() ? core::Money(-presented->minor(), presented->currency()) : *presented;
}

// `created` is local time. Where the clocks go back an hour is there twice: such a row has its day but no instant.
core::Result<Rows::Dated, StatementRefusal> Rows::dated(const CsvRow& row) const {
    const bool utc = at_.created_utc.has_value();
    const auto& text = cell(row, utc ? at_.created_utc : at_.created);
    const auto as_utc = core::parse_local(text, "UTC");
    if (!as_utc) {
        return Refusal{report_refusal(row.line, utc ? "created_utc" : "created",
                                      "is no time of the form YYYY-MM-DD hh:mm:ss", "download the report again")};
    }
    const core::DayCut cut{reading_.time_zone, std::chrono::minutes(0)};
    if (utc) {
        return Dated{as_utc, core::day_of(*as_utc, cut)};
    }
    return Dated{core::parse_local(text, reading_.time_zone), core::day_of(*as_utc, {"UTC", std::chrono::minutes(0)})};
}

// Rows of what no event tells (fees, adjustments) may have no source; their balance transaction then stands for them,
// so that each is somebody. A movement's line without its source column stays without id: `balance_transaction` and
// the order number are what is left to find it by.
void Rows::identify(StatementLine& line, const CsvRow& row, const Category& category) const {
    std::string id = cell(row, at_.source);
    const auto& charge = cell(row, at_.charge);
    if (id.empty() && category.type == TransactionType::payment) {
        id = charge;
    }
    if (id.empty() && (category.type == TransactionType::fee || category.type == TransactionType::adjustment)) {
        id = row.cells[at_.transaction];
    }
    line.channel_txn_id = core::ChannelTxnId(reading_.redact(id));
    line.merchant_order_id = core::MerchantOrderId(reading_.redact(cell(row, at_.order)));
    if (category.type != TransactionType::payment) {
        line.related_txn_id = core::ChannelTxnId(reading_.redact(charge));
    }
}

void Rows::attribute(StatementLine& line, const CsvRow& row, const core::Money& gross) const {
    const auto set = [&](const char* name, const std::string& value) {
        if (!value.empty()) {
            line.attributes[name] = reading_.redact(value);
        }
    };
    set("balance_transaction", row.cells[at_.transaction]);
    set("payment_intent", cell(row, at_.intent));
    set("payout", cell(row, at_.payout));
    const auto& category = row.cells[at_.category];
    set("reporting_category", category);
    set("reverses", category == "dispute_reversal"  ? "dispute"
                    : category == "payout_reversal" ? "payout"
                    : category == "refund_failure"  ? "refund"
                                                    : "");
    if (line.amount != gross) {
        line.attributes["settlement_currency"] = std::string(gross.currency().code());
        line.attributes["settlement_minor"] = std::to_string(gross.minor());
    }
}

core::Result<std::pair<StatementLine, core::BusinessDay>, StatementRefusal> Rows::read(const CsvRow& row) const {
    if (row.cells[at_.transaction].empty()) {
        return Refusal{report_refusal(row.line, "balance_transaction_id", "is empty", "download the report again")};
    }
    const auto money = settled(row);
    if (!money) {
        return Refusal{money.error()};
    }
    const auto category = category_of(row.cells[at_.category]);
    if (category.sign * money->gross.minor() < 0) {
        return Refusal{report_refusal(row.line, "gross", "has the wrong sign for its category",
                                      "ask Stripe about this balance transaction")};
    }
    const auto booked_amount = booked(row, category, money->gross);
    if (!booked_amount) {
        return Refusal{booked_amount.error()};
    }
    const auto when = dated(row);
    if (!when) {
        return Refusal{when.error()};
    }
    StatementLine line{.channel_status = {},
                       .channel_txn_id = {},
                       .merchant_order_id = {},
                       .own_order_id = {},
                       .related_txn_id = {},
                       .amount = *booked_amount,
                       .fee = money->fee,
                       .occurred_at = when->at,
                       .attributes = {},
                       .masked_card = {},
                       .card_fingerprint = {},
                       .member = {}};
    line.type = category.type;
    line.line = row.line;
    if (!category.known) {
        line.channel_status = reading_.redact(row.cells[at_.category]);
    }
    identify(line, row, category);
    attribute(line, row, money->gross);
    return std::pair(std::move(line), when->day);
}

// Only a payout's report is chosen by payouts; the other one may have the column by request.
bool is_payout_reconciliation(std::string_view name, const ReportTable& table) {
    return table.column("automatic_payout_id").has_value() && name.find("balance_change") == std::string_view::npos;
}

// A file whose second half repeats its first: somebody joined it with itself. Single rows that come twice are kept,
// since they are the channel's own mistake and belong on the review list.
bool is_doubled(const std::vector<std::size_t>& hashes) {
    const auto half = static_cast<std::ptrdiff_t>(hashes.size() / 2);
    return hashes.size() >= kDoubledRowsMin && hashes.size() % 2 == 0 &&
           std::equal(hashes.begin(), hashes.begin() + half, hashes.begin() + half);
}

std::size_t hash_of(const CsvRow& row) {
    std::size_t hash = 0;
    for (const auto& cell : row.cells) {
        hash = hash * 1099511628211U + std::hash<std::string>{}(cell);
    }
    return hash;
}

ItemizedReport described(const ReportTable& table, const Columns& at, bool payout_report) {
    ItemizedReport report;
    report.dialect = std::string("stripe ") +
                     (payout_report ? "payout_reconciliation" : "balance_change_from_activity") + " itemized (" +
                     std::to_string(table.width()) + " columns)";
    if (!at.source) {
        report.warnings.emplace_back(
            "the report has no column source_id, so its rows can only be joined by balance transaction or order "
            "number; run it with source_id");
    }
    return report;
}

}  // namespace

core::Result<ItemizedReport, StatementRefusal> read_itemized(std::string_view text, std::string_view name,
                                                             const ItemizedReading& reading, RowPick& pick,
                                                             const DatedLineTaker& take) {
    auto table = ReportTable::open(text);
    if (!table) {
        return Refusal{table.error()};
    }
    const auto columns = find_columns(*table, reading.order_key);
    if (!columns) {
        return Refusal{columns.error()};
    }
    const bool payout_report = is_payout_reconciliation(name, *table);
    auto report = described(*table, *columns, payout_report);
    const Rows rows(*columns, reading);
    std::vector<std::size_t> hashes;
    std::size_t payouts = 0;
    for (;;) {
        const auto row = table->next();
        if (!row) {
            return Refusal{row.error()};
        }
        if (!*row) {
            break;
        }
        if (!pick.wants_next()) {
            continue;
        }
        auto line = rows.read(**row);
        if (!line) {
            return Refusal{line.error()};
        }
        if (pick.all()) {
            hashes.push_back(hash_of(**row));
        }
        if (payout_report && line->first.type == TransactionType::payout) {
            ++payouts;
            continue;
        }
        ++report.lines;
        line->first.begin = table->begin();
        line->first.bytes = table->end() - table->begin();
        line->first.row = pick.row();
        take(std::move(line->first), line->second);
    }
    if (is_doubled(hashes)) {
        return Refusal{report_refusal(0, "", "its second half repeats its first, row by row",
                                      "deliver the report as it was downloaded")};
    }
    if (payouts > 0) {
        report.warnings.push_back(std::to_string(payouts) + " payout rows left out: they are the sum of the others");
    }
    return report;
}

}  // namespace payments::stripe

#include "payments/channels/stripe/summaries.h"

#include <map>
#include <utility>

#include "payments/channels/stripe/amounts.h"

namespace payments::stripe {
namespace {

using core::text::CsvRow;
using Refusal = core::Refused<StatementRefusal>;

constexpr const char* kFetchAgain = "download the report again";

// Opens the table and finds the columns, in the order of `names`.
struct Opened {
    ReportTable table;
    std::vector<std::size_t> at;
};

core::Result<Opened, StatementRefusal> open_with(std::string_view text, const std::vector<std::string>& names) {
    auto table = ReportTable::open(text);
    if (!table) {
        return Refusal{table.error()};
    }
    if (const auto missing = table->missing(names)) {
        return Refusal{report_refusal(1, *missing, "the column is missing", "run the report with its default columns")};
    }
    std::vector<std::size_t> at;
    at.reserve(names.size());
    for (const auto& name : names) {
        at.push_back(*table->column(name));
    }
    return Opened{std::move(*table), std::move(at)};
}

core::Result<core::Money, StatementRefusal> amount(const CsvRow& row, const std::string& field, std::size_t at,
                                                   std::size_t currency_at) {
    const auto currency = core::Currency::from_code(row.cells[currency_at]);
    if (!currency) {
        return Refusal{report_refusal(row.line, "currency", "is not a currency", kFetchAgain)};
    }
    const auto money = money_from_report(row.cells[at], *currency);
    if (!money) {
        return Refusal{report_refusal(row.line, field, "is no amount: " + std::string(core::describe(money.error())),
                                      kFetchAgain)};
    }
    return *money;
}

core::Result<PayoutRow, StatementRefusal> payout_row(const CsvRow& row, const Opened& opened) {
    const auto& at = opened.at;
    const auto gross = amount(row, "gross", at[4], at[3]);
    if (!gross) {
        return Refusal{gross.error()};
    }
    const auto fee = amount(row, "fee", at[5], at[3]);
    if (!fee) {
        return Refusal{fee.error()};
    }
    const auto net = amount(row, "net", at[6], at[3]);
    if (!net) {
        return Refusal{net.error()};
    }
    const auto expected = gross->minus(*fee);
    if (!expected || *expected != *net) {
        return Refusal{report_refusal(row.line, "net", "is not gross less fee", kFetchAgain)};
    }
    const auto status = opened.table.column("payout_status");
    return PayoutRow{row.cells[at[0]],
                     row.cells[at[1]],
                     status ? row.cells[*status] : std::string(),
                     row.cells[at[2]],
                     *gross,
                     *fee,
                     *net,
                     row.line};
}

// Starting balance, activity and payouts less ending balance, by currency: all zero when the summary is whole. The
// rows that break activity and payouts down (gross, fee, available) say nothing new.
bool adds_up(const std::vector<BalanceSummaryRow>& rows) {
    std::map<core::Currency, core::Money> rest;
    for (const auto& row : rows) {
        const bool ending = row.category == "ending_balance";
        if (!ending && row.category != "starting_balance" && row.category != "activity" && row.category != "payouts") {
            continue;
        }
        auto& sum = rest.try_emplace(row.net.currency(), 0, row.net.currency()).first->second;
        const auto next = ending ? sum.minus(row.net) : sum.plus(row.net);
        if (!next) {
            return false;
        }
        sum = *next;
    }
    for (const auto& [currency, sum] : rest) {
        if (!sum.is_zero()) {
            return false;
        }
    }
    return !rest.empty();
}

}  // namespace

std::optional<std::string> summary_kind(const ReportTable& table) {
    if (table.column("payout_id") && table.column("balance_transaction_id")) {
        return "a list of payouts (payouts.itemized)";
    }
    if (table.column("category") && table.column("net_amount")) {
        return "a balance summary (balance.summary)";
    }
    if (table.column("reporting_category") && table.column("count")) {
        return "a summary by category";
    }
    return std::nullopt;
}

core::Result<std::vector<PayoutRow>, StatementRefusal> read_payouts(std::string_view text) {
    auto opened = open_with(
        text, {"payout_id", "balance_transaction_id", "reporting_category", "currency", "gross", "fee", "net"});
    if (!opened) {
        return Refusal{opened.error()};
    }
    std::vector<PayoutRow> rows;
    for (;;) {
        const auto row = opened->table.next();
        if (!row) {
            return Refusal{row.error()};
        }
        if (!*row) {
            return rows;
        }
        auto payout = payout_row(**row, *opened);
        if (!payout) {
            return Refusal{payout.error()};
        }
        rows.push_back(std::move(*payout));
    }
}

core::Result<std::vector<BalanceSummaryRow>, StatementRefusal> read_balance_summary(std::string_view text) {
    auto opened = open_with(text, {"category", "net_amount", "currency"});
    if (!opened) {
        return Refusal{opened.error()};
    }
    std::vector<BalanceSummaryRow> rows;
    for (;;) {
        const auto row = opened->table.next();
        if (!row) {
            return Refusal{row.error()};
        }
        if (!*row) {
            break;
        }
        const auto net = amount(**row, "net_amount", opened->at[1], opened->at[2]);
        if (!net) {
            return Refusal{net.error()};
        }
        rows.push_back({(*row)->cells[opened->at[0]], *net});
    }
    if (!adds_up(rows)) {
        return Refusal{report_refusal(0, "net_amount", "opening, activity and payouts don't give the ending balance",
                                      kFetchAgain)};
    }
    return rows;
}

}  // namespace payments::stripe

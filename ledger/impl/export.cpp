#include "ledger/export.h"

#include <algorithm>
#include <cctype>

#include "core/failure.h"
#include "core/text/csv.h"

namespace ledger {
namespace {

constexpr std::string_view kOpening = "opening";

// A currency that isn't in the ISO table any more has been written with two decimals, as most have.
int exponent_of(const std::string& currency) {
    const auto known = core::Currency::from_code(currency);
    return known ? known->exponent() : 2;
}

std::string amount_text(const StoredLeg& leg) {
    return core::decimal_from_minor(leg.amount_minor, exponent_of(leg.currency));
}

// One line of text: no control characters.
std::string one_line(std::string_view text) {
    std::string line(text);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; }, ' ');
    return line;
}

// hledger ends a description at a semicolon; behind it stands a comment.
std::string hledger_text(std::string_view text) {
    std::string line = one_line(text);
    std::replace(line.begin(), line.end(), ';', ',');
    return line;
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : one_line(text)) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + '"';
}

Account::Kind kind_of(const std::string& account) {
    const auto known = Account::from_name(account);
    core::ensure(known.has_value(), "the books hold accounts of the chart");
    return known->kind();
}

std::string_view root_of(Account::Kind kind) {
    switch (kind) {
        case Account::Kind::asset:
            return "Assets";
        case Account::Kind::liability:
            return "Liabilities";
        case Account::Kind::income:
            return "Income";
        case Account::Kind::expense:
            return "Expenses";
    }
    return "";
}

// hledger calls income revenue.
std::string_view hledger_type(Account::Kind kind) {
    return kind == Account::Kind::income ? "R" : root_of(kind).substr(0, 1);
}

char capital(char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); }

std::string hledger_entry(const StoredEntry& entry) {
    std::string text = "\n" + entry.business_date + " * (" + std::to_string(entry.id.number()) + ") " +
                       hledger_text(entry.event + " | " + entry.description) + "\n";
    if (!entry.source_key.empty()) {
        text += "    ; source: " + one_line(entry.source_key) +
                "\n    ; occurred: " + core::format_rfc3339(entry.occurred_at) + "\n";
    }
    for (const auto& leg : entry.legs) {
        text += "    " + leg.account + "  " + leg.currency + " " + amount_text(leg) + "\n";
    }
    return text;
}

std::string beancount_entry(const StoredEntry& entry) {
    std::string text =
        "\n" + entry.business_date + " * " + quoted(entry.event) + " " + quoted(entry.description) + "\n";
    text += "  entry: " + quoted(std::to_string(entry.id.number())) + "\n";
    if (!entry.source_key.empty()) {
        text += "  source: " + quoted(entry.source_key) +
                "\n  occurred: " + quoted(core::format_rfc3339(entry.occurred_at)) + "\n";
    }
    for (const auto& leg : entry.legs) {
        text += "  " + beancount_account(leg.account) + "  " + amount_text(leg) + " " + leg.currency + "\n";
    }
    return text;
}

std::string csv_entry(const StoredEntry& entry) {
    using core::text::csv_text_cell;
    std::string common = std::to_string(entry.id.number()) + "," + entry.business_date + ",";
    // An opening happened at no moment of its own.
    common += entry.source_key.empty()
                  ? std::string(",")
                  : core::format_rfc3339(entry.occurred_at) + "," + core::format_rfc3339(entry.recorded_at);
    common += "," + csv_text_cell(entry.event) + "," + csv_text_cell(entry.source_key) + "," +
              csv_text_cell(entry.group_key) + "," + csv_text_cell(entry.description) + ",";
    std::string text;
    for (const auto& leg : entry.legs) {
        text += common + std::to_string(leg.number) + "," + csv_text_cell(leg.account) + "," +
                std::string(name_of(kind_of(leg.account))) + "," + leg.currency + "," +
                std::to_string(leg.amount_minor) + "\r\n";
    }
    return text;
}

}  // namespace

std::optional<ExportFormat> export_format(std::string_view name) {
    if (name == "hledger") {
        return ExportFormat::hledger;
    }
    if (name == "beancount") {
        return ExportFormat::beancount;
    }
    return name == "csv" ? std::optional(ExportFormat::csv) : std::nullopt;
}

std::string beancount_account(std::string_view account) {
    std::string name(root_of(kind_of(std::string(account))));
    bool begins = true;
    name += ':';
    for (const char c : account) {
        if (c == ':') {
            name += c;
        } else if (c == '-' || c == '_') {
            // A word can't begin with a hyphen: two capitals, which no other word begins with, stand for it.
            name += begins ? (c == '-' ? "DD" : "UU") : (c == '-' ? "-D" : "-");
        } else {
            name += begins ? capital(c) : c;
        }
        begins = c == ':';
    }
    return name;
}

JournalExport::JournalExport(ExportFormat format, const core::TenantId& tenant)
    : format_(format), tenant_(tenant.text()) {}

std::string JournalExport::head() const {
    switch (format_) {
        case ExportFormat::hledger:
            return "; The books of " + tenant_ + ", from duizhang. Debit above zero, credit below.\n";
        case ExportFormat::beancount:
            return ";; The books of " + tenant_ +
                   ", from duizhang. Debit above zero, credit below.\noption \"title\" " + quoted(tenant_) + "\n";
        case ExportFormat::csv:
            return "\xEF\xBB\xBF"
                   "entry,business_date,occurred_at,recorded_at,event,source_key,group_key,description,leg,account,"
                   "kind,"
                   "currency,amount_minor\r\n";
    }
    return "";
}

std::string JournalExport::opening(core::BusinessDay day, const std::vector<AccountBalance>& balances) {
    StoredEntry stood{core::EntryId(0),
                      std::string(kOpening),
                      "",
                      "",
                      "what stood on the accounts before",
                      {},
                      core::format_day(day),
                      {},
                      {}};
    for (const auto& row : balances) {
        if (row.balance_minor() != 0) {
            stood.legs.push_back(
                {static_cast<int>(stood.legs.size()) + 1, row.account, row.currency, row.balance_minor()});
        }
    }
    return stood.legs.empty() ? "" : entry(stood);
}

std::string JournalExport::entry(const StoredEntry& entry) { return declarations(entry.legs) + body(entry); }

std::string JournalExport::declarations(const std::vector<StoredLeg>& legs) {
    std::string text;
    if (format_ == ExportFormat::csv) {
        return text;
    }
    const bool for_hledger = format_ == ExportFormat::hledger;
    for (const auto& leg : legs) {
        // hledger shows what it isn't told about with as many decimals as it meets.
        if (for_hledger && declared_.insert(leg.currency).second) {
            text += "\ncommodity " + leg.currency + " 1000." +
                    std::string(static_cast<std::size_t>(exponent_of(leg.currency)), '0') + "\n";
        }
        if (declared_.insert(leg.account).second) {
            text += for_hledger ? "\naccount " + leg.account +
                                      "  ; type:" + std::string(hledger_type(kind_of(leg.account))) + "\n"
                                : "\n1970-01-01 open " + beancount_account(leg.account) + "\n";
        }
    }
    return text;
}

std::string JournalExport::body(const StoredEntry& entry) const {
    switch (format_) {
        case ExportFormat::hledger:
            return hledger_entry(entry);
        case ExportFormat::beancount:
            return beancount_entry(entry);
        case ExportFormat::csv:
            return csv_entry(entry);
    }
    return "";
}

}  // namespace ledger

#include "payments/bank/simulator.h"

#include <cstdlib>

#include "core/failure.h"
#include "core/text/csv.h"
#include "core/text/encoding.h"

namespace payments::bank {
namespace {

std::string major(std::int64_t minor, const config::Bank& bank) {
    return core::decimal_from_minor(minor, bank.currency.exponent());
}

std::int64_t closing_of(const SimulatedStatement& statement) {
    std::int64_t sum = statement.opening_minor + statement.closing_off_by_minor;
    for (const auto& entry : statement.entries) {
        sum += entry.amount_minor;
    }
    return sum;
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
    }
    return out;
}

std::string element(const std::string& name, const std::string& text) {
    return "<" + name + ">" + text + "</" + name + ">";
}

std::string camt_amount(std::int64_t minor, const config::Bank& bank) {
    return "<Amt Ccy=\"" + std::string(bank.currency.code()) + "\">" + major(std::llabs(minor), bank) + "</Amt>" +
           element("CdtDbtInd", minor < 0 ? "DBIT" : "CRDT");
}

std::string camt_balance(const char* kind, std::int64_t minor, core::BusinessDay day, const config::Bank& bank) {
    return "<Bal>" + element("Tp", element("CdOrPrtry", element("Cd", kind))) + camt_amount(minor, bank) +
           element("Dt", element("Dt", core::format_day(day))) + "</Bal>\n";
}

std::string camt_entry(const SimulatedEntry& entry, const config::Bank& bank) {
    const std::string role = entry.amount_minor < 0 ? "Cdtr" : "Dbtr";
    return "<Ntry>" + camt_amount(entry.amount_minor, bank) + element("Sts", "BOOK") +
           element("BookgDt", element("Dt", core::format_day(entry.booked))) +
           element("ValDt", element("Dt", core::format_day(entry.booked))) +
           element("AcctSvcrRef", escaped(entry.reference)) +
           element("NtryDtls",
                   element("TxDtls", element("RltdPties", element(role, element("Nm", escaped(entry.counterparty)))) +
                                         element("RmtInf", element("Ustrd", escaped(entry.description))))) +
           "</Ntry>\n";
}

std::string camt053(const config::Bank& bank, const SimulatedStatement& statement) {
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt>\n<Stmt>" +
        element("Id", "S" + std::to_string(statement.number)) +
        element("ElctrncSeqNb", std::to_string(statement.number)) +
        element("Acct", element("Id", element("Othr", element("Id", bank.number)))) + "\n" +
        camt_balance("OPBD", statement.opening_minor, statement.day, bank) +
        camt_balance("CLBD", closing_of(statement), statement.day, bank);
    for (const auto& entry : statement.entries) {
        out += camt_entry(entry, bank);
    }
    return out + "</Stmt>\n</BkToCstmrStmt></Document>\n";
}

std::string six_digits(core::BusinessDay day) {
    const auto text = core::format_day(day);
    return text.substr(2, 2) + text.substr(5, 2) + text.substr(8, 2);
}

std::string comma(std::int64_t minor, const config::Bank& bank) {
    auto text = major(std::llabs(minor), bank);
    const auto point = text.find('.');
    return point == std::string::npos ? text + "," : text.replace(point, 1, ",");
}

std::string mt_balance(const char* tag, std::int64_t minor, core::BusinessDay day, const config::Bank& bank) {
    return std::string(":") + tag + ":" + (minor < 0 ? "D" : "C") + six_digits(day) +
           std::string(bank.currency.code()) + comma(minor, bank) + "\r\n";
}

std::string mt940(const config::Bank& bank, const SimulatedStatement& statement) {
    std::string out = ":20:S" + std::to_string(statement.number) + "\r\n:25:" + bank.number +
                      "\r\n:28C:" + std::to_string(statement.number) + "/1\r\n" +
                      mt_balance("60F", statement.opening_minor, statement.day, bank);
    for (const auto& entry : statement.entries) {
        const auto day = six_digits(entry.booked);
        out += ":61:" + day + day.substr(2) + (entry.amount_minor < 0 ? "D" : "C") + comma(entry.amount_minor, bank) +
               "NTRFNONREF//" + entry.reference + "\r\n:86:166?00BOOKED?20" + entry.description + "?32" +
               entry.counterparty + "\r\n";
    }
    return out + mt_balance("62F", closing_of(statement), statement.day, bank) + "-\r\n";
}

std::string formatted(core::BusinessDay day, std::string format) {
    const auto text = core::format_day(day);
    format.replace(format.find("YYYY"), 4, text.substr(0, 4));
    format.replace(format.find("MM"), 2, text.substr(5, 2));
    return format.replace(format.find("DD"), 2, text.substr(8, 2));
}

std::string csv(const config::Bank& bank, const SimulatedStatement& statement) {
    const auto& form = bank.csv;
    std::string out;
    const auto add_row = [&](const std::vector<std::string>& cells) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            out += (i == 0 ? "" : std::string(1, form.separator)) + core::text::csv_raw_cell(cells[i]);
        }
        out += "\r\n";
    };
    add_row({form.booked, form.amount, form.balance, form.reference, form.counterparty, form.description});
    std::int64_t balance = statement.opening_minor;
    for (const auto& entry : statement.entries) {
        balance += entry.amount_minor;
        const bool is_last = &entry == &statement.entries.back();
        add_row({formatted(entry.booked, form.date_format),
                 major(form.credit_positive ? entry.amount_minor : -entry.amount_minor, bank),
                 major(balance + (is_last ? statement.closing_off_by_minor : 0), bank), entry.reference,
                 entry.counterparty, entry.description});
    }
    if (!form.gb18030) {
        return out;
    }
    auto encoded = core::text::gbk_from_utf8(out);
    core::ensure(encoded.has_value(), "every text has a form in GB18030");
    return *encoded;
}

}  // namespace

StatementFile write_statement(const config::Bank& bank, const SimulatedStatement& statement) {
    const auto name = bank.name + "-" + core::format_day(statement.day);
    switch (bank.format) {
        case config::BankFormat::camt053:
            return {name + ".xml", camt053(bank, statement)};
        case config::BankFormat::mt940:
            return {name + ".sta", mt940(bank, statement)};
        case config::BankFormat::csv:
            return {name + ".csv", csv(bank, statement)};
    }
    return {};
}

config::BankCsv simulated_csv() {
    config::BankCsv csv;
    csv.booked = "交易日期";
    csv.amount = "交易金额";
    csv.balance = "账户余额";
    csv.reference = "交易流水号";
    csv.counterparty = "对方户名";
    csv.description = "摘要";
    return csv;
}

}  // namespace payments::bank

// [[tenant.bank]]: an account at a bank whose statements are read, and the channels that settle into it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/calendar.h"
#include "core/money.h"
#include "core/time.h"

namespace config {

enum class BankFormat { camt053, mt940, csv };

// [tenant.bank.csv]: which column says what. A column is named as in the header.
struct BankCsv {
    std::string booked;   // the booking day; required
    std::string value;    // the value day
    std::string amount;   // signed; or credit and debit
    std::string credit;   // what came in, above zero
    std::string debit;    // what went out, above zero
    std::string balance;  // after the entry; without it nothing proves the statement whole
    std::string reference;
    std::string counterparty;
    std::string description;
    std::string account;  // the account's number, held against [[tenant.bank]] number
    std::string date_format = "YYYY-MM-DD";
    bool credit_positive = true;  // sign = "debit": what went out is above zero
    bool newest_first = false;
    bool gb18030 = false;  // encoding = "gb18030"; else UTF-8
    char separator = ',';
    std::int64_t skip_lines = 0;  // before the header
    std::string thousands;        // a separator to leave out of amounts: "" or ","
};

// How one channel's settlements are recognised among the account's entries, and when they are due.
struct BankSettlement {
    std::string channel;
    std::vector<std::string> contains;       // one of these stands in reference, counterparty or description
    std::int64_t days = 1;                   // T+N, in the bank's business days
    bool told_by_payouts = false;            // the channel tells of payouts, so its days are those of bank:CHANNEL
    std::optional<core::BusinessDay> since;  // days before were settled before the books began
};

struct Bank {
    std::string name;  // books on bank:NAME
    core::Currency currency;
    std::string number{};  // letters and digits alone, upper case
    BankFormat format = BankFormat::camt053;
    BankCsv csv{};
    std::vector<BankSettlement> settlements{};
    std::shared_ptr<const BusinessCalendar> days{};  // null: Monday to Friday
};

}  // namespace config

// Plays a bank for the demo and the tests: writes a day's statement in each of the formats that are read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/bank.h"
#include "core/time.h"
#include "payments/channel.h"

namespace payments::bank {

struct SimulatedEntry {
    core::BusinessDay booked{};
    std::int64_t amount_minor = 0;
    std::string reference;
    std::string counterparty;
    std::string description;
};

struct SimulatedStatement {
    core::BusinessDay day{};
    std::int64_t number = 1;
    std::int64_t opening_minor = 0;
    std::vector<SimulatedEntry> entries;
    std::int64_t closing_off_by_minor = 0;  // the closing balance lies by so much
};

// In the bank's format; a CSV has the columns and the form that the configuration says.
StatementFile write_statement(const config::Bank& bank, const SimulatedStatement& statement);

// What every CSV of the simulator's banks has for columns: booked, amount, balance, reference, counterparty,
// description.
config::BankCsv simulated_csv();

}  // namespace payments::bank

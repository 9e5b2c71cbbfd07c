// What the tests of bank statements share.
#pragma once

#include <string>
#include <vector>

#include "payments/bank/simulator.h"
#include "payments/bank/statement.h"

namespace payments::bank::test {

inline core::BusinessDay day(const char* text) { return *core::parse_day(text); }

inline config::Bank account(config::BankFormat format) {
    config::Bank bank{"main", *core::Currency::from_code("CNY")};
    bank.number = "6222000012345678";
    bank.format = format;
    if (format == config::BankFormat::csv) {
        bank.csv = simulated_csv();
    }
    return bank;
}

inline Reading read(const config::Bank& bank, const std::vector<StatementFile>& files) {
    return read_statements(files, {bank, [](std::string_view text) { return std::string(text); }});
}
inline Reading read(const config::Bank& bank, const std::string& text) { return read(bank, {{"bank", text}}); }

// "read", or the refusal as people get it.
inline std::string outcome(const Reading& reading) { return reading ? "read" : reading.error().message(); }

inline std::string replaced(std::string text, const std::string& old, const std::string& with) {
    const auto at = text.find(old);
    if (at == std::string::npos) {
        throw std::logic_error("the text has it: " + old);
    }
    return text.replace(at, old.size(), with);
}

// Two that came in, one that went out.
inline SimulatedStatement a_day(const char* date = "2026-11-19", std::int64_t number = 7,
                                std::int64_t opening = 100'00) {
    return {day(date),
            number,
            opening,
            {{day(date), 1234'56, "R-1", "财付通 TENPAY", "settlement 1118"},
             {day(date), -20'00, "R-2", "Bank", "fee <&>"},
             {day(date), 5, "R-3", "Somebody", ""}},
            0};
}

}  // namespace payments::bank::test
